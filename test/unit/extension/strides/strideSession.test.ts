/** A comparison of output strides without VS Code and without a worker. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { InspectorError, toProblem } from '../../../../src/core/problem';
import type { RunInfo } from '../../../../src/core/run';
import type { KeptStrides } from '../../../../src/extension/strides/strideFiles';
import { StrideSession, type StrideSessionServices } from '../../../../src/extension/strides/strideSession';
import type { InspectorLayer } from '../../../../src/shared/protocol/crf';
import type {
	InspectorStrideMask,
	InspectorStrides,
	OutputStride,
	StrideRun,
} from '../../../../src/shared/protocol/strides';
import type { RequestOptions } from '../../../../src/worker/client/client';
import { makeRun } from '../support';

const { info, tensors } = makeRun('a');
const own = tensors.labels;
let shown: (InspectorStrides | null)[];
let masks: InspectorStrideMask[];
let layers: InspectorLayer[];
let layer: InspectorLayer;
let kept: KeptStrides | undefined;
let keep: ReturnType<typeof vi.fn<StrideSessionServices['keep']>>;
let segment: ReturnType<typeof vi.fn<StrideSessionServices['segment']>>;

const run = (stride: OutputStride): StrideRun => ({
	labels: Uint8Array.from(own, (label, i) => (i < stride / 8 ? 1 - label : label)),
	gridWidth: 64 / stride,
	gridHeight: 32 / stride,
	rates: [1, 2],
	timings: [{ stage: 'network', milliseconds: stride }],
});

function session(
	of: RunInfo = info,
	step = 1,
	loadKept: StrideSessionServices['loadKept'] = async () => kept,
): StrideSession {
	return new StrideSession(of, {
		loadKept,
		keep,
		loadOwn: async () => ({ labels: own, step }),
		segment,
		show: (strides) => void shown.push(strides),
		showMask: (mask) => void masks.push(mask),
		showLayer: (next) => {
			layer = next;
			layers.push(next);
		},
		layer: () => layer,
		report: (error) => ({ problem: toProblem(error), message: `told: ${toProblem(error).code}` }),
	});
}
const lastShown = () => shown.at(-1)!;

/** Waits for the cancel, as a long run does. */
const endless = (_: OutputStride, { signal }: RequestOptions) =>
	new Promise<StrideRun>((_resolve, reject) => {
		signal?.addEventListener('abort', () => reject(new InspectorError({ code: 'cancelled' })), { once: true });
	});

beforeEach(() => {
	[shown, masks, layers, layer] = [[], [], [], 'mask'];
	kept = undefined;
	keep = vi.fn(async (strides) => {
		kept = strides;
	});
	segment = vi.fn(async (stride, { onProgress }) => {
		onProgress?.({ stage: 'network', done: [] });
		return run(stride);
	});
});

describe('a comparison of output strides', () => {
	test('has the run’s own mask without computing it, and the other of the network', async () => {
		const state = await session().show([8, 16]);
		expect(segment.mock.calls.map(([stride]) => stride)).toEqual([16]);
		expect(state.sides).toEqual([
			{ stride: 8, gridWidth: 2, gridHeight: 3, rates: [6, 12], rounded: [], milliseconds: 12.5, own: true },
			{ stride: 16, gridWidth: 4, gridHeight: 2, rates: [1, 2], rounded: [], milliseconds: 16, own: false },
		]);
		expect(state.effect).toEqual({
			changes: [
				{ label: 0, before: 10, after: 10, gained: 1, lost: 1 },
				{ label: 1, before: 10, after: 10, gained: 1, lost: 1 },
			],
			changedPixels: 2,
		});
		expect(state.activity).toEqual({ kind: 'idle' });
		expect(masks.map(({ stride, labels }) => [stride, labels.length])).toEqual([
			[8, 20],
			[16, 20],
		]);
		expect(layers).toEqual(['strideSwipe']);
	});

	test('tells how far it is, before and while the network runs', async () => {
		await session().show([8, 16]);
		const told = shown.flatMap((each) => (each?.activity.kind === 'running' ? [each.activity] : []));
		expect(told.map(({ stride, stage }) => [stride, stage])).toEqual([
			[8, undefined],
			[16, undefined],
			[16, 'network'],
		]);
		expect(shown[0]).toMatchObject({ pair: [8, 16], sides: [undefined, undefined], effect: undefined });
	});

	test('of another pair computes only what it lacks, and leaves the layer that is of strides', async () => {
		const strides = session();
		await strides.show([8, 16]);
		layer = 'strideChanged';
		const state = await strides.show([16, 32]);
		expect(segment.mock.calls.map(([stride]) => stride)).toEqual([16, 32]);
		expect(state.effect?.changedPixels).toBe(2);
		expect(state.sides[1]?.rounded).toEqual([6]);
		expect(strides.mask).toEqual(run(32).labels);
		expect(layers).toEqual(['strideSwipe']);
		await strides.show([8, 16]);
		expect(segment).toHaveBeenCalledTimes(2);
	});

	test('of a model at 16 has its own mask there', async () => {
		const coarse = { ...info, model: { ...info.model, outputStride: 16 } };
		const state = await session(coarse).show([8, 16]);
		expect(segment.mock.calls.map(([stride]) => stride)).toEqual([8]);
		expect(state.sides.map((side) => side?.own)).toEqual([false, true]);
	});

	test('is shown at the size at which the run is', async () => {
		await session(info, 2).show([8, 16]);
		expect(masks.map(({ labels }) => labels.length)).toEqual([6, 6]);
	});

	test('that fails says so, and is tried again when asked', async () => {
		const strides = session();
		const problem = { code: 'model.fixedStride', name: 'n.onnx', outputStride: 16, detail: 'no' } as const;
		segment.mockRejectedValueOnce(new InspectorError(problem));
		await expect(strides.show([8, 16])).rejects.toMatchObject({ problem });
		expect(lastShown()).toMatchObject({ activity: { kind: 'failed', message: 'told: model.fixedStride' } });
		expect(layers).toEqual([]);
		expect((await strides.show([8, 16])).effect).toBeDefined();
	});

	test('that is cancelled ends at once and keeps what it has', async () => {
		const strides = session();
		segment.mockImplementationOnce(endless);
		const showing = strides.show([8, 16]);
		await vi.waitFor(() => expect(segment).toHaveBeenCalled());
		strides.cancel();
		await expect(showing).rejects.toMatchObject({ problem: { code: 'cancelled' } });
		expect(lastShown()).toMatchObject({ sides: [{ stride: 8 }, undefined], activity: { kind: 'idle' } });
		expect((await strides.show([8, 16])).effect).toBeDefined();
	});

	test('gives way to another pair', async () => {
		const strides = session();
		segment.mockImplementationOnce(endless);
		const first = strides.show([8, 16]);
		await vi.waitFor(() => expect(segment).toHaveBeenCalled());
		const second = strides.show([8, 32]);
		await expect(first).rejects.toMatchObject({ problem: { code: 'cancelled' } });
		expect((await second).pair).toEqual([8, 32]);
		expect(segment.mock.calls.map(([stride]) => stride)).toEqual([16, 32]);
	});

	test('that is asked for again, or that another pair goes on with, stays the one that runs', async () => {
		const strides = session();
		let end = () => {};
		segment.mockImplementationOnce(async (stride, { onProgress }) => {
			onProgress?.({ stage: 'network', done: [] });
			await new Promise<void>((resolve) => {
				end = resolve;
			});
			return run(stride);
		});
		const first = strides.show([8, 16]).catch(() => undefined);
		await vi.waitFor(() => expect(segment).toHaveBeenCalled());
		const again = strides.show([8, 16]).catch(() => undefined);
		expect(lastShown()).toMatchObject({ pair: [8, 16], activity: { kind: 'running', stride: 16, stage: 'network' } });
		const other = strides.show([16, 32]);
		expect(lastShown()).toMatchObject({ pair: [16, 32], activity: { kind: 'running', stride: 16, stage: 'network' } });
		end();
		expect((await other).pair).toEqual([16, 32]);
		expect(segment.mock.calls.map(([stride]) => stride)).toEqual([16, 32]);
		await Promise.all([first, again]);
	});

	test('that is closed is no more drawn; opened again it needs nothing', async () => {
		const strides = session();
		await strides.show([8, 16]);
		strides.close();
		expect([lastShown(), layer, strides.state]).toEqual([null, 'mask', undefined]);
		masks = [];
		await strides.show([8, 16]);
		expect(masks.map(({ stride }) => stride)).toEqual([8, 16]);
		expect([segment.mock.calls.length, layer]).toEqual([1, 'strideSwipe']);
	});

	test('is told anew to a page that is loaded anew', async () => {
		const strides = session();
		await strides.show([8, 16]);
		[masks, shown] = [[], []];
		strides.pageIsReady();
		expect(masks.map(({ stride }) => stride)).toEqual([8, 16]);
		expect(lastShown()?.effect?.changedPixels).toBe(2);
	});

	test('is kept once it is shown, without the run’s own mask; the same is not kept again', async () => {
		const strides = session();
		await strides.show([8, 16]);
		await strides.show([8, 16]);
		const at16 = { stride: 16, gridWidth: 4, gridHeight: 2, rates: [1, 2], milliseconds: 16, labels: run(16).labels };
		expect(keep.mock.calls).toEqual([[{ pair: [8, 16], strides: [at16] }]]);
		await strides.show([8, 32]);
		expect(kept).toMatchObject({ pair: [8, 32], strides: [{ stride: 16 }, { stride: 32, milliseconds: 32 }] });
		strides.close();
		expect(kept).toMatchObject({ pair: undefined, strides: [{ stride: 16 }, { stride: 32 }] });
		expect(keep).toHaveBeenCalledTimes(3);
	});

	test('that fails or is cancelled is not kept', async () => {
		const strides = session();
		segment.mockRejectedValueOnce(new InspectorError({ code: 'runtime.outOfMemory', detail: '' }));
		await strides.show([8, 16]).catch(() => undefined);
		strides.close();
		expect(keep).not.toHaveBeenCalled();
	});

	test('that was kept is shown when the run is opened, without its network', async () => {
		const before = await session().show([8, 16]);
		[shown, masks, layers, layer] = [[], [], [], 'mask'];
		segment.mockClear();
		keep.mockClear();
		const strides = session();
		await strides.open();
		expect(strides.state).toEqual(before);
		expect(shown).toEqual([before]);
		expect(masks.map(({ stride, labels }) => [stride, labels])).toEqual([
			[8, own],
			[16, run(16).labels],
		]);
		expect(strides.mask).toEqual(run(16).labels);
		await strides.show([8, 16]);
		expect(segment).not.toHaveBeenCalled();
		expect(keep).not.toHaveBeenCalled();
	});

	test.each([
		['the page begins with the mask', 'mask', ['strideSwipe']],
		['the page has kept its own layer of strides', 'strideChanged', []],
	] as const)('that was kept is drawn once the page has told its layer: %s', async (_, begun, told) => {
		await session().show([8, 16]);
		for (const isEarly of [true, false]) {
			[layers, layer] = [[], begun];
			const strides = session();
			if (isEarly) {
				strides.layerReported();
			}
			await strides.open();
			expect(layers).toEqual(isEarly ? told : []);
			strides.layerReported();
			expect(layers).toEqual(told);
			// What the user chooses then is theirs.
			layer = 'mask';
			strides.layerReported();
			expect(layers).toEqual(told);
		}
	});

	test('that was closed is not shown, and needs no network when it is asked for', async () => {
		const first = session();
		await first.show([8, 16]);
		first.close();
		[shown, masks] = [[], []];
		segment.mockClear();
		const strides = session();
		await strides.open();
		expect([shown, masks, strides.state]).toEqual([[], [], undefined]);
		expect((await strides.show([8, 16])).effect?.changedPixels).toBe(2);
		expect(segment).not.toHaveBeenCalled();
	});

	test('that cannot be read is computed', async () => {
		const strides = session(info, 1, () => Promise.reject(new InspectorError({ code: 'run.notFound', name: 'a' })));
		await expect(strides.open()).rejects.toBeInstanceOf(InspectorError);
		expect((await strides.show([8, 16])).effect).toBeDefined();
		expect(segment).toHaveBeenCalledOnce();
	});

	test('is not shown in a session that ended while it was read', async () => {
		await session().show([8, 16]);
		shown = [];
		const strides = session();
		const opening = strides.open().catch(() => undefined);
		strides.dispose();
		await opening;
		expect(shown).toEqual([]);
	});
});
