import { describe, expect, test, vi } from 'vitest';
import { meanMap, normMap } from '../../../../src/core/aspp/channelMaps';
import type { AsppHead } from '../../../../src/core/aspp/types';
import { InspectorError } from '../../../../src/core/problem';
import type { FeatureMap } from '../../../../src/core/run';
import { logitsAt } from '../../../../src/core/segmentation/probabilities';
import { upsampleLabels } from '../../../../src/core/segmentation/upsampleLabels';
import { loadMixedHead, type MixedLoadingServices } from '../../../../src/extension/aspp/mixedLoading';
import { MixedSession, type MixedSessionServices } from '../../../../src/extension/aspp/mixedSession';
import type { MixedRunView, ReceptiveFieldRunView } from '../../../../src/shared/protocol/aspp';
import type { InspectorLayer } from '../../../../src/shared/protocol/crf';
import { problemOf } from '../../worker/support';
import { fakeHead, fakeRun } from './fakeHead';

const probe = { x: 20, y: 31 };
const names = ['1×1', 'rate 1', 'rate 2', 'rate 3', 'rate 5', 'image pooling'];
const allOn = names.map(() => true);
const without = (off: number) => names.map((_, branch) => branch !== off);

/** The logits of some branches: no sum of theirs. */
function ran(logits: FeatureMap, on: readonly boolean[]): FeatureMap {
	const factor = on.reduce((product, isOn, branch) => (isOn ? product : product * (0.3 - branch)), 1);
	return { ...logits, data: logits.data.map((value) => value * factor) };
}

function mixedRun() {
	const { info, loaded } = fakeRun();
	const plain = fakeHead(false);
	const head: AsppHead = {
		...plain,
		mixing: {
			branches: [
				{ kind: 'pointwise', rate: undefined, output: undefined, value: 'a' },
				...plain.branches.map(({ rate, output }) => ({ kind: 'dilated' as const, rate, output, value: output })),
				{ kind: 'pooling', rate: undefined, output: undefined, value: 'b' },
			],
			readsPicture: true,
		},
	};
	// Feature maps of five channels, where those of the fake head have as many as there are classes.
	const maps = names.map((_, branch): FeatureMap => {
		const data = Float32Array.from({ length: 5 * 9 * 7 }, (_, at) => Math.max(0, Math.sin(at * (branch + 1.3))));
		return { channels: 5, height: 9, width: 7, data };
	});
	const kept = plain.branches.map(({ rate }, index) => ({ rate, ...maps[index + 1]! }));
	const [first] = loaded.branches;
	return {
		info: { ...info, model: { ...info.model, join: 'mixed' as const } },
		head,
		maps,
		kept,
		logits: first!,
		loaded,
	};
}

function loading(changes: Partial<MixedLoadingServices> = {}) {
	const { info, head, maps, kept, logits, loaded } = mixedRun();
	const labels = upsampleLabels(logits, info.geometry);
	const mocks = {
		modelOfRun: vi.fn(async () => loaded.model),
		readHead: vi.fn(async () => head),
		mixedMaps: vi.fn<MixedLoadingServices['mixedMaps']>(async () =>
			head.mixing!.branches.map(({ output }, branch) => (output === undefined ? maps[branch] : undefined)),
		),
		ablate: vi.fn<MixedLoadingServices['ablate']>(async (_source, _maps, on) => on.map((row) => ran(logits, row))),
		headTensors: async () => ({ labels, logits, branches: kept }),
		features: async () => ({ channels: 4, height: 9, width: 7, data: new Float32Array(4 * 9 * 7) }),
		rgb: async () => new Uint8Array(3),
	} satisfies MixedLoadingServices;
	const services: typeof mocks = { ...mocks, ...(changes as Partial<typeof mocks>) };
	const load = (run = info) => loadMixedHead(run, services, new AbortController().signal);
	return { info, head, maps, logits, labels, services, load, loaded };
}

function setUp(changes: Partial<MixedLoadingServices> = {}) {
	const parts = loading(changes);
	const inspector: { layer: InspectorLayer } = { layer: 'mask' };
	const services = {
		loadMixedHead: vi.fn(() => parts.load()),
		ablate: parts.services.ablate,
		displayStep: async () => 1,
		gradient: vi.fn<MixedSessionServices['gradient']>(async () => {
			throw new InspectorError({ code: 'cancelled' });
		}),
		showBranches: vi.fn<MixedSessionServices['showBranches']>(),
		showDominance: vi.fn<MixedSessionServices['showDominance']>(),
		showFields: vi.fn<MixedSessionServices['showFields']>(),
		showGradient: vi.fn<MixedSessionServices['showGradient']>(),
		showClass: vi.fn<MixedSessionServices['showClass']>(),
		layer: () => inspector.layer,
		showLayer: vi.fn((layer: InspectorLayer) => {
			inspector.layer = layer;
		}),
		changed: vi.fn(),
		report: vi.fn((error: unknown) => String(error)),
		measured: vi.fn(),
	} satisfies MixedSessionServices;
	return { ...parts, session: new MixedSession(parts.info, services), services, inspector };
}

async function opened(changes: Partial<MixedLoadingServices> = {}) {
	const found = setUp(changes);
	await found.session.open();
	return found;
}

function view(session: MixedSession): MixedRunView {
	const state = session.asppView();
	return state.kind === 'mixed' ? state.view : expect.fail(state.kind);
}

function fields(session: MixedSession): ReceptiveFieldRunView {
	const state = session.fieldView();
	return state.kind === 'run' ? state.view : expect.fail(state.kind);
}

describe('the mixed head of a run', () => {
	test('has what meets in it, kept or computed, and is told by name', async () => {
		const { session, services, maps } = await opened();
		expect(view(session).branches.map(({ name, channels }) => [name, channels])).toEqual(
			names.map((name) => [name, 5]),
		);
		expect(services.ablate).not.toHaveBeenCalled();
		const found = session.mixedMaps({ kind: 'norm' })!;
		expect(found).toMatchObject({ height: 9, width: 7, signed: false });
		for (const [branch, map] of maps.entries()) {
			expect(found.branches.slice(branch * 63, (branch + 1) * 63)).toEqual(normMap(map));
		}
		expect(session.mixedMaps({ kind: 'mean' })!.branches.slice(0, 63)).toEqual(meanMap(maps[0]!));
		const channels = session.mixedMaps({ kind: 'channels', channels: [4, 0, 9, 1, 2, 3] })!;
		expect(channels.branches.slice(0, 63)).toEqual(maps[0]!.data.slice(4 * 63, 5 * 63));
		// Beyond the last there is none.
		expect(channels.branches.slice(126, 189)).toEqual(maps[2]!.data.slice(4 * 63, 5 * 63));
		expect(session.maps()).toBeNull();
		await session.idle();
	});

	test('gets the picture where the layers behind read it', async () => {
		const { services, load, info } = loading();
		await load();
		expect(services.mixedMaps.mock.calls[0]![0].picture).toMatchObject({ geometry: info.geometry });
	});

	test('of a file that was written since is taken only where it gives what the run has', async () => {
		const other = {
			modelOfRun: vi.fn(async () => ({ key: 'other', name: 'v3.onnx', load: async () => new Uint8Array() })),
		};
		const same = loading(other);
		expect((await same.load()).logits).toBe(same.logits);
		expect(same.services.ablate).toHaveBeenCalledOnce();
		const { logits } = same;
		const changed = loading({ ...other, ablate: async () => [ran(logits, without(0))] });
		expect(await problemOf(changed.load())).toMatchObject({ code: 'model.changed' });
	});

	test('of several scales has the logits and the mask of the full scale alone', async () => {
		const { info, logits, services } = loading();
		const fused = { ...logits, data: logits.data.map((value) => value + 1) };
		const multiScale = { rule: 'caffe', scales: [1, 0.75, 0.5], shares: [0.5, 0.25, 0.25] } as const;
		const headTensors = async () => ({ ...(await services.headTensors()), logits: fused, labels: new Uint8Array(9) });
		const { signal } = new AbortController();
		const found = await loadMixedHead({ ...info, multiScale }, { ...services, headTensors }, signal);
		expect(found.logits.data).toEqual(logits.data);
		expect(found.labels).toEqual(upsampleLabels(logits, info.geometry));
	});
});

describe('the logit without a branch', () => {
	test('is run for each once the branches are looked at, after the network’s own was found again', async () => {
		const { session, services, info, logits } = await opened();
		session.setProbe(probe);
		expect(view(session).atProbe!.without).toEqual(names.map(() => undefined));
		session.mixedMaps({ kind: 'norm' });
		await session.idle();
		expect(services.ablate.mock.calls.map(([, , on]) => on)).toEqual([
			[allOn],
			...names.map((_, off) => [without(off)]),
		]);
		const { atProbe, label } = view(session);
		const at = (map: FeatureMap) => logitsAt(map, info.geometry, probe.x, probe.y)[label]!;
		expect(atProbe!.all.logit).toBeCloseTo(at(logits), 6);
		for (const [off, pixel] of atProbe!.without.entries()) {
			expect(pixel!.logit).toBeCloseTo(at(ran(logits, without(off))), 5);
		}
		expect(atProbe!.branches).toHaveLength(6);
		expect(atProbe!.branches[0]!.strongest.length).toBe(3);
	});

	test('is not told where the layers behind do not give the network’s own logits', async () => {
		const { session, services } = await opened({
			ablate: vi.fn<MixedLoadingServices['ablate']>(async (_source, _maps, on) =>
				on.map((row) => ran(mixedRun().logits, row.with(0, false))),
			),
		});
		session.setProbe(probe);
		session.mixedMaps({ kind: 'norm' });
		await session.idle();
		expect(view(session).problem).toContain('do not give the network’s logits');
		expect(services.ablate).toHaveBeenCalledOnce();
		expect(view(session).atProbe!.without.every((pixel) => pixel === undefined)).toBe(true);
	});

	test('that cannot be run is told, and tried again', async () => {
		const { session, services } = await opened();
		services.ablate.mockRejectedValueOnce(new InspectorError({ code: 'runtime.failed', detail: 'no' }));
		session.setProbe(probe);
		session.mixedMaps({ kind: 'norm' });
		await session.idle();
		expect(view(session).problem).toBeDefined();
		session.retry();
		await session.idle();
		expect(view(session).problem).toBeUndefined();
		expect(view(session).atProbe!.without.every((pixel) => pixel !== undefined)).toBe(true);
	});
});

describe('branches that are off', () => {
	test('leave the mask of the layers behind without them, by name, and all on is the network’s again', async () => {
		const { session, services, info, logits, labels, inspector } = await opened();
		session.setOn(without(5));
		expect(view(session)).toMatchObject({ on: without(5), busy: true, effect: undefined });
		const mask = await session.mask();
		expect(mask).toEqual(upsampleLabels(ran(logits, without(5)), info.geometry));
		expect(view(session)).toMatchObject({ busy: false, effect: { changedPixels: expect.any(Number) } });
		expect(services.showBranches).toHaveBeenLastCalledWith(expect.objectContaining({ names: names.slice(0, 5) }));
		expect(inspector.layer).toBe('branches');
		session.solo(1);
		expect(await session.mask()).toEqual(
			upsampleLabels(
				ran(
					logits,
					names.map((_, branch) => branch === 1),
				),
				info.geometry,
			),
		);
		session.solo(undefined);
		expect(await session.mask()).toEqual(labels);
		expect(view(session).effect).toBeUndefined();
		expect(inspector.layer).toBe('mask');
	});

	test('are off again when the run comes back', async () => {
		const { session } = await opened();
		session.setOn(without(2));
		await session.idle();
		session.rest();
		await session.open();
		await session.idle();
		expect(view(session).on).toEqual(without(2));
		expect(view(session).effect).toBeDefined();
	});

	test('have no rates to move and no shares to compare', async () => {
		const { session, services } = await opened();
		session.setRates();
		session.showDominance();
		await session.idle();
		expect(services.showDominance).not.toHaveBeenCalled();
		expect(view(session).on).toEqual(allOn);
	});
});

describe('receptive fields', () => {
	test('are those of the rates, without shares', async () => {
		const { session, services } = await opened();
		session.setProbe(probe);
		session.drawFields(true);
		const { head, rates, explanation } = fields(session);
		expect(rates).toEqual([1, 2, 3, 5]);
		expect(head.mixing?.branches).toHaveLength(6);
		expect(explanation).toMatchObject({ ...probe, chosen: undefined });
		expect(explanation!.cell.branches.map(({ rate }) => rate)).toEqual([1, 2, 3, 5]);
		expect(services.showFields).toHaveBeenLastCalledWith(expect.objectContaining({ tapShares: undefined }));
	});

	test('are measured of a class’s logit, or of a branch’s channels', async () => {
		const { session, services } = await opened();
		session.setProbe(probe);
		await session.measure(undefined, 'cell');
		await session.measure(2, 'cell');
		await session.measure(2, 'object');
		const targets = services.gradient.mock.calls.map(([, target]) => target);
		expect(targets[0]).toEqual({ branch: undefined, label: view(session).label, at: expect.anything() });
		expect(targets[1]).toMatchObject({ branch: 2, label: undefined, grid: [9, 7] });
		expect(targets[2]!.at).toHaveProperty('mask');
	});
});
