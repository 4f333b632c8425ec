/** The pixels' rows of numbers a class, and reading them. */
import type { CrfKernel } from './crfKernel';
import { maxVectors } from './layout';

/**
 * Where a lane of the pixels' rows lies: as `vectorAt` in `kernel/rowTypes.ts` has it, rows longer than
 * {@link maxVectors} vectors are stored in blocks.
 * @param width vectors of 4 lanes in a row
 * @returns bytes from the rows' start to pixel 0, and from a pixel to the next
 */
export function laneAddress(
	width: number,
	pixels: number,
	lane: number,
): { readonly offset: number; readonly stride: number } {
	const vector = lane >> 2;
	const first = vector - (vector % maxVectors);
	const stride = Math.min(maxVectors, width - first) * 16;
	return { offset: (pixels * first + (vector - first)) * 16 + (lane & 3) * 4, stride };
}

/**
 * A pixel's row.
 * @param rows their address
 * @param width vectors of 4 lanes in a row
 * @returns a number a lane
 */
export function rowAt(kernel: CrfKernel, rows: number, width: number, pixels: number, pixel: number): Float32Array {
	return Float32Array.from({ length: width * 4 }, (_, lane) => {
		const { offset, stride } = laneAddress(width, pixels, lane);
		return kernel.f32(rows + offset + pixel * stride, 1)[0]!;
	});
}
