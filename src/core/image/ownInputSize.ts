import type { Preprocessing } from '../model';

/**
 * Height and width in pixels of the input that a picture of the model's longest side, both ways, becomes: the fixed
 * size of a network that has one, else the padded square.
 */
export function ownInputSize({
	inputSize,
	longestSide,
	padMultiple,
	padRemainder = 1,
}: Preprocessing): readonly [height: number, width: number] {
	const side = paddedSize(longestSide, padMultiple, padRemainder);
	return inputSize ?? [side, side];
}

/** The next `multiple * k + remainder` that is at least `size`. */
export function paddedSize(size: number, multiple: number, remainder: 0 | 1): number {
	return Math.ceil((size - remainder) / multiple) * multiple + remainder;
}
