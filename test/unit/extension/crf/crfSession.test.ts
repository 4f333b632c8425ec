/** A CRF session at work: what is computed when, which layer is drawn, what is told of the probe. */
import { beforeEach, describe, expect, test } from 'vitest';
import { InspectorError } from '../../../../src/core/problem';
import { CrfSession } from '../../../../src/extension/crf/crfSession';
import { type FakeServices, fakeServices, run, settings, settled, slowly, weight } from './crfSessionSupport';

let services: FakeServices;
let session: CrfSession;

beforeEach(() => {
	services = fakeServices();
	session = new CrfSession(run.info, settings, services);
});

const view = () => session.view([]);

describe('between a mask and all that it came from', () => {
	/** How the rest ends. */
	let end: (() => void) | undefined;

	beforeEach(() => {
		end = undefined;
		services.restAfterMask.mockImplementation(
			(signal) =>
				new Promise((resolve) => {
					end = resolve;
					signal.addEventListener('abort', () => resolve());
				}),
		);
	});

	test('the mask is shown, and the rest of it waits', async () => {
		await session.open();
		session.watch(true);
		await settled();
		expect(services.showCrf).toHaveBeenCalledTimes(1);
		expect(services.refine).not.toHaveBeenCalled();
		end!();
		await settled();
		expect(services.refine).toHaveBeenCalledTimes(1);
	});

	test('a slider that moves on has its next mask, and nothing else was begun', async () => {
		await session.open();
		session.watch(true);
		await settled();
		const moved = { ...settings, parameters: { ...settings.parameters, bilateralWeight: 8 } };
		session.setSettings(moved);
		await settled();
		expect(services.mask.mock.calls.map(([task]) => task.settings)).toEqual([settings, moved]);
		expect(services.refine).not.toHaveBeenCalled();
		end!();
		await settled();
		expect(services.refine.mock.calls.map(([of]) => of)).toEqual([moved]);
	});

	test('whoever waits without looking does not wait for that', async () => {
		await session.open();
		await session.refined();
		expect(services.restAfterMask).not.toHaveBeenCalled();
	});
});

describe('a session', () => {
	test('computes nothing as long as nobody looks', async () => {
		await session.open();
		session.setSettings(weight(1));
		await settled();
		expect(services.refine).not.toHaveBeenCalled();
		session.watch(true);
		await settled();
		expect(services.refine).toHaveBeenCalledTimes(1);
		expect(services.refine.mock.calls[0]![0]).toEqual(weight(1));
	});

	test('shows the last iteration and what changed against the network’s mask', async () => {
		await session.open();
		session.watch(true);
		await settled();
		const { labels } = run.tensors;
		const { inspector } = session;
		expect(inspector).toMatchObject({ runId: 'a', iteration: 2, settings });
		expect([...inspector!.labels.subarray(0, 3)]).toEqual([1, 1, 0]);
		expect(inspector!.entropyAfter![0]).toBe(20);
		expect(inspector!.changedPixels).toBe(inspector!.labels.filter((label, i) => label !== labels[i]).length);
		expect(view()).toMatchObject({
			activity: { kind: 'idle' },
			iteration: 2,
			layer: 'mask',
			ahead: undefined,
			outcome: { settings, changedPixels: inspector!.changedPixels, threads: 1, width: 5, height: 4 },
		});
		// With the mask the lattices were built that the rest used.
		expect(view().outcome?.timings).toEqual({ prepare: 11, lattice: 22, iterations: 3 });
	});

	test('shows the mask first, and what it came from when that is there; neither is told twice', async () => {
		const { end, endMask } = slowly(services);
		await session.open();
		session.watch(true);
		expect(view().activity).toMatchObject({ kind: 'running', stage: 'mask', iteration: undefined });
		expect(services.mask.mock.calls[0]![0]).toEqual({ kind: 'mask', settings, iteration: 2, entropy: false });
		await endMask();
		const [first] = services.showCrf.mock.calls[0]!;
		expect([...first.labels!.subarray(0, 3)]).toEqual([1, 1, 0]);
		expect(first).not.toHaveProperty('entropyAfter');
		expect(view()).toMatchObject({
			activity: { kind: 'running', stage: 'iterations', iteration: 0 },
			outcome: undefined,
			ahead: { settings, changedPixels: first.changedPixels },
		});
		end();
		await settled();
		const [second] = services.showCrf.mock.calls[1]!;
		expect(second).not.toHaveProperty('labels');
		expect(second.entropyAfter![0]).toBe(20);
		expect(services.showCrf).toHaveBeenCalledTimes(2);
		expect(view()).toMatchObject({ activity: { kind: 'idle' }, ahead: undefined, outcome: { settings } });
		// A scrubbed iteration is a mask alone.
		session.setIteration(1);
		await settled();
		const [third] = services.showCrf.mock.calls[2]!;
		expect([...third.labels!.subarray(0, 2)]).toEqual([1, 0]);
		expect(third).not.toHaveProperty('entropyBefore');
		expect(third).not.toHaveProperty('entropyAfter');
	});

	test('tells all again to a page that was loaded anew', async () => {
		await session.open();
		session.watch(true);
		await settled();
		session.pageIsReady();
		session.setIteration(1);
		await settled();
		expect(services.showCrf.mock.lastCall![0].entropyAfter![0]).toBe(20);
	});

	test('has the entropy with the mask where that is looked at', async () => {
		await session.open();
		session.watch(true);
		await settled();
		session.reportLayer('entropyAfter');
		const { endMask } = slowly(services);
		session.setSettings(weight(1));
		expect(services.mask.mock.lastCall![0].entropy).toBe(true);
		await endMask();
		expect(services.showCrf.mock.lastCall![0].entropyAfter![0]).toBe(77);
	});

	test('of a slider’s moves computes the last, and does not queue those between', async () => {
		const { end, endMask } = slowly(services);
		await session.open();
		session.watch(true);
		for (const value of [5, 6, 7, 8]) {
			session.setSettings(weight(value));
		}
		await settled();
		await endMask();
		end();
		await settled();
		expect(services.mask.mock.calls.map(([{ settings: of }]) => of.parameters.bilateralWeight)).toEqual([4, 8]);
		expect(services.refine.mock.calls.map(([of]) => of.parameters.bilateralWeight)).toEqual([8]);
		expect(view().outcome?.settings).toEqual(weight(8));
		expect(services.report).not.toHaveBeenCalled();
	});

	test('lets a quick mask come to its end while the slider moves on, but not what comes behind it', async () => {
		await session.open();
		session.watch(true);
		await settled();
		services.showCrf.mockClear();
		const { end, endMask } = slowly(services);
		session.setSettings(weight(5));
		session.setSettings(weight(6));
		session.setSettings(weight(7));
		await endMask();
		expect(services.showCrf.mock.lastCall![0].settings).toEqual(weight(5));
		expect(view()).toMatchObject({ ahead: { settings: weight(5) }, outcome: { settings }, settings: weight(7) });
		await endMask();
		expect(view()).toMatchObject({ ahead: { settings: weight(7) }, activity: { stage: 'iterations' } });
		const { signal } = services.refine.mock.lastCall![1];
		session.setSettings(weight(8));
		expect(signal.aborted).toBe(true);
		await settled();
		await endMask();
		end();
		await settled();
		expect(view()).toMatchObject({ ahead: undefined, outcome: { settings: weight(8) } });
		expect(services.refine.mock.calls.map(([of]) => of.parameters.bilateralWeight)).toEqual([4, 7, 8]);
	});

	test('back at settings whose result is held, shows that at once and computes nothing', async () => {
		await session.open();
		session.watch(true);
		await settled();
		const { endMask } = slowly(services);
		session.setSettings(weight(5));
		session.setSettings(settings);
		await endMask();
		expect(view()).toMatchObject({ ahead: undefined, outcome: { settings }, activity: { kind: 'idle' } });
		session.setSettings(weight(6));
		await endMask();
		expect(view().ahead?.settings).toEqual(weight(6));
		session.setSettings(settings);
		await settled();
		expect(view()).toMatchObject({ ahead: undefined, outcome: { settings }, activity: { kind: 'idle' } });
		expect(session.inspector?.settings).toEqual(settings);
	});

	test('of fewer iterations shows the mask that is held', async () => {
		await session.open();
		session.watch(true);
		await settled();
		services.mask.mockClear();
		slowly(services);
		const fewer = { ...settings, parameters: { ...settings.parameters, iterations: 1 } };
		session.setSettings(fewer);
		await settled();
		expect(services.mask).not.toHaveBeenCalled();
		expect(session.inspector).toMatchObject({ settings: fewer, iteration: 1 });
		expect([...session.inspector!.labels.subarray(0, 2)]).toEqual([1, 0]);
		expect(services.refine.mock.lastCall![0]).toEqual(fewer);
	});

	test('is about to begin while it is opened, and where it will be watched in a moment', async () => {
		const opening = session.open();
		expect(view().activity).toEqual({ kind: 'pending' });
		await opening;
		expect(view().activity).toEqual({ kind: 'idle' });
		session.expectWatch();
		expect(view().activity).toEqual({ kind: 'pending' });
		session.watch(false);
		expect(view().activity).toEqual({ kind: 'idle' });
		session.expectWatch();
		session.watch(true);
		expect(view().activity.kind).toBe('running');
	});

	test('scrubs through the iterations without the worker', async () => {
		await session.open();
		session.watch(true);
		await settled();
		session.setIteration(1);
		await settled();
		expect(services.refine).toHaveBeenCalledTimes(1);
		expect(services.showCrf.mock.lastCall![0].iteration).toBe(1);
		expect(session.mask!.subarray(0, 2)).toEqual(Uint8Array.of(1, 0));
		// At the end it stays at the end, however many there are.
		session.setIteration(2);
		session.setSettings({ ...settings, parameters: { ...settings.parameters, iterations: 5 } });
		await settled();
		expect(view().iteration).toBe(5);
	});
});

describe('the layer', () => {
	test('goes to the mask after when a slider moves, once there is one', async () => {
		const { endMask } = slowly(services);
		await session.open();
		session.watch(true);
		session.setSettings(weight(1));
		expect(view().layer).toBe('after');
		expect(services.showLayer).not.toHaveBeenCalled();
		await settled();
		await endMask();
		expect(services.showLayer.mock.calls).toEqual([['after']]);
		expect(services.showCrf.mock.invocationCallOrder[0]).toBeLessThan(services.showLayer.mock.invocationCallOrder[0]!);
	});

	test('stays what the page was set to, where that shows the CRF', async () => {
		await session.open();
		session.watch(true);
		await settled();
		session.reportLayer('swipe');
		session.setSettings(weight(1));
		await settled();
		expect(view().layer).toBe('swipe');
		expect(services.showLayer).not.toHaveBeenCalled();
		session.reportLayer('picture');
		session.setSettings(weight(2));
		expect(services.showLayer.mock.calls).toEqual([['after']]);
	});
});

describe('the probe', () => {
	test('is computed at the iteration shown, anew when it or the iteration moves', async () => {
		await session.open();
		session.watch(true);
		session.setProbe({ x: 1, y: 2 });
		await settled();
		expect(view().probe).toMatchObject({ x: 1, y: 2, iteration: 2 });
		session.setIteration(1);
		expect(view().probe).toBeUndefined();
		await settled();
		expect(view().probe).toMatchObject({ x: 1, y: 2, iteration: 1 });
		session.setProbe(undefined);
		expect(view().probe).toBeUndefined();
	});

	test('that fails is missing, and not tried for ever', async () => {
		services.probe.mockRejectedValue(new InspectorError({ code: 'internal', detail: 'x' }));
		await session.open();
		session.watch(true);
		session.setProbe({ x: 1, y: 2 });
		await settled();
		session.setIteration(2);
		await settled();
		expect(services.probe).toHaveBeenCalledTimes(1);
		expect(view()).toMatchObject({ probe: undefined, activity: { kind: 'idle' } });
	});

	test('has its ties drawn until they are ended or it is unpinned', async () => {
		await session.open();
		session.watch(true);
		session.setProbe({ x: 1, y: 2 });
		session.drawTies('bilateral');
		await settled();
		expect(services.showTies.mock.lastCall![0]).toMatchObject({ kernel: 'bilateral', x: 1, y: 2 });
		expect(view()).toMatchObject({ ties: 'bilateral', largestTie: 0.5 });
		session.setProbe(undefined);
		expect(services.showTies.mock.lastCall![0]).toBeNull();
		session.setProbe({ x: 3, y: 3 });
		await settled();
		expect(services.showTies.mock.lastCall![0]).toMatchObject({ x: 3, y: 3 });
		session.drawTies(undefined);
		expect(services.showTies.mock.lastCall![0]).toBeNull();
		expect(view()).toMatchObject({ ties: undefined, largestTie: undefined });
	});
});
