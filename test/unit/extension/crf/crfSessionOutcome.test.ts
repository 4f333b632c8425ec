/** What becomes of a CRF session’s result: it fails, somebody waits for it, it is kept. */
import { beforeEach, describe, expect, test } from 'vitest';
import { InspectorError } from '../../../../src/core/problem';
import { CrfSession } from '../../../../src/extension/crf/crfSession';
import { type FakeServices, fakeServices, keptOf, run, settings, settled, slowly, weight } from './crfSessionSupport';

let services: FakeServices;
let session: CrfSession;

beforeEach(() => {
	services = fakeServices();
	session = new CrfSession(run.info, settings, services);
});

const view = () => session.view([]);

describe('a failure', () => {
	test('is told once, in the view, and these settings are not tried again until retry', async () => {
		services.refine.mockRejectedValueOnce(new InspectorError({ code: 'crf.tooLarge', detail: '5 GB' }));
		await session.open();
		session.watch(true);
		await settled();
		expect(view().activity).toEqual({ kind: 'failed', message: 'crf.tooLarge' });
		session.setIteration(0);
		await settled();
		expect(services.refine).toHaveBeenCalledTimes(1);
		expect(services.report).toHaveBeenCalledTimes(1);
		session.retry();
		await settled();
		expect(view()).toMatchObject({ activity: { kind: 'idle' }, outcome: { settings } });
	});

	test('ends with other settings, and the result before it stays', async () => {
		await session.open();
		session.watch(true);
		await settled();
		services.refine.mockRejectedValueOnce(new InspectorError({ code: 'worker.crashed', detail: 'gone' }));
		session.setSettings(weight(9));
		await settled();
		expect(view()).toMatchObject({ activity: { kind: 'failed' }, outcome: { settings } });
		session.setSettings(weight(8));
		await settled();
		expect(view()).toMatchObject({ activity: { kind: 'idle' }, outcome: { settings: weight(8) } });
	});

	test('of the mask is told as that of the whole: its iterations are not tried', async () => {
		services.mask.mockRejectedValueOnce(new InspectorError({ code: 'crf.tooLarge', detail: '5 GB' }));
		await session.open();
		session.watch(true);
		await settled();
		expect(view().activity).toEqual({ kind: 'failed', message: 'crf.tooLarge' });
		expect(services.refine).not.toHaveBeenCalled();
		expect(services.report).toHaveBeenCalledTimes(1);
		session.retry();
		await settled();
		expect(view()).toMatchObject({ activity: { kind: 'idle' }, outcome: { settings } });
	});

	test('a cancel stops, says nothing, and a moved slider begins again', async () => {
		const { end, endMask } = slowly(services);
		await session.open();
		session.watch(true);
		session.cancel();
		await settled();
		expect(view().activity).toEqual({ kind: 'idle' });
		expect(services.report).not.toHaveBeenCalled();
		expect(services.mask).toHaveBeenCalledTimes(1);
		expect(services.refine).not.toHaveBeenCalled();
		session.setSettings(weight(1));
		await settled();
		await endMask();
		session.cancel();
		await settled();
		expect(view()).toMatchObject({ activity: { kind: 'idle' }, ahead: { settings: weight(1) }, outcome: undefined });
		session.setSettings(weight(2));
		await settled();
		await endMask();
		end();
		await settled();
		expect(view().outcome?.settings).toEqual(weight(2));
	});
});

describe('refined', () => {
	test('computes without anybody looking, and gives what was found', async () => {
		const outcome = await session.refined();
		expect(outcome.settings).toEqual(settings);
		expect(services.showCrf).toHaveBeenCalledTimes(1);
		expect(await session.refined()).toEqual(outcome);
		expect(services.refine).toHaveBeenCalledTimes(1);
	});

	test('is cancelled where other settings take their place', async () => {
		const { end } = slowly(services);
		await session.open();
		const first = session.refined();
		const failed = expect(first).rejects.toMatchObject({ problem: { code: 'cancelled' } });
		await settled();
		session.setSettings(weight(1));
		const second = session.refined();
		await settled();
		end();
		await failed;
		expect((await second).settings).toEqual(weight(1));
	});

	test('fails with the problem', async () => {
		services.refine.mockRejectedValueOnce(new InspectorError({ code: 'crf.tooLarge', detail: '5 GB' }));
		await expect(session.refined()).rejects.toMatchObject({ problem: { code: 'crf.tooLarge' } });
		expect((await session.refined()).settings).toEqual(settings);
	});

	test('of a session that ends is cancelled', async () => {
		slowly(services);
		await session.open();
		const failed = expect(session.refined()).rejects.toMatchObject({ problem: { code: 'cancelled' } });
		await settled();
		await session.dispose();
		await failed;
	});
});

describe('keeping', () => {
	test('keeps the last result, once, when nothing changes any more', async () => {
		await session.open();
		session.watch(true);
		await settled();
		session.setSettings(weight(1));
		await settled();
		expect(services.keep).not.toHaveBeenCalled();
		await session.flush();
		await session.flush();
		expect(services.keep).toHaveBeenCalledTimes(1);
		expect(services.keep.mock.calls[0]![0]).toEqual({
			...keptOf(weight(1)),
			timings: { prepare: 11, lattice: 22, iterations: 3 },
		});
	});

	test('a kept result is shown at once, with its settings, and not computed again', async () => {
		services.loadKept.mockResolvedValue(keptOf(weight(7)));
		await session.open();
		expect(session.inspector).toMatchObject({ settings: weight(7), iteration: 2 });
		session.watch(true);
		await settled();
		expect(services.refine).not.toHaveBeenCalled();
		expect(view()).toMatchObject({ settings: weight(7), outcome: { settings: weight(7) } });
		await session.flush();
		expect(services.keep).not.toHaveBeenCalled();
	});

	test('the other iterations of a kept result are computed when they are asked for', async () => {
		services.loadKept.mockResolvedValue(keptOf(weight(7)));
		await session.open();
		session.watch(true);
		session.setIteration(1);
		await settled();
		expect(services.refine).toHaveBeenCalledTimes(1);
		expect(session.inspector).toMatchObject({ iteration: 1 });
	});

	test('at rest it holds only what is shown', async () => {
		await session.open();
		session.watch(true);
		await settled();
		await session.rest();
		expect(services.keep).toHaveBeenCalledTimes(1);
		session.watch(true);
		await settled();
		expect(services.refine).toHaveBeenCalledTimes(1);
		session.setIteration(0);
		await settled();
		expect(services.refine).toHaveBeenCalledTimes(2);
	});
});
