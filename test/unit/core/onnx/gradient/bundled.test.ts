/**
 * Gradients of the bundled model against PyTorch's.
 *
 * A ReLU has no derivative at 0. Ten units of this network lie so near to it (5e-6 and less, where activations go to 6)
 * that the order in which a convolution adds decides on which side they end; PyTorch's and the runtime's differ. So the
 * comparison is made twice: as it is, and with those ten pushed to PyTorch's side.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as ort from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeNpy } from '../../../../../src/core/checkpoint/npy';
import { buildModelFile } from '../../../../../src/core/onnx/buildModelFile';
import { decodeOnnx } from '../../../../../src/core/onnx/decode';
import {
	DataType,
	elementCount,
	type OnnxModel,
	type OnnxNode,
	type OnnxTensor,
} from '../../../../../src/core/onnx/ir';
import { inferShapes } from '../../../../../src/core/onnx/shapes';
import { distance, type Loaded, load, loadGradient, oneHot } from './support';

const reference = path.resolve('../shared/models/reference');
const size = [321, 241] as const;

interface Unit {
	/** The value that the ReLU6 takes. */
	readonly value: string;
	readonly index: number;
	/** Where PyTorch's arithmetic puts it. */
	readonly side: 1 | -1;
}

const undecided: readonly Unit[] = [
	{ value: 'backbone.stem.conv', index: 86569, side: -1 },
	{ value: 'backbone.stem.conv', index: 360922, side: -1 },
	{ value: 'backbone.stem.conv', index: 454757, side: 1 },
	{ value: 'backbone.stem.conv', index: 475934, side: -1 },
	{ value: 'backbone.stem.conv', index: 476062, side: 1 },
	{ value: 'backbone.stem.conv', index: 484664, side: -1 },
	{ value: 'backbone.block0.depthwise', index: 87553, side: -1 },
	{ value: 'backbone.block1.expand', index: 1716283, side: -1 },
	{ value: 'backbone.block1.depthwise', index: 204428, side: -1 },
	{ value: 'backbone.block1.depthwise', index: 400443, side: -1 },
];
const push = 1e-5;

function bundled(): OnnxModel {
	const weights = 'deeplabv2-mobilenetv2-voc.safetensors';
	const architecture: unknown = JSON.parse(readFileSync('models/architecture.json', 'utf8'));
	return decodeOnnx(buildModelFile(architecture, readFileSync(path.join('models', weights)), weights).bytes, 'model');
}

/** The network with a small number added to some units before their ReLU. */
function pushed(model: OnnxModel): OnnxModel {
	const shapes = inferShapes(model.graph, size);
	const additions = new Map<string, OnnxTensor>();
	for (const value of new Set(undecided.map((unit) => unit.value))) {
		const dims = shapes.get(value)!;
		const numbers = new Float32Array(elementCount(dims));
		for (const { index, side } of undecided.filter((unit) => unit.value === value)) {
			numbers[index] = side * push;
		}
		const data = new Uint8Array(numbers.buffer);
		additions.set(value, { name: `${value}.push`, dims, dataType: DataType.float, data });
	}
	const nodes = model.graph.nodes.flatMap((node): OnnxNode[] => {
		const [output = ''] = node.outputs;
		const addition = additions.get(output);
		if (!addition) {
			return [node];
		}
		const inputs = [`${output}.before`, addition.name];
		return [
			{ ...node, outputs: [`${output}.before`] },
			{ name: addition.name, operator: 'Add', inputs, outputs: [output], attributes: new Map() },
		];
	});
	const initializers = [...model.graph.initializers, ...additions.values()];
	return { ...model, graph: { ...model.graph, nodes, initializers } };
}

function array(name: string): Float32Array {
	const { data } = decodeNpy(new Uint8Array(readFileSync(path.join(reference, `astronaut-321x241-${name}.npy`))));
	if (!(data instanceof Float32Array)) {
		throw new Error(`${name} is not float32`);
	}
	return data;
}

describe.skipIf(!existsSync(reference))('the gradient of the bundled model', () => {
	const targets = ['aspp.6', 'aspp.24', 'logits'];
	let asItIs: Loaded;
	let decided: Loaded;
	beforeAll(async () => {
		asItIs = await loadGradient(bundled(), size, targets);
		decided = await loadGradient(pushed(bundled()), size, targets);
	});
	afterAll(() => Promise.all([asItIs.release(), decided.release()]));

	const errors = async (loaded: Loaded, target: string, expected: string) => {
		const seed = oneHot(loaded.built.seeds.find((item) => item.target === target)!.shape, 15, 20, 15);
		const { gradient } = await loaded.run(array('input'), { [target]: seed });
		return distance(gradient, array(`grad-${expected}-class15-y20-x15`));
	};

	it.each([
		['logits', 'sum'],
		['aspp.6', 'branch-6'],
		['aspp.24', 'branch-24'],
	])('of %s is PyTorch’s', async (target, expected) => {
		const free = await errors(asItIs, target, expected);
		const same = await errors(decided, target, expected);
		console.log(`${target}: ${JSON.stringify({ free, same })}`);
		expect(Math.max(same.norm, same.largest)).toBeLessThan(1e-3);
		// Ten of some twenty million units: they matter where they stand, and little in the whole.
		expect(free.norm).toBeLessThan(0.02);
	});

	it('comes with the targets’ values', async () => {
		const { targets: values } = await asItIs.run(array('input'), {});
		expect(distance(values.logits!, array('logits')).largest).toBeLessThan(1e-4);
		expect(distance(values['aspp.24']!, array('branch-24')).largest).toBeLessThan(1e-4);
	});

	it('is undecided only where rounding decides', async () => {
		const model = bundled();
		const values = [...new Set(undecided.map((unit) => unit.value))];
		const outputs = values.map((name) => ({ name, dataType: DataType.float }));
		const session = await load({ ...model, graph: { ...model.graph, outputs } });
		const found = await session.run({ input: new ort.Tensor('float32', array('input'), [1, 3, ...size]) });
		for (const { value, index } of undecided) {
			expect(Math.abs((found[value]!.data as Float32Array)[index]!)).toBeLessThan(5e-6);
		}
		await session.release();
	});
});
