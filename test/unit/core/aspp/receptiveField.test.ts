import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receptiveFields } from '../../../../src/core/aspp/receptiveField';
import { describeNetwork } from '../../../../src/core/onnx/describe';
import { type FloatTensor, GraphBuilder } from '../../../../src/core/onnx/graphBuilder';
import type { AttributeValue, OnnxGraph } from '../../../../src/core/onnx/ir';
import { writeMetadata } from '../../../../src/core/onnx/metadata';
import { inferShapes } from '../../../../src/core/onnx/shapes';
import { sampleMetadata } from '../onnx/sampleModel';

const buffer = new Float32Array(5_000_000);

/** Zeros that share one buffer, so that whole networks cost no memory. */
function zeros(...shape: number[]): FloatTensor {
	return {
		shape,
		data: buffer.subarray(
			0,
			shape.reduce((product, size) => product * size, 1),
		),
	};
}

/** DeepLabv2 on ResNet-101 for 21 classes. */
function resnet101(): OnnxGraph {
	const builder = new GraphBuilder('resnet101');
	const batchNorm = (name: string, input: string, channels: number) =>
		builder.node(
			name,
			'BatchNormalization',
			[input, ...['weight', 'bias', 'mean', 'var'].map((part) => builder.constant(`${name}.${part}`, zeros(channels)))],
			{},
		);
	const conv = (name: string, input: string, from: number, to: number, kernel: number, stride = 1, dilation = 1) => {
		const padding = kernel === 1 ? 0 : kernel === 7 ? 3 : dilation;
		const weight = zeros(to, from, kernel, kernel);
		return batchNorm(`bn.${name}`, builder.conv(name, input, { weight, stride, dilation, padding }), to);
	};
	let value = builder.input('input', [1, 3, 'height', 'width']);
	value = builder.relu('relu1', conv('conv1', value, 3, 64, 7, 2));
	value = builder.maxPool('pool1', value, { kernel: 3, stride: 2, padding: [1, 1, 2, 2] });
	let channels = 64;
	for (const [stage, count, middle, stride, dilation] of [
		[2, 3, 64, 1, 1],
		[3, 4, 128, 2, 1],
		[4, 23, 256, 1, 2],
		[5, 3, 512, 1, 4],
	] as const) {
		for (let index = 0; index < count; index++) {
			const name = `res${stage}.${index}`;
			const step = index === 0 ? stride : 1;
			const shortcut = index === 0 ? conv(`${name}.branch1`, value, channels, middle * 4, 1, step) : value;
			let inner = builder.relu(`${name}.relua`, conv(`${name}.branch2a`, value, channels, middle, 1, step));
			inner = builder.relu(`${name}.relub`, conv(`${name}.branch2b`, inner, middle, middle, 3, 1, dilation));
			inner = conv(`${name}.branch2c`, inner, middle, middle * 4, 1);
			value = builder.relu(`${name}.out`, builder.add(`${name}.add`, shortcut, inner));
			channels = middle * 4;
		}
	}
	const heads = [6, 12, 18, 24].map((rate) =>
		builder.conv(`aspp.${rate}`, value, {
			weight: zeros(21, 2048, 3, 3),
			bias: zeros(21),
			padding: rate,
			dilation: rate,
		}),
	);
	builder.sum('logits', heads);
	return builder.build();
}

/** DeepLab on VGG-16 for 21 classes with one fc6 per rate; LargeFOV has the average pool. */
function vgg16(rates: readonly number[], largeFov: boolean): OnnxGraph {
	const builder = new GraphBuilder('vgg16');
	let value = builder.input('input', [1, 3, 'height', 'width']);
	let channels = 3;
	for (const [stage, count, width, stride, dilation] of [
		[1, 2, 64, 2, 1],
		[2, 2, 128, 2, 1],
		[3, 3, 256, 2, 1],
		[4, 3, 512, 1, 1],
		[5, 3, 512, 1, 2],
	] as const) {
		for (let index = 0; index < count; index++) {
			const weights = { weight: zeros(width, channels, 3, 3), bias: zeros(width) };
			value = builder.conv(`conv${stage}.${index}`, value, { ...weights, padding: dilation, dilation });
			value = builder.relu(`relu${stage}.${index}`, value);
			channels = width;
		}
		const padding = stride === 2 ? ([1, 1, 2, 2] as const) : 1;
		value = builder.maxPool(`pool${stage}`, value, { kernel: 3, stride, padding });
	}
	if (largeFov) {
		value = builder.averagePool('pool5a', value, { kernel: 3, stride: 1, padding: 1 });
	}
	const heads = rates.map((rate) => {
		const fc6 = { weight: zeros(1024, 512, 3, 3), bias: zeros(1024), padding: rate, dilation: rate };
		const inner = builder.relu(`relu6.${rate}`, builder.conv(`fc6.${rate}`, value, fc6));
		const fc7 = { weight: zeros(1024, 1024, 1, 1), bias: zeros(1024) };
		const last = builder.relu(`relu7.${rate}`, builder.conv(`fc7.${rate}`, inner, fc7));
		return builder.conv(`fc8.${rate}`, last, { weight: zeros(21, 1024, 1, 1), bias: zeros(21) });
	});
	builder.sum('logits', heads);
	return builder.build();
}

/** Parameters as the tree counts them; the metadata only has to be there. */
function parameters(graph: OnnxGraph): number {
	const outputs = ['features', 'aspp.6', 'aspp.12', 'logits'].map((name) => ({ name }));
	const metadata = writeMetadata(sampleMetadata);
	const model = { irVersion: 8, opset: 17, producer: '', graph: { ...graph, outputs }, metadata };
	return describeNetwork(model, 0, 'm').parameters;
}

describe('known networks', () => {
	const size = (graph: OnnxGraph) => {
		const fields = receptiveFields(graph);
		return (value: string) => fields.get(value)?.size;
	};

	it('ResNet-101', () => {
		const graph = resnet101();
		const of = size(graph);
		expect(of('res4.22.out')).toEqual([835, 835]);
		expect(of('res5.2.out')).toEqual([1027, 1027]);
		expect([6, 12, 18, 24].map((rate) => of(`aspp.${rate}`)?.[0])).toEqual([1123, 1219, 1315, 1411]);
		expect(receptiveFields(graph).get('logits')).toEqual({
			size: [1411, 1411],
			stride: [8, 8],
			offset: [-705, -705],
		});
		expect(inferShapes(graph, [321, 513]).get('logits')).toEqual([1, 21, 41, 65]);
		expect(inferShapes(graph, [512, 512]).get('logits')).toEqual([1, 21, 65, 65]);
		expect(parameters(graph)).toBe(44_048_532);
	});

	it('VGG-16', () => {
		const rates = [2, 4, 6, 8, 12, 18, 24];
		const of = size(vgg16(rates, false));
		expect(of('pool5')).toEqual([227, 227]);
		expect(rates.map((rate) => of(`fc6.${rate}`)?.[0])).toEqual([259, 291, 323, 355, 419, 515, 611]);
		expect(parameters(vgg16([6, 12, 18, 24], false))).toBe(37_877_652);
		expect(parameters(vgg16([12], true))).toBe(20_505_429);
	});
});

const keymap = path.resolve('../shared/reference/data/keymap.json');

interface ListedLayer {
	readonly caffe: { readonly conv?: string };
	readonly k: number;
	readonly stride: number;
	readonly pad: number;
	readonly dil: number;
}

describe.skipIf(!existsSync(keymap))('ResNet-101 as the reference lists its layers', () => {
	it('has the fields of the released network', () => {
		const { rows } = JSON.parse(readFileSync(keymap, 'utf8')) as { readonly rows: readonly ListedLayer[] };
		const builder = new GraphBuilder('listed');
		let value = builder.input('input', [1, 1, 'height', 'width']);
		const heads: string[] = [];
		const blocks = new Map<string, { readonly from: string; shortcut: string; inner: string }>();
		for (const { caffe, k, stride, pad, dil } of rows) {
			const name = caffe.conv!;
			const [, block, branch] = /^(res\w+)_branch(\w+)$/.exec(name) ?? [];
			const conv = (from: string) =>
				builder.conv(name, from, { weight: zeros(1, 1, k, k), stride, padding: pad, dilation: dil });
			if (block === undefined) {
				if (name === 'conv1') {
					value = builder.maxPool('pool1', conv(value), { kernel: 3, stride: 2, padding: [1, 1, 2, 2] });
				} else {
					heads.push(conv(value));
				}
				continue;
			}
			const state = blocks.get(block) ?? { from: value, shortcut: value, inner: value };
			blocks.set(block, state);
			if (branch === '1') {
				state.shortcut = conv(state.from);
			} else {
				state.inner = conv(state.inner);
			}
			if (branch === '2c') {
				value = builder.add(block, state.shortcut, state.inner);
			}
		}
		const fields = receptiveFields(builder.build());
		const of = (name: string) => fields.get(name)?.size[0];
		expect(rows).toHaveLength(108);
		expect([of('res4b22'), of('res5c')]).toEqual([835, 1027]);
		expect(heads.map(of)).toEqual([1123, 1219, 1315, 1411]);
	});
});

type Step =
	| { readonly kind: 'window'; readonly window: Axis; readonly other: Axis; readonly operator: string }
	| { readonly kind: 'residual'; readonly half: number; readonly dilation: number; readonly join: string };
interface Axis {
	readonly kernel: number;
	readonly stride: number;
	readonly dilation: number;
	readonly before: number;
	readonly after: number;
}

const axis: fc.Arbitrary<Axis> = fc.record({
	kernel: fc.integer({ min: 1, max: 4 }),
	stride: fc.integer({ min: 1, max: 3 }),
	dilation: fc.integer({ min: 1, max: 3 }),
	before: fc.nat(3),
	after: fc.nat(3),
});
const step: fc.Arbitrary<Step> = fc.oneof(
	fc.record({
		kind: fc.constant('window' as const),
		window: axis,
		other: axis,
		operator: fc.constantFrom('Conv', 'MaxPool', 'AveragePool'),
	}),
	fc.record({
		kind: fc.constant('residual' as const),
		half: fc.integer({ min: 0, max: 2 }),
		dilation: fc.integer({ min: 1, max: 3 }),
		join: fc.constantFrom('Add', 'Sum', 'Concat', 'Max'),
	}),
);

/** For every output position the input positions it depends on, found by following each tap. */
function mark(input: ReadonlySet<number>[], { kernel, stride, dilation, before, after }: Axis): ReadonlySet<number>[] {
	const outputs: ReadonlySet<number>[] = [];
	for (let start = -before; start + (kernel - 1) * dilation < input.length + after; start += stride) {
		const seen = new Set<number>();
		for (let tap = 0; tap < kernel; tap++) {
			for (const position of input[start + tap * dilation] ?? []) {
				seen.add(position);
			}
		}
		outputs.push(seen);
	}
	return outputs;
}

function residual({ half, dilation }: { half: number; dilation: number }): Axis {
	return { kernel: 2 * half + 1, stride: 1, dilation, before: half * dilation, after: half * dilation };
}

describe('the law', () => {
	it('each output depends on just the first and last pixel of its field, over every path', () => {
		const length = 400;
		let compared = 0;
		fc.assert(
			fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), (steps) => {
				const builder = new GraphBuilder('law');
				let value = builder.input('input', [1, 1, length, length]);
				let channels = 1;
				const start = Array.from({ length }, (_, position) => new Set([position]));
				let marked: [ReadonlySet<number>[], ReadonlySet<number>[]] = [start, start];
				for (const [index, item] of steps.entries()) {
					const [vertical, horizontal] =
						item.kind === 'window' ? [item.window, item.other] : [residual(item), residual(item)];
					const isConv = item.kind === 'residual' || item.operator === 'Conv';
					const inputs = isConv
						? [value, builder.constant(`w${index}`, zeros(channels, channels, vertical.kernel, horizontal.kernel))]
						: [value];
					const pair = (key: keyof Axis) => [vertical[key], horizontal[key]];
					const inner = builder.node(`n${index}`, isConv ? 'Conv' : item.operator, inputs, {
						kernel_shape: { kind: 'ints', value: pair('kernel') },
						strides: { kind: 'ints', value: pair('stride') },
						dilations: { kind: 'ints', value: pair('dilation') },
						pads: { kind: 'ints', value: [...pair('before'), ...pair('after')] },
					});
					const inside: typeof marked = [mark(marked[0], vertical), mark(marked[1], horizontal)];
					if (item.kind === 'residual') {
						const axes: Record<string, AttributeValue> =
							item.join === 'Concat' ? { axis: { kind: 'int', value: 1 } } : {};
						value = builder.node(`j${index}`, item.join, [value, inner], axes);
						channels *= item.join === 'Concat' ? 2 : 1;
						const both = (one: ReadonlySet<number>[], other: ReadonlySet<number>[]) =>
							one.map((seen, position) => new Set([...seen, ...other[position]!]));
						marked = [both(marked[0], inside[0]), both(marked[1], inside[1])];
					} else {
						value = inner;
						marked = inside;
					}
				}
				const graph = builder.build();
				expect(inferShapes(graph, [1, 1]).get(value)).toEqual([1, channels, marked[0].length, marked[1].length]);
				const field = receptiveFields(graph).get(value)!;
				for (const side of [0, 1] as const) {
					for (const [position, seen] of marked[side].entries()) {
						const first = field.offset[side] + field.stride[side] * position;
						const last = first + field.size[side] - 1;
						// At the border, taps that fall into padding hide the field's ends.
						if (first >= 0 && last < length) {
							expect([Math.min(...seen), Math.max(...seen)]).toEqual([first, last]);
							compared++;
						} else {
							expect([...seen].every((pixel) => pixel >= first && pixel <= last)).toBe(true);
						}
					}
				}
			}),
			{ numRuns: 100 },
		);
		expect(compared).toBeGreaterThan(1000);
	});

	it('has no answer behind operators without a fixed window', () => {
		const builder = new GraphBuilder('g');
		const input = builder.input('input', [1, 3, 'h', 'w']);
		const pooled = builder.node('pool', 'GlobalAveragePool', [input], {});
		builder.add('sum', input, pooled);
		const fields = receptiveFields(builder.build());
		expect(fields.has('pool')).toBe(false);
		expect(fields.has('sum')).toBe(false);
	});
});
