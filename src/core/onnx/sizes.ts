/** Sizes that a graph works out from shapes while it runs, as exporters write them in front of a Resize. */
import { DataType, intAttribute, integersOf, intsAttribute, type OnnxNode, type OnnxTensor } from './ir';
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
		// Of sizes themselves the shape is their number; of one alone it might be none.
		const count = valuesOf(first)?.values.length ?? 0;
		const shape = shapeOf(first) ?? (count > 1 ? [count] : undefined);
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
		case 'Div':
		case 'Equal': {
			const other = valuesOf(second);
			return other && combined(node.operator, input, other);
		}
		case 'ConstantOfShape':
			return filled(node, values);
		case 'Where': {
			const [one, other] = [valuesOf(second), valuesOf(node.inputs[2] ?? '')];
			return one && other && chosen(values, one, other);
		}
		default:
			return undefined;
	}
}

/** Of one dimension, in steps of one. Where it begins and ends are attributes before opset 10, inputs since. */
function sliced(
	node: OnnxNode,
	{ values, isFloat }: KnownValues,
	valuesOf: (value: string) => KnownValues | undefined,
): KnownValues | undefined {
	const only = (attribute: string, input: number, fallback: number): number | undefined => {
		const name = node.inputs[input] ?? '';
		return name === '' ? (intsAttribute(node, attribute)?.at(0) ?? fallback) : valuesOf(name)?.values.at(0);
	};
	const start = only('starts', 1, Number.NaN);
	const end = only('ends', 2, Number.NaN);
	const isPlain = only('axes', 3, 0) === 0 && only('steps', 4, 1) === 1;
	return start === undefined || end === undefined || Number.isNaN(start + end) || !isPlain
		? undefined
		: { values: values.slice(start, end), isFloat };
}

/** One value over and over; 0 where none is stated. */
function filled({ attributes }: OnnxNode, [length = 0, ...more]: readonly number[]): KnownValues | undefined {
	const value = attributes.get('value');
	const stated = value?.kind === 'tensor' ? valuesOfTensor(value.value) : undefined;
	if (more.length > 0 || length > most || (value && stated?.values.length !== 1)) {
		return undefined;
	}
	return { values: Array.from({ length }, () => stated?.values[0] ?? 0), isFloat: !stated };
}

/** @param condition 1 or 0, for each value */
function chosen(condition: readonly number[], one: KnownValues, other: KnownValues): KnownValues | undefined {
	const length = Math.max(condition.length, one.values.length, other.values.length);
	if ([condition, one.values, other.values].some((each) => each.length !== length && each.length !== 1)) {
		return undefined;
	}
	const at = (values: readonly number[], index: number) => values[values.length === 1 ? 0 : index]!;
	const values = Array.from({ length }, (_, i) => at((at(condition, i) === 1 ? one : other).values, i));
	return { values, isFloat: one.isFloat };
}

function combined(
	operator: 'Add' | 'Sub' | 'Mul' | 'Div' | 'Equal',
	one: KnownValues,
	other: KnownValues,
): KnownValues | undefined {
	const length = Math.max(one.values.length, other.values.length);
	if ([one, other].some(({ values }) => values.length !== length && values.length !== 1)) {
		return undefined;
	}
	const isFloat = one.isFloat || other.isFloat;
	const divide = isFloat ? quotient : wholeQuotient;
	const calculate = { Add: plus, Sub: minus, Mul: times, Div: divide, Equal: equal }[operator];
	const at = ({ values }: KnownValues, index: number) => values[values.length === 1 ? 0 : index]!;
	const values = Array.from({ length }, (_, index) => calculate(at(one, index), at(other, index)));
	return { values, isFloat };
}

const plus = (a: number, b: number) => a + b;
const minus = (a: number, b: number) => a - b;
const equal = (a: number, b: number) => (a === b ? 1 : 0);
const times = (a: number, b: number) => a * b;
const quotient = (a: number, b: number) => a / b;
const wholeQuotient = (a: number, b: number) => Math.trunc(a / b);
