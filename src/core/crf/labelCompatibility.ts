import type { ActiveClasses } from './activeClasses';
import type { CrfKernel } from './crfKernel';
import type { HeldInput } from './input';
import { compatibilityMatrix } from './pairwise';
import { Room } from './room';
import type { TermLattices } from './termLattices';

/** What the lattices splat where a label compatibility is not Potts: the beliefs times its matrix. */
export class LabelCompatibility {
	/** A room for each lattice that has needed one, by its position among those in use. */
	private readonly mixed = new Map<number, Room>();

	constructor(
		private readonly kernel: CrfKernel,
		private readonly input: HeldInput,
		private readonly lattices: TermLattices,
		private readonly active: ActiveClasses,
	) {}

	/**
	 * Tells every lattice to splat the beliefs, after its compatibility where that is not Potts.
	 * @param beliefs address of Q, a row a pixel
	 * @throws InspectorError `crf.tooLarge`
	 */
	setSignals(beliefs: number): void {
		const { kernel } = this;
		const { pixels, classes } = this.input.require();
		const { width } = this.active.lanes;
		const lanes = width * 4;
		for (const [i, { term, lattice }] of this.lattices.inUse.entries()) {
			const matrix = compatibilityMatrix(term, classes);
			if (!matrix) {
				lattice.struct.set({ signal: beliefs });
				continue;
			}
			const room = this.mixed.get(i) ?? new Room(kernel);
			this.mixed.set(i, room);
			const signal = room.ensure(pixels * lanes * 4);
			const columns = kernel.arena.allocate(lanes * lanes * 4);
			try {
				const view = kernel.f32(columns, lanes * lanes).fill(0);
				for (let row = 0; row < classes; row++) {
					for (let column = 0; column < classes; column++) {
						view[column * lanes + row] = matrix[row * classes + column]!;
					}
				}
				kernel.run('mix', beliefs, signal, columns, width, pixels);
			} finally {
				kernel.arena.release(columns);
			}
			lattice.struct.set({ signal });
		}
	}

	release(): void {
		for (const room of this.mixed.values()) {
			room.release();
		}
	}
}
