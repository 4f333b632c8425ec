import { describe, expect, it } from 'vitest';
import { checkModel } from '../../../../src/core/health/checkModel';
import { initialNoise, momentsOf } from '../../../../src/core/health/initialNoise';
import type { Finding, ModelMetadata } from '../../../../src/core/model';
import { describeNetwork } from '../../../../src/core/onnx/describe';
import { DataType, type OnnxModel, type OnnxNode, type OnnxTensor } from '../../../../src/core/onnx/ir';
import { describeFinding } from '../../../../src/shared/describeFinding';
import { bundledModel } from '../aspp/heads';
import { networkWithHead } from '../aspp/networkWithHead';
import { Noise } from '../aspp/noise';

type Network = { model: OnnxModel; metadata: ModelMetadata };

const check = ({ model, metadata }: Network, size: readonly [number, number] = [129, 129]) =>
	checkModel(model, metadata, size);
const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code);

function withTensor(
	{ model, metadata }: Network,
	name: string,
	data: Uint8Array,
	dataType: number = DataType.float,
): Network {
	const initializers = model.graph.initializers.map((tensor) =>
		tensor.name === name ? { ...tensor, data, dataType } : tensor,
	);
	expect(initializers.some((tensor) => tensor.data === data)).toBe(true);
	return { model: { ...model, graph: { ...model.graph, initializers } }, metadata };
}

const bytesOf = (data: { readonly buffer: ArrayBufferLike }) => new Uint8Array(data.buffer);

/** Normally distributed, by Box and Muller. */
function normal(count: number, deviation: number, seed: number): Float32Array {
	const noise = new Noise(seed);
	const uniform = () => (noise.next() + 1) / 2;
	return Float32Array.from(
		{ length: count },
		() => deviation * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
	);
}

describe('the health check', () => {
	it('finds nothing odd in the bundled model', () => {
		expect(check(bundledModel(), [513, 513])).toEqual([]);
	});

	it.each([[[12]], [[2, 4, 8, 12]], [[6, 12, 18, 24]]])('nor in a network with rates %j', (rates) => {
		expect(check(networkWithHead({ rates }), [513, 513])).toEqual([]);
		expect(check(networkWithHead({ rates, chain: true }), [513, 513])).toEqual([]);
	});

	it('a branch that is not summed', () => {
		const network = networkWithHead({ rates: [6, 12, 18, 24], summed: [0, 1] });
		expect(check(network)).toEqual([
			{ severity: 'error', path: 'aspp.2', code: 'branch.notSummed', branch: 18 },
			{ severity: 'error', path: 'aspp.3', code: 'branch.notSummed', branch: 24 },
		]);
	});

	it('rates that are equal or none of the paper’s', () => {
		expect(check(networkWithHead({ rates: [6, 6, 5, 24, 5] }))).toEqual([
			{ severity: 'warning', path: undefined, code: 'head.equalRates', rates: [6, 5] },
			{ severity: 'info', path: undefined, code: 'head.unusualRates', rates: [5] },
		]);
	});

	it('no head', () => {
		const { model, metadata } = networkWithHead({ rates: [6, 12] });
		const branches = [...metadata.branches, { rate: 18, output: 'logits' }];
		expect(check({ model, metadata: { ...metadata, branches } })).toEqual([
			{
				severity: 'warning',
				path: undefined,
				code: 'head.missing',
				detail: 'branch “logits” is no chain of layers: layer “logits” (Sum) takes 2 values',
			},
		]);
	});

	it('weights that are all zero, and numbers that are none', () => {
		const network = networkWithHead({ rates: [6] });
		const zero = withTensor(network, 'stem.weight', new Uint8Array(5 * 27 * 4));
		expect(check(zero)).toEqual([{ severity: 'warning', path: 'stem', code: 'weights.zero', tensor: 'stem.weight' }]);
		// A bias may be zero.
		expect(check(withTensor(network, 'aspp.0.bias', new Uint8Array(12)))).toEqual([]);
		const odd = Float32Array.of(Number.NaN, 1, Number.NEGATIVE_INFINITY);
		expect(check(withTensor(network, 'aspp.0.bias', bytesOf(odd)))).toEqual([
			{ severity: 'error', path: 'aspp.0', code: 'weights.nonFinite', tensor: 'aspp.0.bias', count: 2 },
		]);
	});

	it('odd numbers also of other widths', () => {
		const network = networkWithHead({ rates: [6] });
		const found = (data: Uint8Array, type: number) => check(withTensor(network, 'aspp.0.bias', data, type))[0];
		const halves = bytesOf(Uint16Array.of(0x7c00, 0xfe01, 0x7bff));
		expect(found(halves, DataType.float16)).toMatchObject({ code: 'weights.nonFinite', count: 2 });
		expect(found(bytesOf(Uint16Array.of(0x7f80, 0x7f7f, 0)), DataType.bfloat16)).toMatchObject({ count: 1 });
		expect(found(bytesOf(Float64Array.of(1, Number.NaN, 1e300)), DataType.double)).toMatchObject({ count: 1 });
	});

	it('taps that are in the padding from every cell', () => {
		const network = networkWithHead({ rates: [6, 24] });
		// At 65 x 21 the grid is 33 x 11.
		const [wide] = check(network, [65, 21]);
		expect(wide).toEqual({
			severity: 'info',
			path: 'aspp.1',
			code: 'taps.alwaysPadding',
			branch: 24,
			taps: [0, 2, 3, 5, 6, 8],
		});
		const [lost] = check(network, [47, 47]);
		expect(lost).toMatchObject({ severity: 'warning', taps: [0, 1, 2, 3, 5, 6, 7, 8] });
		// A rate one less than the grid's side still reaches its far end.
		expect(check(network, [49, 49])).toEqual([]);
	});

	it('shapes that do not work out', () => {
		const { model, metadata } = networkWithHead({ rates: [6, 12] });
		const node: OnnxNode = { name: 'odd', operator: 'Odd', inputs: ['stem'], outputs: ['x'], attributes: new Map() };
		const nodes = model.graph.nodes.flatMap((each) =>
			each.name === 'stem.relu' ? [node, { ...each, inputs: ['x'] }] : [each],
		);
		const open = check({ model: { ...model, graph: { ...model.graph, nodes } }, metadata });
		expect(open).toEqual([{ severity: 'warning', path: 'odd', code: 'shapes.open', detail: 'Odd after 1x5x65x65' }]);
		const cropped = model.graph.nodes.map((each) =>
			each.name === 'logits'
				? {
						...each,
						operator: 'MaxPool',
						inputs: ['aspp.0'],
						attributes: new Map([['kernel_shape', { kind: 'ints', value: [2, 2] }]] as const),
					}
				: each,
		);
		const apart = check({ model: { ...model, graph: { ...model.graph, nodes: cropped } }, metadata });
		expect(codes(apart)).toEqual(['shapes.open', 'shapes.open', 'shapes.open', 'branch.notSummed']);
		expect(apart[1]).toMatchObject({ severity: 'error', detail: '“aspp.0” is 65x65, “logits” 64x64' });
	});

	it('batch norms whose statistics were never updated', () => {
		const { model, metadata } = networkWithHead({ rates: [6] });
		const tensor = (name: string, value: number): OnnxTensor => ({
			name,
			dims: [5],
			dataType: DataType.float,
			data: bytesOf(new Float32Array(5).fill(value)),
		});
		const norm = (mean: number): OnnxModel => ({
			...model,
			graph: {
				...model.graph,
				nodes: model.graph.nodes.flatMap((node): OnnxNode[] =>
					node.name === 'stem.relu'
						? [
								{
									name: 'bn',
									operator: 'BatchNormalization',
									inputs: ['stem', 'gamma', 'beta', 'mean', 'variance'],
									outputs: ['normal'],
									attributes: new Map(),
								},
								{ ...node, inputs: ['normal'] },
							]
						: [node],
				),
				initializers: [
					...model.graph.initializers,
					tensor('gamma', 1),
					tensor('beta', 0),
					tensor('mean', mean),
					tensor('variance', 1),
				],
			},
		});
		expect(check({ model: norm(0), metadata })).toEqual([
			{ severity: 'warning', path: 'bn', code: 'batchNorm.untouched', tensor: 'mean' },
		]);
		expect(check({ model: norm(0.1), metadata })).toEqual([]);
	});

	it('is part of a network’s description, the gravest finding first', () => {
		const { model } = networkWithHead({ rates: [5, 12], summed: [0] });
		const { findings } = describeNetwork(model, 0, 'own.onnx');
		expect(findings.map(({ severity }) => severity)).toEqual(['error', 'info']);
	});
});

describe('initial noise', () => {
	const weights = (count: number, deviation = 0.01, seed = 3) => normal(count, deviation, seed);

	it('is told from its moments, whatever the sample', () => {
		for (let seed = 0; seed < 40; seed++) {
			for (const count of [9 * 21 * 16, 9 * 21 * 256]) {
				expect(initialNoise(weights(count, 0.01, seed), undefined, 100)).toBeDefined();
			}
		}
		const { mean, standardDeviation, kurtosis } = momentsOf(weights(9 * 21 * 2048));
		expect(mean).toBeCloseTo(0, 4);
		expect(Math.abs(standardDeviation - 0.01)).toBeLessThan(1e-4);
		expect(kurtosis).toBeCloseTo(3, 1);
	});

	it('is not what was trained a little, of another spread or shape, or with a large bias', () => {
		const count = 9 * 21 * 256;
		const noise = weights(count);
		expect(
			initialNoise(
				noise.map((value) => value * 1.03),
				undefined,
				100,
			),
		).toBeUndefined();
		expect(
			initialNoise(
				noise.map((value) => value + 0.001),
				undefined,
				100,
			),
		).toBeUndefined();
		// One weight in a hundred five times as large: heavy tails.
		expect(
			initialNoise(
				noise.map((value, i) => (i % 100 === 0 ? 5 * value : 0.88 * value)),
				undefined,
				100,
			),
		).toBeUndefined();
		const flat = new Noise(1).floats(count).map((value) => value * 0.01 * Math.sqrt(3));
		expect(initialNoise(flat, undefined, 100)).toBeUndefined();
		expect(initialNoise(noise, Float32Array.of(0.1, -0.1), 100)).toBeDefined();
		expect(initialNoise(noise, Float32Array.of(0.1, -0.101), 100)).toBeUndefined();
		expect(initialNoise(weights(400), undefined, 100)).toBeUndefined();
	});

	it('is found in a branch, and none of the bundled model’s is taken for it', () => {
		const network = networkWithHead({ rates: [6, 12], channels: 64 });
		const odd = withTensor(network, 'aspp.1.weight', bytesOf(weights(3 * 64 * 9)));
		const small = withTensor(odd, 'aspp.1.bias', bytesOf(Float32Array.of(0.01, -0.02, 0)));
		const findings = check(small);
		expect(findings).toMatchObject([{ severity: 'warning', path: 'aspp.1', code: 'branch.untrained', branch: 12 }]);
		expect(describeFinding(findings[0]!)).toMatch(
			/rate 12 has weights like initial noise \(standard deviation 0\.0\d{3}, /,
		);
		// Its bias, random in -1…1, is beyond 1 / √(9 * 64).
		expect(check(odd)).toEqual([]);
	});
});
