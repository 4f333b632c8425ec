import { describe, expect, it } from 'vitest';
import { readHead } from '../../../../src/core/aspp/head';
import { cutMixedHead } from '../../../../src/core/aspp/mixedModels';
import { mixedInput } from '../../../../src/core/aspp/mixedTrace';
import { checkModel } from '../../../../src/core/health/checkModel';
import type { ModelMetadata } from '../../../../src/core/model';
import type { OnnxModel } from '../../../../src/core/onnx/ir';
import type { FeatureMap } from '../../../../src/core/run';
import { relativeError, runModel } from './heads';
import { adoptedMixed, branchChannels, type MixedOptions, withBranchZeroed } from './mixed';
import { Noise } from './noise';

const picture = new Noise(9).map(3, 33, 49);

/** The logits with some branches' maps set to zero, from a run's features. */
async function ablated(
	{ model, metadata }: { readonly model: OnnxModel; readonly metadata: ModelMetadata },
	run: Readonly<Record<string, FeatureMap>>,
	on: (branch: number) => boolean,
): Promise<FeatureMap> {
	const { before, picture: input, branches, beside, features, after } = cutMixedHead(model, metadata, 'm');
	const given: Record<string, FeatureMap> = { features: run.features!, ...(input ? { [input]: picture } : {}) };
	const read = new Set(before?.graph.inputs.map(({ name }) => name));
	const fed = Object.fromEntries(Object.entries(given).filter(([name]) => read.has(name)));
	const found: Record<string, FeatureMap> = before ? await runModel(before, fed) : {};
	const besideOf = (value: string) => (features.has(value) ? run.features! : found[value]!);
	const feeds: Record<string, FeatureMap> = Object.fromEntries(beside.map((value) => [value, besideOf(value)]));
	for (const [branch, { output, value }] of branches.entries()) {
		const map = output === undefined ? besideOf(value) : run[output]!;
		feeds[mixedInput(branch)] = on(branch) ? map : { ...map, data: new Float32Array(map.data.length) };
	}
	return (await runModel(after, feeds)).logits!;
}

const cases: [string, MixedOptions, readonly string[]][] = [
	['DeepLabv3', {}, ['/aspp.0/Conv', '/aspp.3/Conv', '/aspp.6/Conv', '/pool/Conv']],
	['DeepLabv3+', { decoder: true }, ['/aspp.0/Conv', '/aspp.3/Conv', '/aspp.6/Conv', '/pool/Conv']],
	[
		'DeepLabv3 that averages tensors',
		{ pooling: 'tensor' },
		['/aspp.0/Conv', '/aspp.3/Conv', '/aspp.6/Conv', '/pool/Conv'],
	],
	['branches that are summed first', { summed: true }, ['/aspp.3/Conv', '/aspp.6/Conv']],
];

describe.each(cases)('the mixed head of %s', (_, options, convs) => {
	const adopted = adoptedMixed(options);

	it('names all that meets in it', () => {
		const head = readHead(adopted.model, adopted.metadata, 'm');
		expect(head).toMatchObject({ linear: false, classes: 4, channels: 6 });
		expect(head.branches.map(({ rate, output }) => [rate, output])).toEqual([
			[3, 'aspp.3'],
			[6, 'aspp.6'],
		]);
		const dilated = [
			{ kind: 'dilated', rate: 3, output: 'aspp.3' },
			{ kind: 'dilated', rate: 6, output: 'aspp.6' },
		];
		expect(head.mixing?.branches).toMatchObject(
			options.summed
				? dilated
				: [
						{ kind: 'pointwise', rate: undefined, output: undefined },
						...dilated,
						{ kind: 'pooling', rate: undefined, output: undefined },
					],
		);
		expect(head.mixing?.readsPicture).toBe(options.decoder === true);
	});

	it('gives the network’s logits with every branch on', async () => {
		const run = await runModel(adopted.model, { image: picture });
		expect(run['aspp.3']!.channels).toBe(branchChannels);
		expect(relativeError(await ablated(adopted, run, () => true), run.logits!)).toBeLessThan(1e-5);
	});

	it('gives without a branch what the network gives with that branch’s weights zeroed', async () => {
		const run = await runModel(adopted.model, { image: picture });
		for (const [branch, conv] of convs.entries()) {
			const expected = (await runModel(withBranchZeroed(adopted.model, conv), { image: picture })).logits!;
			const actual = await ablated(adopted, run, (each) => each !== branch);
			expect(relativeError(actual, expected)).toBeLessThan(1e-4);
			expect(relativeError(actual, run.logits!)).toBeGreaterThan(1e-3);
		}
	});

	it('has no health check of its own that says it were missing', () => {
		const codes = checkModel(adopted.model, adopted.metadata, [65, 65]).map(({ code }) => code);
		expect(codes).not.toContain('head.missing');
		expect(codes).not.toContain('head.unusualRates');
	});
});

describe('a mixed head', () => {
	it('is refused where a branch does not begin at the features', () => {
		const { model, metadata } = adoptedMixed();
		const wrong: ModelMetadata = { ...metadata, branches: [{ rate: 3, output: 'logits' }] };
		expect(() => readHead(model, wrong, 'm')).toThrow('does not begin with a dilated convolution');
	});
});
