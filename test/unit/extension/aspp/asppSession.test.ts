import { describe, expect, test, vi } from 'vitest';
import { sumBranches } from '../../../../src/core/aspp/branches';
import { InspectorError } from '../../../../src/core/problem';
import { upsampleLabels } from '../../../../src/core/segmentation/upsampleLabels';
import { AsppSession, type AsppSessionServices } from '../../../../src/extension/aspp/asppSession';
import { describeProblem } from '../../../../src/shared/describeProblem';
import type {
	AsppRunView,
	EffectiveField,
	ReceptiveFieldRunView,
	SomeRates,
} from '../../../../src/shared/protocol/aspp';
import type { InspectorLayer } from '../../../../src/shared/protocol/crf';
import { fakeBranches, fakeHead, fakeRun, ranBranches, trainedRates } from './fakeHead';

const allOn = [true, true, true, true];
const probe = { x: 20, y: 31 };

const field: EffectiveField = {
	width: 49,
	height: 65,
	values: new Uint8Array(49 * 65),
	largest: 1,
	x: 20,
	y: 31,
	radius50: 5,
	radius90: 11,
	logit: 2,
	milliseconds: 30,
};

/** A session whose Inspector is played: `layer` is what it draws. */
function setUp({ step = 1, linear = true } = {}) {
	const { info, loaded, taps } = fakeRun();
	const inspector: { layer: InspectorLayer } = { layer: 'mask' };
	const services = {
		loadHead: vi.fn(async () => (linear ? loaded : { ...loaded, taps: undefined, head: fakeHead(false) })),
		displayStep: async () => step,
		runHead: vi.fn(async (_model: unknown, rates: SomeRates) => ranBranches(taps, rates)),
		gradient: vi.fn<AsppSessionServices['gradient']>(async () => field),
		showBranches: vi.fn<AsppSessionServices['showBranches']>(),
		showDominance: vi.fn<AsppSessionServices['showDominance']>(),
		showFields: vi.fn<AsppSessionServices['showFields']>(),
		showGradient: vi.fn<AsppSessionServices['showGradient']>(),
		showClass: vi.fn<AsppSessionServices['showClass']>(),
		layer: () => inspector.layer,
		showLayer: vi.fn((layer: InspectorLayer) => {
			inspector.layer = layer;
		}),
		changed: vi.fn(),
		mapsChanged: vi.fn<AsppSessionServices['mapsChanged']>(),
		report: vi.fn((error: unknown) =>
			error instanceof InspectorError ? describeProblem(error.problem) : String(error),
		),
		measured: vi.fn(),
	} satisfies AsppSessionServices;
	const session = new AsppSession(info, services);
	return { info, loaded, taps, services, session, inspector };
}

async function opened(...options: Parameters<typeof setUp>) {
	const found = setUp(...options);
	await found.session.open();
	return found;
}

function view(session: AsppSession): AsppRunView {
	const state = session.asppView();
	if (state.kind !== 'run') {
		throw new Error(`the view is ${state.kind}`);
	}
	return state.view;
}

function fields(session: AsppSession): ReceptiveFieldRunView {
	const state = session.fieldView();
	if (state.kind !== 'run') {
		throw new Error(`the view is ${state.kind}`);
	}
	return state.view;
}

describe('opening', () => {
	test('reads the head once, and the views say so meanwhile', async () => {
		const { session, services } = setUp();
		expect(session.asppView()).toEqual({ kind: 'loading', pictureName: 'one.png' });
		await Promise.all([session.open(), session.open()]);
		expect(services.loadHead).toHaveBeenCalledOnce();
		expect(view(session)).toMatchObject({ runId: 'one', rates: trainedRates, on: allOn, effect: undefined });
		expect(services.showBranches).not.toHaveBeenCalled();
		expect(services.showLayer).not.toHaveBeenCalled();
	});

	test('that fails is told by both views, and can be tried again', async () => {
		const problem = { code: 'model.notFound', name: '/gone.onnx' } as const;
		const { session, services, loaded } = setUp();
		services.loadHead.mockRejectedValueOnce(new InspectorError(problem));
		await session.open();
		const failed = { kind: 'failed', pictureName: 'one.png', message: describeProblem(problem) };
		expect(session.asppView()).toEqual(failed);
		expect(session.fieldView()).toEqual(failed);
		await expect(session.mask()).rejects.toMatchObject({ problem });
		await session.open();
		expect(services.loadHead).toHaveBeenCalledOnce();
		session.retry();
		await session.open();
		expect(view(session).runId).toBe('one');
		expect(await session.mask()).toBe(loaded.labels);
	});

	test('ends with the next run, and what was set is there again afterwards', async () => {
		const { session, services } = await opened();
		session.setOn([true, false, true, true]);
		session.setRates([1, 2, 7, 5]);
		await session.idle();
		session.rest();
		expect(session.asppView().kind).toBe('loading');
		await session.open();
		await session.idle();
		expect(services.loadHead).toHaveBeenCalledTimes(2);
		expect(view(session)).toMatchObject({ on: [true, false, true, true], rates: [1, 2, 7, 5] });
		expect(services.showBranches).toHaveBeenLastCalledWith(expect.objectContaining({ rates: [1, 7, 5] }));
	});
});

describe('branches', () => {
	test('that come back with their run leave the layer that was chosen meanwhile', async () => {
		const { session, services, inspector } = await opened();
		session.solo(2);
		await session.idle();
		expect(inspector.layer).toBe('branches');
		inspector.layer = 'mask';
		session.rest();
		await session.open();
		await session.idle();
		expect(services.showBranches).toHaveBeenLastCalledWith(expect.objectContaining({ rates: [3] }));
		expect(inspector.layer).toBe('mask');
		session.solo(1);
		await session.idle();
		expect(inspector.layer).toBe('branches');
	});

	test('that are off leave the mask of the others, with what it changes', async () => {
		const { session, services, info, loaded, inspector } = await opened();
		const on = [true, false, true, false];
		session.setOn(on);
		expect(view(session).on).toEqual(on);
		const mask = await session.mask();
		const expected = upsampleLabels(sumBranches(loaded.branches, on), info.geometry);
		expect(mask).toEqual(expected);
		const shown = services.showBranches.mock.lastCall![0]!;
		expect(shown.labels).toEqual(expected);
		expect(shown.rates).toEqual([1, 3]);
		const changed = expected.filter((label, pixel) => label !== loaded.labels[pixel]).length;
		expect(shown.changedPixels).toBe(changed);
		expect(view(session).effect).toEqual({ changedPixels: changed, changes: shown.changes });
		expect(inspector.layer).toBe('branches');
	});

	test('all on again give the network’s mask back', async () => {
		const { session, services, loaded, inspector } = await opened();
		session.solo(2);
		await session.idle();
		expect(view(session).on).toEqual([false, false, true, false]);
		session.solo(undefined);
		await session.idle();
		expect(services.showBranches).toHaveBeenLastCalledWith(null);
		expect(inspector.layer).toBe('mask');
		expect(view(session).effect).toBeUndefined();
		expect(await session.mask()).toBe(loaded.labels);
	});

	test('leave another layer alone once they are as the network has them', async () => {
		const { session, inspector } = await opened();
		session.setOn([false, true, true, true]);
		await session.idle();
		inspector.layer = 'after';
		session.setOn(allOn);
		await session.idle();
		expect(inspector.layer).toBe('after');
	});

	test('many changes in a row are drawn once, the last', async () => {
		const { session, services } = await opened();
		for (let rate = 6; rate <= 30; rate++) {
			session.setRates([1, 2, 3, rate]);
		}
		await session.idle();
		expect(services.showBranches).toHaveBeenCalledOnce();
		expect(services.showBranches.mock.lastCall![0]!.rates).toEqual([1, 2, 3, 30]);
		expect(services.mapsChanged).toHaveBeenCalledTimes(25);
	});

	test('show all off as label 0 throughout', async () => {
		const { session } = await opened();
		session.setOn([false, false, false, false]);
		expect((await session.mask()).every((label) => label === 0)).toBe(true);
	});

	test('at a display step are reduced as the run’s own labels are', async () => {
		const { session, services, info } = await opened({ step: 2 });
		session.setOn([true, false, true, false]);
		const mask = await session.mask();
		const { pictureWidth: width, pictureHeight: height } = info.geometry;
		const { labels } = services.showBranches.mock.lastCall![0]!;
		expect(labels.length).toBe(Math.ceil(width / 2) * Math.ceil(height / 2));
		expect(labels[0]).toBe(mask[width + 1]);
		expect(labels.at(-1)).toBe(mask.at(-1));
	});
});

describe('a head that is not linear', () => {
	test('is run again, the newest rates at last', async () => {
		const { session, services, taps, info } = await opened({ linear: false });
		session.setRates([2, 2, 3, 5]);
		session.setRates([4, 2, 3, 5]);
		session.setRates([6, 2, 3, 5]);
		expect(view(session)).toMatchObject({ rates: [6, 2, 3, 5], busy: true, effect: undefined });
		const mask = await session.mask();
		// Only the branch that moves.
		const ran = services.runHead.mock.calls.map(([, rates]) => rates);
		expect(ran).toEqual([2, 6].map((rate) => [rate, undefined, undefined, undefined]));
		expect(view(session).busy).toBe(false);
		const maps = fakeBranches(taps, [6, 2, 3, 5]);
		expect(mask).toEqual(upsampleLabels(sumBranches(maps, allOn), info.geometry));
	});

	test('that fails says why, and is tried at the next rates', async () => {
		const { session, services } = await opened({ linear: false });
		services.runHead.mockRejectedValueOnce(new InspectorError({ code: 'runtime.failed', detail: 'odd' }));
		session.setRates([2, 2, 3, 5]);
		await session.idle();
		expect(view(session)).toMatchObject({ busy: false, problem: expect.stringContaining('odd') });
		expect(services.runHead).toHaveBeenCalledOnce();
		session.setRates([3, 2, 3, 5]);
		await session.idle();
		expect(view(session)).toMatchObject({ busy: false, problem: undefined });
		expect(services.showBranches.mock.lastCall![0]!.rates).toEqual([3, 2, 3, 5]);
	});

	test('back at its trained rates is not run', async () => {
		const { session, services } = await opened({ linear: false });
		session.setRates([2, 2, 3, 5]);
		session.setRates(trainedRates);
		await session.idle();
		expect(services.runHead.mock.calls.length).toBeLessThanOrEqual(1);
		expect(view(session)).toMatchObject({ busy: false, effect: undefined });
	});
});

describe('class and probe', () => {
	test('the class is the largest, the probe’s winner, or the one chosen', async () => {
		const { session, services, info } = await opened();
		expect(view(session)).toMatchObject({ label: info.classes[0]!.label, labelIsChosen: false });
		session.setProbe(probe);
		const { labels } = fakeRun().loaded;
		const winner = labels[probe.y * info.geometry.pictureWidth + probe.x];
		expect(view(session)).toMatchObject({ label: winner, probe });
		expect(view(session).explanation?.chosen.label).toBe(winner);
		const other = (winner! + 1) % 3;
		session.setClass(other);
		expect(view(session)).toMatchObject({ label: other, labelIsChosen: true });
		expect(view(session).explanation?.runnerUp?.label).toBe(winner);
		expect(services.showClass).toHaveBeenLastCalledWith(other);
		session.setClass(99);
		expect(view(session).label).toBe(other);
		session.setClass(undefined);
		expect(view(session)).toMatchObject({ label: winner, labelIsChosen: false });
	});

	test('maps are those of any class, and of none that there is not', async () => {
		const { session } = await opened();
		expect(session.maps(2)).toMatchObject({ runId: 'one', label: 2, height: 9, width: 7 });
		expect(session.maps(3)).toBeNull();
		session.rest();
		expect(session.maps(2)).toBeNull();
	});
});

describe('what contributes most', () => {
	test('is drawn while it is asked for, over the branches that are on', async () => {
		const { session, services, inspector } = await opened();
		session.showDominance(true);
		await session.idle();
		expect(inspector.layer).toBe('dominance');
		const { shares } = services.showDominance.mock.lastCall![0]!;
		expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
		expect(view(session).dominance).toEqual(shares);
		session.setOn([true, false, false, true]);
		await session.idle();
		expect(services.showDominance.mock.lastCall![0]!.shares[1]).toBe(0);
		expect(inspector.layer).toBe('dominance');
		session.showDominance(false);
		expect(services.showDominance).toHaveBeenLastCalledWith(null);
		expect(inspector.layer).toBe('branches');
		expect(view(session).dominance).toBeUndefined();
	});

	test('ends where the Inspector draws something else', async () => {
		const { session, services } = await opened();
		session.showDominance(true);
		session.reportLayer('mask');
		await session.idle();
		expect(view(session).dominance).toBeDefined();
		session.reportLayer('picture');
		expect(view(session).dominance).toBeUndefined();
		expect(services.showDominance).toHaveBeenLastCalledWith(null);
	});
});

describe('boxes and taps', () => {
	test('follow probe, class and rates, and fade but for what is pointed at', async () => {
		const { session, services } = await opened();
		session.drawFields(true);
		expect(services.showFields).not.toHaveBeenCalled();
		session.setProbe(probe);
		const shown = services.showFields.mock.lastCall![0]!;
		expect(shown.cell.branches.map(({ rate }) => rate)).toEqual([...trainedRates]);
		const { chosen } = view(session).explanation!;
		expect(shown.tapShares).toEqual(chosen.branches.map(({ taps }) => taps));
		const largest = Math.max(...chosen.branches.flatMap(({ taps }) => taps ?? []).map(Math.abs));
		expect(shown.largestTapShare).toBe(largest);
		session.highlight({ branch: 2, tap: 8 });
		expect(services.showFields).toHaveBeenLastCalledWith(expect.objectContaining({ highlighted: 2, tap: 8 }));
		session.setRates([1, 2, 9, 5]);
		expect(services.showFields.mock.lastCall![0]!.cell.branches[2]!.rate).toBe(9);
		session.drawFields(false);
		expect(services.showFields).toHaveBeenLastCalledWith(null);
		expect(fields(session).drawn).toBe(false);
	});
});

describe('the effective receptive field', () => {
	test('is measured at the probe’s cell, kept and drawn', async () => {
		const { session, services, info } = await opened();
		session.setProbe(probe);
		await session.measure(3, 'cell');
		expect(services.gradient.mock.lastCall![1]).toEqual({
			branch: 3,
			label: view(session).label,
			at: { row: 4, column: 3 },
		});
		expect(services.showGradient).toHaveBeenLastCalledWith(field);
		const { measured, shownField, activity } = fields(session);
		expect([shownField, activity]).toEqual([0, { kind: 'idle' }]);
		expect(measured[0]).toMatchObject({ branch: 3, over: 'cell', radius50: 5, radius90: 11 });
		const { pictureWidth, resizedWidth } = info.geometry;
		expect(measured[0]!.ratio).toBeCloseTo(22 / (((41 + 16 * 5) * pictureWidth) / resizedWidth));
		// The same once more takes the place of the one before.
		await session.measure(3, 'cell');
		await session.measure(undefined, 'cell');
		expect(fields(session).measured.map(({ branch }) => branch)).toEqual([3, undefined]);
		session.showMeasured(0);
		expect(fields(session).shownField).toBe(0);
		session.showMeasured(undefined);
		expect(services.showGradient).toHaveBeenLastCalledWith(null);
	});

	test('over an object takes the cells that its class has', async () => {
		const { session, services } = await opened();
		await session.measure(undefined, 'object');
		const { at } = services.gradient.mock.lastCall![1];
		const mask = 'mask' in at ? at.mask : new Uint8Array();
		expect(mask.length).toBe(63);
		expect(mask.includes(1)).toBe(true);
		expect(fields(session).measured[0]!.ratio).toBeUndefined();
	});

	test('without a probe says what to do', async () => {
		const { session, services } = await opened();
		await session.measure(undefined, 'cell');
		expect(services.gradient).not.toHaveBeenCalled();
		expect(fields(session).activity.kind).toBe('failed');
	});

	test('tells its stages, and ends when it is cancelled', async () => {
		const { session, services } = await opened();
		session.setProbe(probe);
		let ended = false;
		services.gradient.mockImplementationOnce(
			(_model, _target, { signal, onProgress }) =>
				new Promise((_, reject) => {
					onProgress('run');
					signal.addEventListener('abort', () => {
						ended = true;
						reject(new InspectorError({ code: 'cancelled' }));
					});
				}),
		);
		const measuring = session.measure(1, 'cell');
		expect(fields(session).activity).toMatchObject({ kind: 'running', branch: 1, stage: 'run' });
		session.cancelMeasuring();
		await measuring;
		expect(ended).toBe(true);
		expect(fields(session)).toMatchObject({ activity: { kind: 'idle' }, measured: [] });
	});

	test('that fails says why', async () => {
		const { session, services } = await opened();
		session.setProbe(probe);
		services.gradient.mockRejectedValueOnce(new InspectorError({ code: 'runtime.outOfMemory', detail: 'big' }));
		await session.measure(1, 'cell');
		expect(fields(session).activity.kind).toBe('failed');
		await session.measure(1, 'cell');
		expect(fields(session).activity.kind).toBe('idle');
	});
});

test('a page that is loaded anew is told all that is drawn', async () => {
	const { session, services } = await opened();
	session.setProbe(probe);
	session.drawFields(true);
	session.setOn([true, false, true, true]);
	await session.idle();
	await session.measure(undefined, 'cell');
	const tells = [services.showBranches, services.showFields, services.showGradient, services.showClass];
	for (const tell of tells) {
		tell.mockClear();
	}
	session.pageIsReady();
	for (const tell of tells) {
		expect(tell).toHaveBeenCalledOnce();
	}
});
