/** Sizes that a graph works out from shapes while it runs, as exporters write them in front of a Resize. */
import { DataType, intAttribute, integersOf, type OnnxNode, type OnnxTensor } from './ir';
import type { Shape } from './shapes';

/** The values of a small tensor, whatever its dimensions: a shape, a size, a factor. */
export interface KnownValues {
	readonly values: readonly number[];
	/** Whether they are of a floating point type: then a quotient is not rounded. */
	readonly isFloat: boolean;
}

/** More values than this are no sizes. */
const most = 16;

/** @returns undefined for a tensor of other numbers, or of many */
export function valuesOfTensor(tensor: OnnxTensor): KnownValues | undefined {
	if (tensor.dims.reduce((product, dim) => product * dim, 1) > most) {
		return undefined;
	}
	const values = integersOf(tensor);
	return values && { values, isFloat: false };
}

/**
 * What a node that works on sizes gives.
 * @param shapeOf shapes that are known
 * @param valuesOf values that are known
 * @returns undefined where it is another node, or what it takes is not known
 */
export function valuesOfNode(
	node: OnnxNode,
	shapeOf: (value: string) => Shape | undefined,
	valuesOf: (value: string) => KnownValues | undefined,
): KnownValues | undefined {
	const [first = '', second = ''] = node.inputs;
	if (node.operator === 'Shape') {
		const shape = shapeOf(first);
		const start = intAttribute(node, 'start', 0);
		const end = intAttribute(node, 'end', shape?.length ?? 0);
		return shape && { values: shape.slice(start, end), isFloat: false };
	}
	const input = valuesOf(first);
	if (!input) {
		return undefined;
	}
	const { values, isFloat } = input;
	const each = (change: (value: number) => number): KnownValues => ({ values: values.map(change), isFloat });
	switch (node.operator) {
		case 'Identity':
		case 'Squeeze':
		case 'Unsqueeze':
			return input;
		case 'Cast': {
			const toFloat = [DataType.float, DataType.double, DataType.float16].some(
				(type) => type === intAttribute(node, 'to', DataType.float),
			);
			return toFloat ? { values, isFloat: true } : { values: values.map(Math.trunc), isFloat: false };
		}
		case 'Floor':
			return each(Math.floor);
		case 'Ceil':
			return each(Math.ceil);
		case 'Gather': {
			const picked = valuesOf(second)?.values.map((index) => values.at(index));
			return picked?.every((value) => value !== undefined) && intAttribute(node, 'axis', 0) === 0
				? { values: picked, isFloat }
				: undefined;
		}
		case 'Slice':
			return sliced(node, input, valuesOf);
		case 'Concat': {
			const parts = node.inputs.map(valuesOf);
			return parts.every((part) => part !== undefined)
				? { values: parts.flatMap((part) => part.values), isFloat }
				: undefined;
		}
		case 'Add':
		case 'Sub':
		case 'Mul':
		case 'Div': {
			const other = valuesOf(second);
			return other && combined(node.operator, input, other);
		}
		default:
			return undefined;
	}
}

/** Of one dimension, in steps of one. */
function sliced(
	{ inputs }: OnnxNode,
	{ values, isFloat }: KnownValues,
	valuesOf: (value: string) => KnownValues | undefined,
): KnownValues | undefined {
	const [, startName = '', endName = '', axesName = '', stepsName = ''] = inputs;
	const only = (name: string, fallback: number): number | undefined =>
		name === '' ? fallback : valuesOf(name)?.values.at(0);
	const start = only(startName, Number.NaN);
	const end = only(endName, Number.NaN);
	const isPlain = only(axesName, 0) === 0 && only(stepsName, 1) === 1;
	return start === undefined || end === undefined || Number.isNaN(start + end) || !isPlain
		? undefined
		: { values: values.slice(start, end), isFloat };
}

function combined(
	operator: 'Add' | 'Sub' | 'Mul' | 'Div',
	one: KnownValues,
	other: KnownValues,
): KnownValues | undefined {
	const length = Math.max(one.values.length, other.values.length);
	if ([one, other].some(({ values }) => values.length !== length && values.length !== 1)) {
		return undefined;
	}
	const isFloat = one.isFloat || other.isFloat;
	const calculate = { Add: plus, Sub: minus, Mul: times, Div: isFloat ? quotient : wholeQuotient }[operator];
	const at = ({ values }: KnownValues, index: number) => values[values.length === 1 ? 0 : index]!;
	const values = Array.from({ length }, (_, index) => calculate(at(one, index), at(other, index)));
	return { values, isFloat };
}

const plus = (a: number, b: number) => a + b;
const minus = (a: number, b: number) => a - b;
const times = (a: number, b: number) => a * b;
const quotient = (a: number, b: number) => a / b;
const wholeQuotient = (a: number, b: number) => Math.trunc(a / b);
