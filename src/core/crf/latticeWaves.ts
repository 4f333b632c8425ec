import type { CrfKernel, Struct } from './crfKernel';
import { structBytes } from './layout';

/** From here on a lattice's values do not stay in the cache from one axis of the blur to the next. */
const manyVertices = 65_536;

/**
 * Whether a lattice is to be blurred in waves (`kernel/waves.ts`). With more dimensions, a vertex' neighbours are no
 * longer near it in memory.
 */
export function takesWaves(dimensions: number, vertices: number): boolean {
	return dimensions <= 2 && vertices >= manyVertices;
}

/**
 * Cuts the lattice's chains into pieces for waves, and what is left of them into new chains.
 * @param keep makes room that stays
 * @param take makes room that is not needed afterwards
 */
export function cutIntoWaves(
	kernel: CrfKernel,
	lattice: Struct<'lattice'>,
	keep: (bytes: number) => number,
	take: (bytes: number) => number,
): void {
	const { threads } = kernel;
	const vertices = lattice.get('vertices');
	const axes = lattice.get('dimensions') + 1;
	const firstVertices = verticesOfThreads(kernel, lattice);
	const firstBlocks = [0];
	for (let thread = 0; thread < threads; thread++) {
		const own = firstVertices[thread + 1]! - firstVertices[thread]!;
		firstBlocks.push(firstBlocks[thread]! + kernel.exports.blocks(own));
	}
	const listCount = (firstBlocks[threads]! + 1) * axes;
	const plan = kernel.struct('wavePlan', take(structBytes('wavePlan')));
	plan.set({
		times: take((axes + 1) * vertices * 4),
		firstVertices: take((threads + 1) * 4),
		firstBlocks: take((threads + 1) * 4),
		threads,
		lists: take(listCount * 4),
		cuts: take(axes * 4),
	});
	kernel.u32(plan.get('firstVertices'), threads + 1).set(firstVertices);
	kernel.u32(plan.get('firstBlocks'), threads + 1).set(firstBlocks);
	kernel.u32(plan.get('lists'), listCount).fill(0);
	kernel.u32(plan.get('cuts'), axes).fill(0);
	kernel.run('planWaves', lattice.address, plan.address);

	const words = [...kernel.u32(plan.get('lists'), listCount)];
	const addresses: number[] = [];
	/** The lists from `from` to `to` one behind the other. */
	const place = (from: number, to: number): [address: number, length: number] => {
		const length = words.slice(from, to).reduce((sum, count) => sum + count, 0);
		const address = keep(length * 4);
		let next = address;
		for (let list = from; list < to; list++) {
			addresses[list] = next;
			next += words[list]! * 4;
		}
		return [address, length];
	};
	const waves = firstBlocks.slice(0, -1).map((first, thread) => place(first * axes, firstBlocks[thread + 1]! * axes));
	const seams = Array.from({ length: axes }, (_, axis) => place(listCount - axes + axis, listCount - axes + axis + 1));
	kernel.u32(plan.get('lists'), listCount).set(addresses);
	const cuts = kernel.u32(plan.get('cuts'), axes);
	let rows = lattice.get('rows');
	for (const [axis, count] of cuts.entries()) {
		cuts[axis] = rows;
		rows += count;
	}
	kernel.run('writeWaves', lattice.address, plan.address);

	const wavesAt = keep(threads * 8);
	kernel.u32(wavesAt, threads * 2).set(waves.flat());
	kernel.u32(lattice.get('chains'), axes * 2).set(seams.flat());
	lattice.set({ waves: wavesAt, rows });
}

/** Each thread's first vertex, and behind the last thread's their number. */
function verticesOfThreads(kernel: CrfKernel, lattice: Struct<'lattice'>): number[] {
	const { threads } = kernel;
	const segments = kernel.exports.segments(lattice.get('width'), lattice.get('pixels'));
	const met = kernel.u32(lattice.get('met'), segments * 2);
	return Array.from({ length: threads + 1 }, (_, thread) => {
		const segment = Math.floor((segments * thread) / threads);
		return segment === 0 ? 0 : met[(segment - 1) * 2]!;
	});
}
