import { describe, expect, test, vi } from 'vitest';
import { sumBranches } from '../../../../src/core/aspp/branches';
import { InspectorError } from '../../../../src/core/problem';
import { upsampleLabels } from '../../../../src/core/segmentation/upsampleLabels';
import { type HeadLoadingServices, loadHead } from '../../../../src/extension/aspp/headLoading';
import { problemOf } from '../../worker/support';
import { fakeBranches, fakeHead, fakeRun } from './fakeHead';

function setUp(changes: Partial<HeadLoadingServices> = {}) {
	const { info, loaded, taps } = fakeRun();
	const services = {
		modelOfRun: vi.fn(async () => loaded.model),
		readHead: vi.fn(async () => fakeHead()),
		tapMaps: vi.fn(async () => taps),
		runHead: vi.fn(async (_model: unknown, _features: unknown, rates: readonly number[]) => fakeBranches(taps, rates)),
		headTensors: async () => ({ labels: loaded.labels, branches: loaded.branches }),
		features: async () => ({ channels: 4, height: 9, width: 7, data: new Float32Array(4 * 9 * 7) }),
		...changes,
	} satisfies HeadLoadingServices;
	const load = (noted: typeof info.modelFile = info.modelFile) => {
		const { modelFile: _, ...rest } = info;
		return loadHead({ ...rest, ...(noted ? { modelFile: noted } : {}) }, services, new AbortController().signal);
	};
	return { info, loaded, services, load };
}

const other = { location: '', key: 'written since' };

describe('the head of a run', () => {
	test('is read from the model that the run noted, with tap maps over the run’s features', async () => {
		const { load, loaded, services, info } = setUp();
		const found = await load();
		expect(found).toEqual(loaded);
		expect(services.modelOfRun).toHaveBeenCalledWith(info.modelFile);
		expect(services.runHead).not.toHaveBeenCalled();
	});

	test('of a run of several scales has the mask of the full scale alone, not the fused one', async () => {
		const { info, services, loaded } = setUp();
		const fused = { rule: 'caffe', scales: [1, 0.75, 0.5], shares: [0.5, 0.25, 0.25] } as const;
		const labels = new Uint8Array(loaded.labels.length).fill(1);
		const headTensors = async () => ({ labels, branches: loaded.branches });
		const { signal } = new AbortController();
		const found = await loadHead({ ...info, multiScale: fused }, { ...services, headTensors }, signal);
		const sum = sumBranches(loaded.branches, [true, true, true, true]);
		expect(found.labels).toEqual(upsampleLabels(sum, info.geometry));
		expect(found.labels).not.toEqual(labels);
		expect((await loadHead(info, { ...services, headTensors }, signal)).labels).toBe(labels);
	});

	test('has its branches in the order of the graph, whatever that of the run', async () => {
		const { load } = setUp({ readHead: async () => ({ ...fakeHead(), branches: fakeHead().branches.toReversed() }) });
		const { branches } = await load();
		expect(branches.map(({ rate }) => rate)).toEqual([5, 3, 2, 1]);
		expect(branches[0]!.data).toEqual(fakeRun().loaded.branches[3]!.data);
	});

	test('of a file that was written since is taken where it gives what the run has', async () => {
		const { load, loaded } = setUp();
		expect(await load(other)).toEqual(loaded);
	});

	test('of a run that noted no file is taken from the model that is set, where that gives what the run has', async () => {
		const { info, services, loaded } = setUp();
		const { modelFile: _, ...rest } = info;
		expect(await loadHead(rest, services, new AbortController().signal)).toEqual(loaded);
		expect(services.modelOfRun).toHaveBeenCalledWith(undefined);
	});

	test('of a file with other weights is told', async () => {
		const { taps } = fakeRun();
		const { load } = setUp({ tapMaps: async () => ({ ...taps, taps: taps.taps.map((value) => value * 1.01) }) });
		expect(await problemOf(load(other))).toEqual({
			code: 'model.changed',
			name: 'model.onnx',
			pictureName: 'one.png',
		});
	});

	test.each([
		['other outputs', { branches: fakeHead().branches.map((branch) => ({ ...branch, output: `${branch.output}x` })) }],
		['fewer branches', { branches: fakeHead().branches.slice(1) }],
		['other classes', { classes: 5 }],
		['other features', { channels: 8 }],
	])('of a file with %s is told before anything is computed', async (_, changes) => {
		const { load, services } = setUp({ readHead: async () => ({ ...fakeHead(), ...changes }) });
		expect(await problemOf(load())).toMatchObject({ code: 'model.changed' });
		expect(services.tapMaps).not.toHaveBeenCalled();
	});

	test('that is not linear has no tap maps, and is compared by running it', async () => {
		const { load, services } = setUp({ readHead: async () => fakeHead(false) });
		expect((await load()).taps).toBeUndefined();
		expect(services.runHead).not.toHaveBeenCalled();
		await load(other);
		expect(services.runHead).toHaveBeenCalledOnce();
		expect(services.tapMaps).not.toHaveBeenCalled();
	});

	test('fails with what keeps the model from being read', async () => {
		const { load } = setUp({
			modelOfRun: async () => {
				throw new InspectorError({ code: 'model.notFound', name: '/gone.onnx' });
			},
		});
		expect(await problemOf(load())).toEqual({ code: 'model.notFound', name: '/gone.onnx' });
	});
});
