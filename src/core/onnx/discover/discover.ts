/** What a segmentation network of another tool computes, read from its graph alone. */
import { receptiveFields } from '../../aspp/receptiveField';
import { InspectorError } from '../../problem';
import { DataType, type Dimension, type OnnxModel, type ValueInfo } from '../ir';
import { inferShapes } from '../shapes';
import { type FoundHead, findHead } from './findHead';
import { type FoundLogits, findLogits } from './findLogits';
import { dataInputs, type Flow, flowOf, nodesBehind, origin } from './flow';

export interface Discovery {
	/** Name of the picture input. */
	readonly input: string;
	/** Height and width, where the network takes one size alone. */
	readonly inputSize: readonly [height: number, width: number] | undefined;
	readonly logits: FoundLogits;
	readonly head: FoundHead | undefined;
	/** Why there is no head. */
	readonly headMissing: string | undefined;
	/** Name of what the head reads; without one, of what the last convolution before the logits reads. */
	readonly features: string;
	/** Input pixels a step of the logit grid; undefined where the graph does not tell. */
	readonly outputStride: number | undefined;
}

/** Height and width that shapes are worked out for, where the network takes any. */
const usualSize = [513, 513] as const;

/**
 * @param name The file's name, for errors.
 * @throws InspectorError `model.unsupported` with what keeps the network from being run on a picture here
 */
export function discover(model: OnnxModel, name: string): Discovery {
	const { graph } = model;
	const flow = flowOf(graph);
	const { input, inputSize } = pictureInputOf(flow, name);
	const size = inputSize ?? usualSize;
	const shapes = inferShapes(graph, size);
	const logits = findLogits(flow, shapes, name);
	if (![...nodesBehind(logits.value, flow)].some((node) => node.inputs.includes(input))) {
		throw new InspectorError({
			code: 'model.unsupported',
			name,
			detail: `its scores do not depend on the input “${input}”`,
		});
	}
	const head = findHead(flow, logits.value);
	const found = 'join' in head ? head : undefined;
	const features = found?.features ?? lastRead(logits.value, flow);
	const fields = receptiveFields(graph);
	// Where the logits' own grid is worked out when it runs, that of the features is the likely one.
	const stride = [logits.value, features]
		.map((value) => fields.get(value)?.stride[0] ?? strideOf(size[0], shapes.get(value)?.[2]))
		.find((each) => each !== undefined);
	return {
		input,
		inputSize,
		logits,
		head: found,
		headMissing: 'missing' in head ? head.missing : undefined,
		features,
		outputStride: stride !== undefined && Number.isInteger(stride) && stride >= 1 && stride <= 64 ? stride : undefined,
	};
}

function pictureInputOf(flow: Flow, name: string): Pick<Discovery, 'input' | 'inputSize'> {
	const unsupported = (detail: string) => new InspectorError({ code: 'model.unsupported', name, detail });
	const inputs = flow.graph.inputs.filter((each) => !flow.constants.names.has(each.name));
	const [input, ...more] = inputs;
	if (!input || more.length > 0) {
		throw unsupported(`it takes ${inputs.length} inputs, not a picture alone`);
	}
	const { shape } = input;
	if (input.dataType !== DataType.float) {
		throw unsupported(`its input “${input.name}” is not of float32 numbers`);
	}
	if (shape?.length !== 4) {
		throw unsupported(`its input “${input.name}” is ${shapeText(input)}, not batch x 3 x height x width`);
	}
	const [batch, channels, height, width] = shape as readonly [Dimension, Dimension, Dimension, Dimension];
	if (width === 3 && channels !== 3) {
		throw unsupported(`its input is ${shapeText(input)}, channels last; export it with channels first`);
	}
	if (typeof channels === 'number' && channels !== 3) {
		throw unsupported(`its input has ${channels} channels, not the three of a picture`);
	}
	if (typeof batch === 'number' && batch > 1) {
		throw unsupported(`it takes ${batch} pictures at a time; export it with a batch of 1 or an open one`);
	}
	const fixed = [height, width].filter((side) => typeof side === 'number' && side > 0);
	if (fixed.length === 1) {
		throw unsupported(`its input is ${shapeText(input)}, fixed in one direction alone`);
	}
	return { input: input.name, inputSize: fixed.length === 2 ? (fixed as [number, number]) : undefined };
}

function shapeText({ shape }: ValueInfo): string {
	return shape?.map((dim) => dim ?? '?').join('x') ?? 'of no known shape';
}

/** At 8k + 1 pixels a grid of k + 1 has the stride 8, as has a grid of k at 8k. */
function strideOf(input: number, grid: number | undefined): number | undefined {
	if (grid === undefined || grid < 2) {
		return undefined;
	}
	const spans = (input - 1) / (grid - 1);
	return Number.isInteger(spans) ? spans : Math.round(input / grid);
}

/** What the last convolution before a value reads; the value itself where there is none. */
function lastRead(value: string, flow: Flow): string {
	let at = value;
	for (let node = flow.makers.get(at); node; node = flow.makers.get(at)) {
		const [input] = dataInputs(node, flow);
		if (input === undefined) {
			break;
		}
		if (node.operator === 'Conv') {
			return origin(input, flow);
		}
		at = input;
	}
	return value;
}
