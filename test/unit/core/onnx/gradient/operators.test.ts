/** Every operator's backward step against differences of the forward graph, on small random graphs. */
import fc from 'fast-check';
import * as ort from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { buildGradientModel } from '../../../../../src/core/onnx/gradient/buildGradientModel';
import { elementCount } from '../../../../../src/core/onnx/ir';
import { inferShapes } from '../../../../../src/core/onnx/shapes';
import { InspectorError, type Problem } from '../../../../../src/core/problem';
import { type Simple, Sketch } from './sketch';
import { load, loadGradient } from './support';

/** Of a graph at a shape: the value to differentiate. */
type Build = (sketch: Sketch, random: () => number) => string;

interface Case {
	/** N x C x H x W. */
	readonly shape: readonly number[];
	readonly build: Build;
	readonly opset?: number;
}

/** Mulberry32: numbers in -1 … 1. */
function generator(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * 2 - 1;
	};
}

/** Different multiples of a tenth, none of them near a multiple of one: no kink and no tie within 0.04. */
function apart(count: number, random: () => number): Float32Array {
	const values = Float32Array.from({ length: count }, (_, i) => (i - Math.floor(count / 2)) / 10 + 0.05);
	for (let i = count - 1; i > 0; i--) {
		const j = Math.floor(((random() + 1) / 2) * (i + 1)) % (i + 1);
		[values[i], values[j]] = [values[j]!, values[i]!];
	}
	return values;
}

/** (L(x + d) - L(x - d)) / 2 by running the forward graph, and dL/dx · d by the gradient model. */
async function compare({ shape, build, opset }: Case, seed: number): Promise<void> {
	const random = generator(seed);
	const sketch = new Sketch(shape, opset);
	const target = build(sketch, random);
	const model = sketch.model(target);
	const size = [shape[2]!, shape[3]!] as const;
	const outputShape = inferShapes(model.graph, size).get(target)!;
	const x = apart(elementCount(shape), random);
	const direction = x.map(() => random() / 32);
	const weights = Float32Array.from({ length: elementCount(outputShape) }, random);

	const session = await load(model);
	const lossAt = async (sign: number): Promise<number> => {
		const feed = new ort.Tensor(
			'float32',
			x.map((value, i) => value + sign * direction[i]!),
			shape,
		);
		const output = (await session.run({ input: feed }))[target]!;
		expect(output.dims).toEqual(outputShape);
		return (output.data as Float32Array).reduce((sum, value, i) => sum + value * weights[i]!, 0);
	};
	const measured = ((await lossAt(1)) - (await lossAt(-1))) / 2;
	await session.release();

	const loaded = await loadGradient(model, size, [target]);
	const { gradient } = await loaded.run(x, { [target]: weights });
	await loaded.release();
	const told = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
	const scale = Math.sqrt(gradient.reduce((sum, value) => sum + value ** 2, 0)) / 32 + 1e-3;
	expect(Math.abs(told - measured) / scale, `${told} by the graph, ${measured} measured`).toBeLessThan(2e-3);
}

function holds(cases: fc.Arbitrary<Case>, runs = 40): Promise<void> {
	return fc.assert(fc.asyncProperty(cases, fc.nat(), compare), { numRuns: runs });
}

const side = fc.integer({ min: 4, max: 9 });
const picture = (channels: fc.Arbitrary<number> = fc.integer({ min: 1, max: 3 })) =>
	fc.tuple(fc.constant(1), channels, side, side).map((dims): readonly number[] => dims);
const twice = (item: fc.Arbitrary<number>) => fc.tuple(item, item);
const four = (item: fc.Arbitrary<number>) => fc.tuple(item, item, item, item);
const upTo = (max: number, min = 0) => fc.integer({ min, max });

const fill = (sketch: Sketch, dims: readonly number[], random: () => number, offset = 0) =>
	sketch.floats(
		dims,
		Array.from({ length: elementCount(dims) }, () => random() + offset),
	);

/** Whether a window of these settings fits into the padded input. */
function fits(
	shape: readonly number[],
	kernel: readonly number[],
	dilation: readonly number[],
	pads: readonly number[],
) {
	return [0, 1].every(
		(axis) => shape[axis + 2]! + pads[axis]! + pads[axis + 2]! >= (kernel[axis]! - 1) * dilation[axis]! + 1,
	);
}

describe('differences of the forward graph', { timeout: 120_000 }, () => {
	it('Conv: groups, strides, dilations, pads on every side', async () => {
		const cases = fc
			.record({
				groups: upTo(3, 1),
				perGroup: upTo(2, 1),
				outputs: upTo(2, 1),
				size: twice(side),
				kernel: twice(upTo(3, 1)),
				stride: twice(upTo(3, 1)),
				dilation: twice(upTo(3, 1)),
				pads: four(upTo(4)),
				bias: fc.boolean(),
			})
			.map((c) => ({ ...c, shape: [1, c.groups * c.perGroup, ...c.size] }))
			.filter((c) => fits(c.shape, c.kernel, c.dilation, c.pads))
			.map(({ groups, perGroup, outputs, kernel, stride, dilation, pads, bias, shape }): Case => {
				const attributes = { kernel_shape: kernel, strides: stride, dilations: dilation, pads, group: groups };
				const build: Build = (sketch, random) => {
					const weight = fill(sketch, [groups * outputs, perGroup, ...kernel], random);
					const rest = bias ? [fill(sketch, [groups * outputs], random)] : [];
					return sketch.node('Conv', [sketch.input, weight, ...rest], attributes);
				};
				return { shape, build };
			});
		await holds(cases, 100);
	});

	it('Conv with auto_pad', async () => {
		const cases = fc
			.record({
				shape: picture(),
				auto_pad: fc.constantFrom('SAME_UPPER', 'SAME_LOWER', 'VALID'),
				kernel: twice(upTo(4, 1)),
				stride: twice(upTo(3, 1)),
			})
			.map(
				({ shape, auto_pad, kernel, stride }): Case => ({
					shape,
					build: (sketch, random) => {
						const weight = fill(sketch, [2, shape[1]!, ...kernel], random);
						return sketch.node('Conv', [sketch.input, weight], { auto_pad, strides: stride });
					},
				}),
			);
		await holds(cases);
	});

	it.each(['MaxPool', 'AveragePool'])('%s: overlapping windows, pads, ceil_mode', async (operator) => {
		const cases = fc
			.record({
				shape: picture(),
				kernel: twice(upTo(4, 2)),
				strides: twice(upTo(3, 1)),
				pads: four(upTo(1)),
				ceil_mode: upTo(1),
				count_include_pad: upTo(1),
			})
			.filter(({ shape, kernel, pads }) => fits(shape, kernel, [1, 1], pads))
			.filter(({ kernel, strides }) => kernel.every((size, axis) => size >= strides[axis]!))
			.map(({ shape, kernel, count_include_pad, ...rest }): Case => {
				const attributes: Record<string, Simple> = { kernel_shape: kernel, ...rest };
				return {
					shape,
					build: (sketch) =>
						sketch.node(
							operator,
							[sketch.input],
							operator === 'MaxPool' ? attributes : { ...attributes, count_include_pad },
						),
				};
			});
		await holds(cases, 80);
	});

	it.each(['MaxPool', 'AveragePool'])('%s with auto_pad', async (operator) => {
		const cases = fc
			.record({
				shape: picture(),
				auto_pad: fc.constantFrom('SAME_UPPER', 'SAME_LOWER', 'VALID'),
				strides: twice(upTo(2, 1)),
			})
			.map(
				({ shape, auto_pad, strides }): Case => ({
					shape,
					build: (sketch) => sketch.node(operator, [sketch.input], { kernel_shape: [3, 2], auto_pad, strides }),
				}),
			);
		await holds(cases);
	});

	it('Resize: bilinear and nearest, by sizes and by scales', async () => {
		const cases = fc
			.record({
				shape: picture(),
				size: twice(upTo(12, 1)),
				scales: fc.option(twice(fc.constantFrom(0.5, 1, 1.5, 2, 3))),
				mode: fc.constantFrom('linear', 'nearest'),
				coordinate_transformation_mode: fc.constantFrom(
					'half_pixel',
					'pytorch_half_pixel',
					'align_corners',
					'asymmetric',
				),
				nearest_mode: fc.constantFrom('round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'),
			})
			.map(
				({ shape, size, scales, ...attributes }): Case => ({
					shape,
					build: (sketch) => {
						const inputs = scales
							? [sketch.floats([4], [1, 1, ...scales])]
							: ['', sketch.integers([shape[0]!, shape[1]!, ...size])];
						return sketch.node('Resize', [sketch.input, '', ...inputs], attributes);
					},
				}),
			);
		await holds(cases, 100);
	});

	it('Pad: around, and cropping', async () => {
		const cases = fc.record({ shape: picture(), pads: four(fc.integer({ min: -1, max: 2 })) }).map(
			({ shape, pads: [top, left, bottom, right] }): Case => ({
				shape,
				build: (sketch, random) => {
					const pads = sketch.integers([0, 0, top, left, 0, 0, bottom, right]);
					return sketch.node('Pad', [sketch.input, pads, fill(sketch, [], random)]);
				},
			}),
		);
		await holds(cases);
	});

	it('ReduceMean: axes as attribute and as input, kept or left out, none', async () => {
		const cases = fc
			.record({
				shape: picture(),
				axes: fc.option(fc.uniqueArray(upTo(3), { maxLength: 4 })),
				negative: fc.boolean(),
				keepdims: upTo(1),
				noop: upTo(1),
				isInput: fc.boolean(),
			})
			// An empty attribute is none.
			.filter(({ axes, isInput }) => isInput || axes?.length !== 0)
			.map(({ shape, axes, negative, keepdims, noop, isInput }): Case => {
				const stated = axes?.map((axis) => (negative ? axis - 4 : axis));
				return {
					shape,
					opset: isInput ? 18 : 17,
					build: (sketch) => {
						if (!isInput) {
							return sketch.node('ReduceMean', [sketch.input], stated ? { axes: stated, keepdims } : { keepdims });
						}
						const inputs = [sketch.input, ...(stated ? [sketch.integers(stated)] : [])];
						return sketch.node('ReduceMean', inputs, { keepdims, noop_with_empty_axes: noop });
					},
				};
			});
		await holds(cases, 100);
	});

	it('Expand: along any axes, new ones too', async () => {
		const cases = fc
			.record({
				shape: picture(),
				flat: fc.uniqueArray(upTo(3, 1), { maxLength: 3 }),
				more: fc.array(upTo(3, 1), { maxLength: 2 }),
			})
			.map(({ shape, flat, more }): Case => {
				const to = [...more, ...shape.map((dim, axis) => (flat.includes(axis) ? dim + 1 : dim))];
				return {
					shape,
					build: (sketch) => {
						const value = flat.length > 0 ? sketch.node('ReduceMean', [sketch.input], { axes: flat }) : sketch.input;
						return sketch.node('Expand', [value, sketch.integers(to)]);
					},
				};
			});
		await holds(cases, 60);
	});

	it('Expand to ones keeps what is there', async () => {
		const cases = picture().map(
			(shape): Case => ({ shape, build: (sketch) => sketch.node('Expand', [sketch.input, sketch.integers([1, 1])]) }),
		);
		await holds(cases, 10);
	});

	it.each([11, 17])('Squeeze, Unsqueeze, Flatten, Reshape of opset %i', async (opset) => {
		const cases = fc.record({ shape: picture(), negative: fc.boolean() }).map(({ shape, negative }): Case => {
			const [, channels, height, width] = shape as [number, number, number, number];
			const axes = negative ? [-1, -2] : [2, 3];
			const named = (sketch: Sketch, operator: string, value: string) =>
				opset < 13 ? sketch.node(operator, [value], { axes }) : sketch.node(operator, [value, sketch.integers(axes)]);
			return {
				shape,
				opset,
				build: (sketch) => {
					const mean = sketch.node('ReduceMean', [sketch.input], { axes: [2, 3], keepdims: 0 });
					const pooled = named(sketch, 'Squeeze', named(sketch, 'Unsqueeze', mean));
					const grid = sketch.node('Reshape', [pooled, sketch.integers([0, -1, 1, 1])]);
					const flat = sketch.node('Flatten', [sketch.node('Add', [sketch.input, grid])], { axis: 2 });
					const open = sketch.node('Reshape', [flat, sketch.integers([channels, -1, width])]);
					return sketch.node('Reshape', [open, sketch.integers([1, channels, height, width])]);
				},
			};
		});
		await holds(cases, 20);
	});

	it.each(['Shape', 'Shape and Where'])(
		'Expand to sizes that are worked out by %s, and a mean by a product of sides',
		async (how) => {
			const cases = picture().map((shape): Case => ({ shape, build: (sketch) => spread(sketch, how === 'Shape') }));
			await holds(cases, 20);
		},
	);

	it.each(['Add', 'Sub', 'Mul', 'Div', 'Sum'])('%s with a constant, broadcast either way', async (operator) => {
		const cases = fc
			.record({ shape: picture(), form: upTo(4), swap: fc.boolean(), pool: fc.boolean() })
			.map(({ shape, form, swap, pool }): Case => {
				const [, channels, height, width] = shape as [number, number, number, number];
				const dims = [[], [width], [channels, 1, 1], [1, channels, height, width], [2, 1, height, 1]][form]!;
				return {
					shape,
					build: (sketch, random) => {
						// Away from zero, for Div.
						const constant = fill(sketch, dims, random, 2);
						const value = pool ? sketch.node('GlobalAveragePool', [sketch.input]) : sketch.input;
						const inputs = swap && operator !== 'Div' ? [constant, value] : [value, constant];
						return sketch.node(operator, inputs);
					},
				};
			});
		await holds(cases);
	});

	it.each(['Add', 'Sub', 'Mul'])('%s of two values that are made of the picture', async (operator) => {
		const cases = picture().map(
			(shape): Case => ({
				shape,
				build: (sketch) => {
					const mean = sketch.node('GlobalAveragePool', [sketch.input]);
					return sketch.node(operator, [sketch.node(operator, [sketch.input, mean]), sketch.input]);
				},
			}),
		);
		// A product of three is not linear along the way, but nearly: the steps are a thirtieth of the values.
		await holds(operator === 'Mul' ? picture().map((shape) => ({ shape, build: squared })) : cases, 20);
	});

	it('Relu, LeakyRelu, Clip', async () => {
		const limits = fc.constantFrom<readonly (number | undefined)[]>(
			[0, 6],
			[-1, 1],
			[undefined, 2],
			[0, undefined],
			[],
		);
		const cases = fc.record({ shape: picture(), operator: fc.constantFrom('Relu', 'LeakyRelu', 'Clip'), limits }).map(
			({ shape, operator, limits: [least, most] }): Case => ({
				shape,
				build: (sketch) => {
					const limit = (value: number | undefined) => (value === undefined ? '' : sketch.floats([], [value]));
					const inputs = operator === 'Clip' ? [sketch.input, limit(least), limit(most)] : [sketch.input];
					return sketch.node(operator, inputs, operator === 'LeakyRelu' ? { alpha: { float: 0.3 } } : {});
				},
			}),
		);
		await holds(cases);
	});

	it('BatchNormalization, Identity, Dropout, Cast, Concat, GlobalAveragePool', async () => {
		const cases = fc.record({ shape: picture(), axis: fc.constantFrom(1, 2, 3, -1, -3) }).map(
			({ shape, axis }): Case => ({
				shape,
				build: (sketch, random) => {
					const channels = shape[1]!;
					const [scale, bias, mean] = [0, 1, 2].map(() => fill(sketch, [channels], random));
					const variance = fill(sketch, [channels], random, 2);
					const normal = sketch.node('BatchNormalization', [sketch.input, scale!, bias!, mean!, variance], {
						epsilon: { float: 1e-3 },
					});
					const same = sketch.node('Cast', [sketch.node('Dropout', [sketch.node('Identity', [sketch.input])])], {
						to: 1,
					});
					const constant = fill(sketch, shape, random);
					const joined = sketch.node('Concat', [normal, constant, same, normal], { axis });
					return sketch.node('Add', [joined, sketch.node('GlobalAveragePool', [joined])]);
				},
			}),
		);
		await holds(cases, 30);
	});

	it('the forms of opset 10: Clip with attributes, Pad with attributes, Resize with scales alone', async () => {
		const cases = fc.record({ shape: picture(), mode: fc.constantFrom('linear', 'nearest') }).map(
			({ shape, mode }): Case => ({
				shape,
				opset: 10,
				build: (sketch) => {
					const clipped = sketch.node('Clip', [sketch.input], { min: { float: -1 }, max: { float: 2 } });
					const padded = sketch.node('Pad', [clipped], { pads: [0, 0, 1, 0, 0, 0, 0, 2], value: { float: 3 } });
					return sketch.node('Resize', [padded, sketch.floats([4], [1, 1, 2, 1.5])], { mode });
				},
			}),
		);
		await holds(cases, 20);
	});

	it('the forms of opset 9: Slice and Unsqueeze with attributes, around the sizes of an Expand', async () => {
		const cases = picture().map(
			(shape): Case => ({
				shape,
				opset: 9,
				build: (sketch) => {
					const sides = sketch.node('Slice', [sketch.node('Shape', [sketch.input])], {
						axes: [0],
						starts: [2],
						ends: [4],
					});
					const ones = sketch.node('Concat', [sketch.integers([1, 1]), sides], { axis: 0 });
					const bare = sketch.node('Squeeze', [sketch.node('ReduceMean', [sketch.input], { axes: [2, 3] })]);
					const flat = sketch.node('Reshape', [bare, sketch.integers([1, -1])]);
					return sketch.node('Expand', [sketch.node('Unsqueeze', [flat], { axes: [2, 3] }), ones]);
				},
			}),
		);
		await holds(cases, 20);
	});

	it('chains of them, with values used more than once', async () => {
		const cases = fc.tuple(picture(fc.constant(2)), fc.array(upTo(5), { minLength: 2, maxLength: 6 })).map(
			([shape, steps]): Case => ({
				shape,
				build: (sketch, random) => {
					let value = sketch.input;
					for (const step of steps) {
						value = layers[step]!(sketch, random, value);
					}
					return value;
				},
			}),
		);
		await holds(cases, 60);
	});
});

/** As PyTorch's exporters write `x.mean((2, 3), keepdim=True).expand(-1, -1, h, w)`, and a mean of their own making. */
function spread(sketch: Sketch, isPlain: boolean): string {
	const pooled = sketch.node('ReduceMean', [sketch.input], { axes: [-2, -1] });
	const side = (axis: number) =>
		sketch.node('Gather', [sketch.node('Shape', [sketch.input]), sketch.integers([axis])], { axis: 0 });
	const [height, width] = [side(2), side(3)] as const;
	const size = sketch.node('Concat', [sketch.integers(isPlain ? [1, 1] : [-1, -1]), height, width], { axis: 0 });
	const plain = () => {
		const ones = sketch.node('ConstantOfShape', [sketch.node('Shape', [size])], { value: { integer: 1 } });
		const minus = sketch.node('Mul', [ones, sketch.integers([-1])]);
		return sketch.node('Where', [sketch.node('Equal', [size, minus]), ones, size]);
	};
	const even = sketch.node('Expand', [pooled, isPlain ? size : plain()]);
	const area = sketch.node('Cast', [sketch.node('Mul', [height, width])], { to: 1 });
	return sketch.node('Div', [sketch.node('Add', [even, sketch.input]), area]);
}

const squared: Build = (sketch) => sketch.node('Mul', [sketch.input, sketch.input]);

/** Two channels in, two out; linear, so that differences are exact. */
const layers: readonly ((sketch: Sketch, random: () => number, value: string) => string)[] = [
	(sketch, random, value) => sketch.node('Conv', [value, fill(sketch, [2, 2, 3, 3], random)], { pads: [1, 1, 1, 1] }),
	(sketch, random, value) =>
		sketch.node('Conv', [value, fill(sketch, [2, 1, 3, 3], random)], {
			pads: [2, 2, 2, 2],
			dilations: [2, 2],
			group: 2,
		}),
	(sketch, random, value) =>
		sketch.node('Add', [
			value,
			sketch.node('Conv', [value, fill(sketch, [2, 2, 1, 1], random), fill(sketch, [2], random)]),
		]),
	(sketch, _, value) =>
		sketch.node('AveragePool', [value], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] }),
	(sketch, random, value) => {
		const joined = sketch.node('Concat', [value, value], { axis: 1 });
		return sketch.node('Conv', [joined, fill(sketch, [2, 4, 1, 1], random)]);
	},
	(sketch, _, value) => sketch.node('Sum', [value, value, value]),
];

describe('as PyTorch', () => {
	const gradientAt = async (values: readonly number[], seeds: readonly number[], build: (sketch: Sketch) => string) => {
		const sketch = new Sketch([1, 1, 1, values.length]);
		const target = build(sketch);
		const loaded = await loadGradient(sketch.model(target), [1, values.length], [target]);
		const { gradient } = await loaded.run(Float32Array.from(values), { [target]: Float32Array.from(seeds) });
		await loaded.release();
		return [...gradient];
	};

	it('of equal values the first is the largest', async () => {
		const pool = (sketch: Sketch) => sketch.node('MaxPool', [sketch.input], { kernel_shape: [1, 3], strides: [1, 1] });
		expect(await gradientAt([2, 2, 2, 1, 2], [1, 10, 100], pool)).toEqual([1, 10, 100, 0, 0]);
	});

	it('nothing passes a ReLU at 0, nor a ReLU6 at its limits', async () => {
		const relu = (sketch: Sketch) => sketch.node('Relu', [sketch.input]);
		expect(await gradientAt([-1, 0, 1, 7], [1, 1, 1, 1], relu)).toEqual([0, 0, 1, 1]);
		const clip = (sketch: Sketch) =>
			sketch.node('Clip', [sketch.input, sketch.floats([], [0]), sketch.floats([], [6])]);
		expect(await gradientAt([-1, 0, 1, 6, 7], [1, 1, 1, 1, 1], clip)).toEqual([0, 0, 1, 0, 0]);
	});
});

describe('buildGradientModel', () => {
	const problemOf = (sketch: Sketch, ...targets: string[]): Problem => {
		try {
			buildGradientModel(sketch.model(...targets), { inputSize: [4, 4], targets, name: 'net.onnx' });
		} catch (error) {
			if (error instanceof InspectorError) {
				return error.problem;
			}
			throw error;
		}
		throw new Error('nothing failed');
	};
	const sketch = () => new Sketch([1, 3, 4, 4]);

	it('names the node and the operator that it cannot differentiate', () => {
		const net = sketch();
		const target = net.node('Sigmoid', [net.node('Relu', [net.input])]);
		expect(problemOf(net, target)).toEqual({
			code: 'model.unsupported',
			name: 'net.onnx',
			detail: 'Sigmoid “Sigmoid.1”: this operator cannot be differentiated',
		});
	});

	it('names a form that it cannot differentiate', () => {
		const net = sketch();
		const pads = net.integers([0, 0, 1, 1, 0, 0, 1, 1]);
		const target = net.node('Pad', [net.input, pads], { mode: 'reflect' });
		expect(problemOf(net, target)).toMatchObject({
			detail: expect.stringMatching(/^Pad “Pad\.0”: only padding with a/),
		});
	});

	it('names axes that are not in the file', () => {
		const net = sketch();
		const axes = net.node('Identity', [net.integers([2, 3])]);
		expect(problemOf(net, net.node('ReduceMean', [net.input, axes]))).toMatchObject({
			detail: 'ReduceMean “ReduceMean.1”: its axes are not in the file',
		});
	});

	it('refuses a target that is not made of the picture, or not in the graph', () => {
		const net = sketch();
		const constant = net.node('Relu', [net.floats([1], [1])]);
		net.node('Relu', [net.input]);
		expect(problemOf(net, constant)).toMatchObject({ detail: '“Relu.0” is not made of the picture' });
		expect(problemOf(net, 'none')).toMatchObject({ detail: '“none” is not made of the picture' });
	});

	it('refuses another size than the model’s own', () => {
		const net = new Sketch([1, 3, 5, 4]);
		expect(problemOf(net, net.node('Relu', [net.input]))).toMatchObject({ detail: 'its input is 1x3x5x4, not 4x4' });
	});

	it('leaves out what no target needs', () => {
		const net = sketch();
		const target = net.node('Relu', [net.input]);
		net.node('Sigmoid', [target]);
		const { model } = buildGradientModel(net.model(target), { inputSize: [4, 4], targets: [target], name: 'net.onnx' });
		expect(model.graph.nodes.map((node) => node.operator)).toEqual(['Relu', 'Greater', 'Where', 'Identity']);
	});
});
