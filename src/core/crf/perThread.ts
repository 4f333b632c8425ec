/** What the kernel's threads find out, each for its own pixels: one block a thread, brought together here. */
import type { CrfKernel } from './crfKernel';
import { statisticsBytes } from './layout';

/** A sum over the pixels, in `Statistics` of `kernel/memory.ts`. */
export type Statistic = 'entropy' | 'agreement' | 'changed' | 'partition';

const offsets = { entropy: 0, agreement: 8, changed: 16, invalid: 20, partition: 24 } as const;

/** @param address of a block of {@link statisticsBytes} bytes a thread */
export function sumOfThreads(kernel: CrfKernel, address: number, name: Statistic): number {
	let sum = 0;
	for (let thread = 0; thread < kernel.threads; thread++) {
		const view = kernel.view(address + thread * statisticsBytes, statisticsBytes);
		sum += name === 'changed' ? view.getUint32(offsets[name], true) : view.getFloat64(offsets[name], true);
	}
	return sum;
}

/**
 * Whether a thread came upon a value that is not finite.
 * @param address of a block of {@link statisticsBytes} bytes a thread
 */
export function anyInvalid(kernel: CrfKernel, address: number): boolean {
	return Array.from({ length: kernel.threads }, (_, thread) => address + thread * statisticsBytes).some(
		(block) => kernel.view(block, statisticsBytes).getUint32(offsets.invalid, true) !== 0,
	);
}

/**
 * @param address of `lanes` f32 a thread
 * @returns per lane the largest of the threads' values
 */
export function largestOfThreads(kernel: CrfKernel, address: number, lanes: number): number[] {
	const { threads } = kernel;
	const values = kernel.f32(address, threads * lanes);
	return Array.from({ length: lanes }, (_, lane) => {
		let largest = Number.NEGATIVE_INFINITY;
		for (let thread = 0; thread < threads; thread++) {
			largest = Math.max(largest, values[thread * lanes + lane]!);
		}
		return largest;
	});
}
