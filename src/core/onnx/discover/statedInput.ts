/** What a model of another tool says itself of how pictures reach it. */
import type { ChannelOrder, NormalizationId } from '../../image/normalizations';
import { floatsOf, type OnnxNode } from '../ir';
import type { Flow } from './flow';

export interface StatedInput {
	readonly channelOrder: ChannelOrder | undefined;
	/** `none`: 0…255 as they are. */
	readonly values: Extract<NormalizationId, 'symmetric' | 'unit'> | 'none' | undefined;
}

/**
 * Read from the metadata that the ONNX specification has for picture inputs (docs/MetadataProps.md: `Image.…`), and from
 * what the graph does to a picture before all else: one that subtracts means of 0…255 takes values of 0…255.
 */
export function statedInput(metadata: Readonly<Record<string, string>>, input: string, flow: Flow): StatedInput {
	return {
		channelOrder: channelOrders[metadata['Image.BitmapPixelFormat']?.toLowerCase() ?? ''],
		values: ranges[metadata['Image.NominalPixelRange']?.toLowerCase() ?? ''] ?? scaledInside(input, flow),
	};
}

const channelOrders: Readonly<Record<string, ChannelOrder>> = { rgb8: 'RGB', bgr8: 'BGR' };
const ranges: Readonly<Record<string, StatedInput['values']>> = {
	nominalrange_0_255: 'none',
	normalized_0_1: 'unit',
	normalized_1_1: 'symmetric',
};

/** Undefined where the graph does not begin with a mean or a deviation. */
function scaledInside(input: string, flow: Flow): StatedInput['values'] {
	let value = input;
	/** The value is the input times `scale`, plus `shift`. */
	let scale = [1, 1, 1];
	let shift = [0, 0, 0];
	for (;;) {
		const [node, ...more] = flow.takers.get(value) ?? [];
		const constant = node && more.length === 0 ? channelConstant(node, value, flow) : undefined;
		if (!node || !constant) {
			break;
		}
		const [times, plus] = stepOf(node.operator, constant);
		scale = scale.map((each, channel) => each * times[channel]!);
		shift = shift.map((each, channel) => each * times[channel]! + plus[channel]!);
		value = node.outputs[0]!;
	}
	const means = scale.map((each, channel) => -shift[channel]! / each);
	const deviations = scale.map((each) => 1 / each);
	if (means.every((mean) => mean === 0) && deviations.every((deviation) => deviation === 1)) {
		return undefined;
	}
	return [...means, ...deviations].some((number) => number > 1) ? 'none' : 'unit';
}

/** The node's other operand, a number for each channel; undefined where it is no shift or scale. */
function channelConstant({ operator, inputs }: OnnxNode, value: string, flow: Flow): number[] | undefined {
	const swapped = (operator === 'Add' || operator === 'Mul') && inputs[1] === value;
	if (!['Add', 'Sub', 'Mul', 'Div'].includes(operator) || !(swapped || inputs[0] === value)) {
		return undefined;
	}
	const tensor = flow.constants.tensors.get(inputs[swapped ? 0 : 1] ?? '');
	const numbers = tensor && floatsOf(tensor);
	switch (numbers?.length) {
		case 1:
			return [numbers[0]!, numbers[0]!, numbers[0]!];
		case 3:
			// Along the width three numbers would be no channels.
			return tensor!.dims.at(-1) === 1 ? [...numbers] : undefined;
		default:
			return undefined;
	}
}

function stepOf(operator: string, by: readonly number[]): readonly [times: readonly number[], plus: readonly number[]] {
	const all = (number: number) => by.map(() => number);
	switch (operator) {
		case 'Add':
			return [all(1), by];
		case 'Sub':
			return [all(1), by.map((each) => -each)];
		case 'Mul':
			return [by, all(0)];
		default:
			return [by.map((each) => 1 / each), all(0)];
	}
}
