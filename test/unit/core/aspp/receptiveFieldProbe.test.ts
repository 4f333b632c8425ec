/** Receptive fields against what moves an output when the input is changed, on random networks of all operators. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receptiveFields } from '../../../../src/core/aspp/receptiveField';
import type { AttributeValue, OnnxGraph, OnnxNode, OnnxTensor } from '../../../../src/core/onnx/ir';
import { intsAttribute } from '../../../../src/core/onnx/ir';
import { inferShapes } from '../../../../src/core/onnx/shapes';

interface Grid {
	readonly channels: number;
	readonly height: number;
	readonly width: number;
	readonly data: Float64Array;
}

function grid(
	channels: number,
	height: number,
	width: number,
	value: (c: number, y: number, x: number) => number,
): Grid {
	const data = new Float64Array(channels * height * width);
	for (let i = 0; i < data.length; i++) {
		data[i] = value(Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width);
	}
	return { channels, height, width, data };
}

const at = ({ height, width, data }: Grid, c: number, y: number, x: number): number | undefined =>
	y < 0 || x < 0 || y >= height || x >= width ? undefined : data[(c * height + y) * width + x];

/** Every weight is positive, so that nothing that reaches a value cancels out. */
const weightOf = (c: number, other: number, tap: number) => 0.1 + ((c * 7 + other * 5 + tap * 3) % 10) / 11;

/** Computes the operators that the networks below are made of. */
function compute(node: OnnxNode, inputs: readonly Grid[]): Grid[] {
	const [first] = inputs as [Grid];
	const { channels, height, width } = first;
	switch (node.operator) {
		case 'Relu':
			return [{ ...first, data: first.data.map((value) => Math.max(0, value)) }];
		case 'Add':
			return [{ ...first, data: first.data.map((value, i) => value + inputs[1]!.data[i]!) }];
		case 'Max':
			return [{ ...first, data: first.data.map((value, i) => Math.max(value, inputs[1]!.data[i]!)) }];
		case 'Concat':
			return [
				{
					channels: channels + inputs[1]!.channels,
					height,
					width,
					data: Float64Array.of(...first.data, ...inputs[1]!.data),
				},
			];
		case 'Split': {
			const middle = first.data.length / 2;
			return [first.data.slice(0, middle), first.data.slice(middle)].map((data) => ({
				channels: channels / 2,
				height,
				width,
				data,
			}));
		}
		case 'Pad': {
			const [, , top, left, , , bottom, right] = intsAttribute(node, 'pads') as number[];
			const to = (c: number, y: number, x: number) => at(first, c, y - top!, x - left!) ?? 0;
			return [grid(channels, height + top! + bottom!, width + left! + right!, to)];
		}
		default:
			return [slide(node, first)];
	}
}

function slide(node: OnnxNode, input: Grid): Grid {
	const [kernel, strides, dilations, pads] = ['kernel_shape', 'strides', 'dilations', 'pads'].map(
		(name) => intsAttribute(node, name)!,
	) as [number[], number[], number[], number[]];
	const side = (axis: 0 | 1, length: number) =>
		Math.floor((length + pads[axis]! + pads[axis + 2]! - dilations[axis]! * (kernel[axis]! - 1) - 1) / strides[axis]!) +
		1;
	return grid(input.channels, side(0, input.height), side(1, input.width), (c, y, x) => {
		let largest = 0;
		let sum = 0;
		for (let tap = 0; tap < kernel[0]! * kernel[1]!; tap++) {
			const row = y * strides[0]! - pads[0]! + Math.floor(tap / kernel[1]!) * dilations[0]!;
			const column = x * strides[1]! - pads[1]! + (tap % kernel[1]!) * dilations[1]!;
			for (let other = 0; other < input.channels; other++) {
				const value = at(input, other, row, column) ?? 0;
				sum += node.operator === 'Conv' ? weightOf(c, other, tap) * value : other === c ? value : 0;
				largest = other === c ? Math.max(largest, value) : largest;
			}
		}
		return node.operator === 'MaxPool' ? largest : sum;
	});
}

function evaluate({ nodes }: OnnxGraph, input: Grid): ReadonlyMap<string, Grid> {
	const values = new Map([['input', input]]);
	for (const node of nodes) {
		const inputs = node.inputs.flatMap((name) => values.get(name) ?? []);
		for (const [index, value] of compute(node, inputs).entries()) {
			values.set(node.outputs[index]!, value);
		}
	}
	return values;
}

const side = 20;
const window = fc.record({
	operator: fc.constantFrom('Conv', 'MaxPool', 'AveragePool'),
	kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
	stride: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
	dilation: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
	/** Of the padding that keeps the size, the part that comes before. */
	before: fc.tuple(fc.nat(6), fc.nat(6)),
});
type Window = typeof window extends fc.Arbitrary<infer T> ? T : never;
const step = fc.oneof(
	fc.record({ kind: fc.constant('window' as const), window }),
	fc.record({
		kind: fc.constant('fork' as const),
		window,
		other: window,
		join: fc.constantFrom('Add', 'Max', 'Concat'),
	}),
	fc.record({ kind: fc.constant('pad' as const), pads: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)) }),
	fc.record({ kind: fc.constant('split' as const) }),
	fc.record({ kind: fc.constant('relu' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** One input channel; the last node's last output is the network's. */
function network(steps: readonly Step[]): OnnxGraph {
	const nodes: OnnxNode[] = [];
	const initializers: OnnxTensor[] = [];
	let value = 'input';
	let channels = 1;
	const add = (
		operator: string,
		inputs: readonly string[],
		attributes: Record<string, AttributeValue>,
		outputs = 1,
	) => {
		const names = Array.from({ length: outputs }, (_, index) => `v${nodes.length}.${index}`);
		nodes.push({ name: '', operator, inputs, outputs: names, attributes: new Map(Object.entries(attributes)) });
		return names.at(-1)!;
	};
	const ints = (...numbers: number[]): AttributeValue => ({ kind: 'ints', value: numbers });
	const slideOver = (
		from: string,
		{ operator, kernel, dilation, before }: Window,
		stride: readonly [number, number],
	) => {
		const total = ([0, 1] as const).map((axis) => dilation[axis] * (kernel[axis] - 1));
		const first = total.map((all, axis) => Math.min(all, before[axis]!));
		const weight = `w${nodes.length}`;
		if (operator === 'Conv') {
			const dims = [channels, channels, ...kernel];
			initializers.push({ name: weight, dims, dataType: 1, data: new Uint8Array() });
		}
		return add(operator, operator === 'Conv' ? [from, weight] : [from], {
			kernel_shape: ints(...kernel),
			strides: ints(...stride),
			dilations: ints(...dilation),
			pads: ints(...first, ...total.map((all, axis) => all - first[axis]!)),
		});
	};
	for (const item of steps) {
		switch (item.kind) {
			case 'window':
				value = slideOver(value, item.window, item.window.stride);
				break;
			case 'fork': {
				const one = slideOver(value, item.window, item.window.stride);
				const other = slideOver(value, item.other, item.window.stride);
				value = add(item.join, [one, other], item.join === 'Concat' ? { axis: { kind: 'int', value: 1 } } : {});
				channels *= item.join === 'Concat' ? 2 : 1;
				break;
			}
			case 'pad': {
				const [top, left, bottom, right] = item.pads;
				value = add('Pad', [value], { pads: ints(0, 0, top, left, 0, 0, bottom, right) });
				break;
			}
			case 'split':
				if (channels > 1) {
					value = add('Split', [value], { axis: { kind: 'int', value: 1 } }, 2);
					channels /= 2;
				}
				break;
			case 'relu':
				value = add('Relu', [value], {});
				break;
		}
	}
	return {
		name: '',
		nodes,
		initializers,
		inputs: [{ name: 'input', shape: [1, 1, side, side] }],
		outputs: [{ name: value }],
	};
}

describe('the field of a value', () => {
	it('holds all that moves it, and each of its edges does', () => {
		let moved = 0;
		fc.assert(
			fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), fc.nat(), fc.nat(), (steps, first, second) => {
				const graph = network(steps);
				const { name } = graph.outputs[0]!;
				const picture = grid(1, side, side, (_, y, x) => 1 + ((y * 31 + x * 17) % 13) / 13);
				const output = evaluate(graph, picture).get(name)!;
				const shape = [1, output.channels, output.height, output.width];
				const split = graph.nodes.some(({ operator }) => operator === 'Split');
				expect(split || inferShapes(graph, [side, side]).get(name)).toEqual(split || shape);
				const [y, x] = [first % output.height, second % output.width];
				const { offset, stride, size } = receptiveFields(graph).get(name)!;
				const [top, left] = [offset[0] + stride[0] * y, offset[1] + stride[1] * x];
				const [bottom, right] = [top + size[0] - 1, left + size[1] - 1];
				// The field is that of all channels together.
				const sumAt = (value: Grid) =>
					Array.from({ length: value.channels }, (_, c) => at(value, c, y, x)!).reduce((sum, each) => sum + each, 0);
				const inside = (row: number, column: number) =>
					row >= top && row <= bottom && column >= left && column <= right;
				const changedBy = (change: (row: number, column: number) => boolean): number => {
					const changed = grid(
						1,
						side,
						side,
						(c, row, column) => at(picture, c, row, column)! + (change(row, column) ? 1e12 : 0),
					);
					return sumAt(evaluate(graph, changed).get(name)!);
				};
				const before = sumAt(output);
				expect(changedBy((row, column) => !inside(row, column))).toBe(before);
				// At the border, padding hides the field's ends; a part of the channels may see less than all.
				if (!split && top >= 0 && left >= 0 && bottom < side && right < side) {
					for (const edge of [
						(row: number) => row === top,
						(row: number) => row === bottom,
						(_: number, column: number) => column === left,
						(_: number, column: number) => column === right,
					]) {
						expect(changedBy((row, column) => inside(row, column) && edge(row, column))).toBeGreaterThan(before);
						moved++;
					}
				}
			}),
			{ numRuns: 300 },
		);
		expect(moved).toBeGreaterThan(100);
	});

	it('is moved by a Pad in each of its forms, also a cropping one, and lost where the numbers are not known', () => {
		const pad = (inputs: readonly string[], attributes: Record<string, AttributeValue> = {}) => {
			const int64 = (name: string, ...values: number[]): OnnxTensor => ({
				name,
				dims: [values.length],
				dataType: 7,
				data: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer),
			});
			const graph: OnnxGraph = {
				name: '',
				inputs: [{ name: 'input', shape: [1, 2, 9, 9] }],
				outputs: [],
				initializers: [
					int64('all', 0, 0, 1, -2, 0, 0, 3, 4),
					int64('two', 1, -2, 3, 4),
					int64('axes', 2, -1),
					int64('batch', 0, 1),
				],
				nodes: [
					{ name: '', operator: 'Pad', inputs, outputs: ['out'], attributes: new Map(Object.entries(attributes)) },
				],
			};
			return [receptiveFields(graph).get('out')?.offset, inferShapes(graph, [9, 9]).get('out')];
		};
		const expected = [
			[-1, 2],
			[1, 2, 13, 11],
		];
		expect(pad(['input'], { pads: { kind: 'ints', value: [0, 0, 1, -2, 0, 0, 3, 4] } })).toEqual(expected);
		expect(pad(['input', 'all'])).toEqual(expected);
		expect(pad(['input', 'two', '', 'axes'])).toEqual(expected);
		expect(pad(['input', 'two', '', 'batch'])[0]).toBeUndefined();
		expect(pad(['input', 'computed'])).toEqual([undefined, undefined]);
	});

	it('passes over channels that are reduced or cut out, and ends where rows or columns are', () => {
		const field = (operator: string, attributes: Record<string, AttributeValue>) =>
			receptiveFields({
				name: '',
				inputs: [{ name: 'input', shape: [1, 4, 9, 9] }],
				outputs: [],
				initializers: [],
				nodes: [
					{ name: '', operator, inputs: ['input'], outputs: ['out'], attributes: new Map(Object.entries(attributes)) },
				],
			}).get('out')?.size;
		const axes = (...value: number[]) => ({ axes: { kind: 'ints', value } as const });
		expect(field('ReduceMean', axes(1))).toEqual([1, 1]);
		expect(field('ReduceMean', axes(-3))).toEqual([1, 1]);
		expect(field('ReduceMean', axes(2, 3))).toBeUndefined();
		expect(field('ReduceMean', {})).toBeUndefined();
		expect(field('ReduceMax', { ...axes(1), keepdims: { kind: 'int', value: 0 } })).toBeUndefined();
		expect(field('Slice', axes(1))).toEqual([1, 1]);
		expect(field('Slice', axes(2))).toBeUndefined();
		expect(field('GlobalAveragePool', {})).toBeUndefined();
		expect(field('InstanceNormalization', {})).toBeUndefined();
		expect(field('LRN', {})).toEqual([1, 1]);
	});
});
