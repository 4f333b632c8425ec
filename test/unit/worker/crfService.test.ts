/** The CRF's service on a slow kernel that computes by the definition. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { CrfStepFigures, RefineParams } from '../../../src/shared/protocol/crf';
import { CrfService } from '../../../src/worker/crf/crfService';
import { halves, smallSettings } from './crfSource';
import { type FakeCrf, fakeCrf } from './fakeCrf';
import { problemOf } from './support';

let engines: FakeCrf[];
let service: CrfService;
let told: CrfStepFigures[];
let controller: AbortController;

beforeEach(() => {
	engines = [];
	told = [];
	controller = new AbortController();
	service = new CrfService(async () => {
		engines.push(fakeCrf());
		return engines.at(-1)!;
	});
});

const context = () => ({
	signal: controller.signal,
	progress: (figures: CrfStepFigures) => {
		told.push(figures);
	},
});
const params = (changes: Partial<RefineParams> = {}): RefineParams => ({
	runId: 'a',
	settings: smallSettings(),
	source: halves(),
	...changes,
});
const refine = async (changes: Partial<RefineParams> = {}) => (await service.refine(params(changes), context())).value;

describe('refine', () => {
	it('gives the labels of every iteration, from the network’s mask towards the border in the picture', async () => {
		const result = await refine();
		expect(result.labels).toHaveLength(4);
		expect(result.steps.map(({ iteration }) => iteration)).toEqual([0, 1, 2, 3]);
		expect(told).toEqual(result.steps);
		expect([result.width, result.height, result.threads]).toEqual([12, 8, 1]);
		const row = (iteration: number) => [...result.labels[iteration]!.subarray(0, 12)];
		expect(row(0)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
		expect(row(3)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
		expect(result.steps[0]!.changedPixels).toBe(0);
		expect(result.steps.reduce((sum, { changedPixels }) => sum + changedPixels, 0)).toBe(8);
		expect(result.entropyBefore).toHaveLength(96);
		const sum = (bytes: Uint8Array) => bytes.reduce((a, b) => a + b, 0);
		expect(sum(result.entropyAfter)).toBeLessThan(sum(result.entropyBefore));
	});

	it('at the network’s resolution brings labels and entropies back to the picture’s size', async () => {
		const result = await refine({ settings: { ...smallSettings(), resolution: 'network' } });
		expect([result.width, result.height]).toEqual([6, 4]);
		expect(result.labels.map(({ length }) => length)).toEqual([96, 96, 96, 96]);
		expect(result.entropyAfter).toHaveLength(96);
		const own = engines[0]!.labels();
		expect(own).toHaveLength(24);
		const corners = [0, 11, 84, 95].map((pixel) => result.labels[3]![pixel]);
		expect(corners).toEqual([0, 5, 18, 23].map((pixel) => own[pixel]));
	});

	it('with no iteration is the network’s mask', async () => {
		const result = await refine({ settings: smallSettings({ iterations: 0 }) });
		expect(result.labels).toHaveLength(1);
		expect(result.entropyAfter).toEqual(result.entropyBefore);
	});

	it('keeps source, unary and lattices for the next settings', async () => {
		const { timings } = await refine();
		expect(timings.prepare).toBeGreaterThan(0);
		expect(service.heldSource).toBe('a');
		const again = await refine({ source: undefined, settings: smallSettings({ iterations: 5 }) });
		expect(again.labels).toHaveLength(6);
		expect([again.timings.prepare, again.timings.lattice]).toEqual([0, 0]);
		await refine({ source: undefined, settings: smallSettings({ bilateralSigmaXy: 6 }) });
		expect(engines[0]!.calls).toMatchObject({ setInput: 1, setParameters: 2, start: 3 });
		await refine({ source: undefined, settings: { ...smallSettings(), resolution: 'network' } });
		expect(engines[0]!.calls).toMatchObject({ setInput: 2, setParameters: 3 });
		expect(engines).toHaveLength(1);
	});

	it('without the source it needs is refused', async () => {
		expect(await problemOf(refine({ source: undefined }))).toMatchObject({ code: 'internal' });
		await refine();
		expect(await problemOf(refine({ runId: 'b', source: undefined }))).toMatchObject({ code: 'internal' });
	});

	it('ends between two iterations when it is cancelled, and the next works', async () => {
		service = new CrfService(async () => {
			const engine = fakeCrf();
			engines.push(engine);
			return {
				...engine,
				step: () => {
					controller.abort();
					return engine.step();
				},
			};
		});
		expect(await problemOf(refine())).toEqual({ code: 'cancelled' });
		expect(engines[0]!.calls.step).toBe(1);
		controller = new AbortController();
		service = new CrfService(async () => engines[0]!);
		expect((await refine()).labels).toHaveLength(4);
	});

	it('that is cancelled before it began has taken the source', async () => {
		controller.abort();
		expect(await problemOf(refine())).toEqual({ code: 'cancelled' });
		controller = new AbortController();
		expect((await refine({ source: undefined })).labels).toHaveLength(4);
	});

	it.each([
		['WebAssembly.Memory.grow(): Maximum memory size exceeded', 'crf.tooLarge'],
		['Array buffer allocation failed', 'crf.tooLarge'],
		['Invalid typed array length: 4294967296', 'crf.tooLarge'],
		['unreachable', 'internal'],
	])('whose kernel fails with “%s” is %s, and the next works with a new kernel', async (message, code) => {
		await refine();
		engines[0]!.failure = new RangeError(message);
		expect(await problemOf(refine())).toMatchObject({ code });
		expect(engines[0]!.calls.dispose).toBe(1);
		expect((await refine({ source: undefined })).labels).toHaveLength(4);
		expect(engines).toHaveLength(2);
	});

	it('refuses settings outside their bounds, and more masks than fit', async () => {
		expect(await problemOf(refine({ settings: smallSettings({ spatialSigma: 0 }) }))).toMatchObject({
			code: 'crf.badParameter',
			parameter: 'spatialSigma',
		});
		const source = halves();
		const huge = { ...source, geometry: { ...source.geometry, pictureWidth: 20_000, pictureHeight: 20_000 } };
		expect(await problemOf(refine({ source: huge }))).toMatchObject({ code: 'crf.tooLarge' });
		expect(engines).toHaveLength(0);
		expect((await refine()).labels).toHaveLength(4);
	});
});

describe('mask', () => {
	const mask = async (iteration: number, changes: Partial<RefineParams> = {}, entropy = false) =>
		(await service.mask({ ...params(changes), iteration, entropy }, context())).value;

	it('is that of the same iteration’s steps', async () => {
		const { labels, entropyAfter } = await refine();
		for (const iteration of [0, 1, 2, 3]) {
			const other = new CrfService(async () => fakeCrf());
			const { value } = await other.mask({ ...params(), iteration, entropy: true }, context());
			expect(value).toMatchObject({ settings: smallSettings(), iteration });
			expect(value.labels).toEqual(labels[iteration]);
			if (iteration === 3) {
				expect(value.entropy).toEqual(entropyAfter);
			}
		}
	});

	it('comes of one run from the start, and leaves the kernel where the next goes on', async () => {
		const first = await mask(2);
		expect(first.entropy).toBeUndefined();
		expect(first.timings.prepare).toBeGreaterThan(0);
		expect(engines[0]!.calls).toMatchObject({ run: 1, start: 1, step: 2 });
		// The same again is there, and more iterations of the same are steps from there.
		await mask(2, { source: undefined });
		const more = await mask(5, { source: undefined, settings: smallSettings({ iterations: 5 }) });
		expect(engines[0]!.calls).toMatchObject({ run: 1, start: 1, step: 5 });
		expect([more.timings.prepare, more.timings.lattice]).toEqual([0, 0]);
		// Fewer, or other weights, are a run again.
		await mask(1, { source: undefined, settings: smallSettings({ iterations: 1 }) });
		await mask(1, { source: undefined, settings: smallSettings({ iterations: 1, spatialWeight: 1 }) });
		expect(engines[0]!.calls).toMatchObject({ run: 3, setInput: 1 });
		const again = await refine({ source: undefined, settings: smallSettings({ iterations: 5 }) });
		expect(again.labels[5]).toEqual(more.labels);
	});

	it('of which the entropy is wanted as well has it, also where the kernel stands there without', async () => {
		await mask(2);
		const { entropy } = await mask(2, { source: undefined }, true);
		expect(engines[0]!.calls).toMatchObject({ run: 2 });
		const { entropyAfter } = await refine({ source: undefined, settings: smallSettings({ iterations: 2 }) });
		expect(entropy).toEqual(entropyAfter);
		// Behind steps with figures it is there.
		await mask(2, { source: undefined }, true);
		expect(engines[0]!.calls).toMatchObject({ run: 2 });
		const next = await mask(4, { source: undefined }, true);
		expect(next.entropy).toHaveLength(96);
		expect(engines[0]!.calls).toMatchObject({ run: 2 });
	});

	it('at the network’s resolution is at the picture’s size', async () => {
		const settings = { ...smallSettings(), resolution: 'network' as const };
		const found = await mask(3, { settings }, true);
		expect([found.labels.length, found.entropy?.length]).toEqual([96, 96]);
		expect((await refine({ settings, source: undefined })).labels[3]).toEqual(found.labels);
	});

	it('ends between two iterations when it is cancelled, and the next works', async () => {
		await mask(1);
		const [engine] = engines;
		const step = engine!.step;
		engine!.step = () => {
			controller.abort();
			return step();
		};
		expect(await problemOf(mask(50, { source: undefined }))).toEqual({ code: 'cancelled' });
		expect(engine!.calls.step).toBe(2);
		engine!.step = step;
		controller = new AbortController();
		const { labels } = await mask(3, { source: undefined });
		expect((await refine({ source: undefined })).labels[3]).toEqual(labels);
	});

	it('whose kernel fails is the problem, and the next works with a new kernel', async () => {
		await mask(1);
		engines[0]!.failure = new RangeError('Array buffer allocation failed');
		expect(await problemOf(mask(2, { source: undefined }))).toMatchObject({ code: 'crf.tooLarge' });
		expect((await mask(2, { source: undefined })).labels).toHaveLength(96);
		expect(engines).toHaveLength(2);
	});
});

describe('probe', () => {
	const probe = (iteration: number, x = 6, y = 3, changes: Partial<RefineParams> = {}) =>
		service.probe({ ...params(changes), iteration, x, y }, context());

	it('adds unary and messages up to the kernel’s Q', async () => {
		await refine();
		const found = await probe(3, 6, 3, { source: undefined });
		expect(engines[0]!.calls).toMatchObject({ start: 1, step: 3 });
		expect(found).toMatchObject({ x: 6, y: 3, iteration: 3, color: [200, 200, 200] });
		const q = engines[0]!.q();
		expect(found.classes.map(({ label }) => label)).toEqual([0, 1, 2]);
		for (const { label, q: value, bilateral, spatial } of found.classes) {
			expect(value).toBeCloseTo(q[label * 96 + 3 * 12 + 6]!, 5);
			expect(bilateral).toBeGreaterThan(0);
			expect(spatial).toBeGreaterThan(0);
		}
	});

	it('at the start has no messages', async () => {
		const { classes } = await probe(0);
		for (const { unary, bilateral, spatial, q } of classes) {
			expect([bilateral, spatial]).toEqual([0, 0]);
			expect(q).toBeCloseTo(Math.exp(-unary), 5);
		}
	});

	it('goes on from where the kernel stands, and back by the start', async () => {
		await probe(1);
		await probe(3, 6, 3, { source: undefined });
		expect(engines[0]!.calls).toMatchObject({ start: 1, step: 3 });
		await probe(2, 6, 3, { source: undefined });
		expect(engines[0]!.calls).toMatchObject({ start: 2, step: 5 });
		await probe(2, 0, 0, { source: undefined });
		expect(engines[0]!.calls).toMatchObject({ start: 2, step: 5 });
	});

	it('at the network’s resolution reads the pixel under it', async () => {
		const settings = { ...smallSettings(), resolution: 'network' as const };
		const found = await probe(2, 7, 5, { settings });
		expect(found.classes[1]!.q).toBeCloseTo(engines[0]!.q()[24 + 2 * 6 + 3]!, 5);
		expect(found.color).toEqual([200, 200, 200]);
	});

	it.each([
		[12, 0],
		[0, 8],
		[-1, 0],
		[0.5, 0],
	])('refuses the pixel %s, %s', async (x, y) => {
		expect(await problemOf(probe(1, x, y))).toMatchObject({ code: 'crf.badInput' });
	});
});

describe('ties', () => {
	it('are largest beside the pixel, in its own half, and leave Q as it is', async () => {
		await refine();
		const q = engines[0]!.q();
		const { value } = await service.ties(
			{ ...params({ source: undefined }), kernel: 'bilateral', x: 2, y: 3 },
			context(),
		);
		expect([value.width, value.height, value.kernel]).toEqual([12, 8, 'bilateral']);
		expect(value.largest).toBeGreaterThan(0);
		expect(Math.max(...value.values.filter((_, i) => i !== 3 * 12 + 2))).toBe(255);
		expect(value.values[3 * 12 + 1]).toBeGreaterThan(200);
		expect(value.values[3 * 12 + 8]).toBe(0);
		expect(engines[0]!.q()).toEqual(q);
	});

	it('of a weight of 0 are 0', async () => {
		const settings = smallSettings({ spatialWeight: 0 });
		const { value } = await service.ties({ ...params({ settings }), kernel: 'spatial', x: 0, y: 0 }, context());
		expect(value.largest).toBe(0);
		expect(Math.max(...value.values)).toBe(0);
	});
});
