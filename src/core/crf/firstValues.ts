import type { ActiveClasses, GroupingState } from './activeClasses';
import type { CrfKernel } from './crfKernel';
import { Room } from './room';
import type { TermLattices } from './termLattices';

/**
 * The lattice values that the first iteration slices: Q of the unary, splatted and blurred. They are the same whatever
 * the weights and the number of iterations are, so that these begin with the second half of that iteration.
 */
export class FirstValues {
	/** Rows of values; of any content where {@link goBackTo} gives false. */
	room: Room;
	private of: { readonly generation: number; readonly pruning: number; readonly state: GroupingState } | undefined;

	constructor(
		kernel: CrfKernel,
		private readonly lattices: TermLattices,
		private readonly active: ActiveClasses,
	) {
		this.room = new Room(kernel);
	}

	/** What is in the room from now on are the values of a start with this pruning, of the lanes as they are. */
	keep(pruning: number): void {
		this.of = { generation: this.lattices.generation, pruning, state: this.active.state };
	}

	/** Brings the lanes back that the values are of. @returns false where the room does not hold those of such a start */
	goBackTo(pruning: number): boolean {
		const { of } = this;
		return (
			of !== undefined &&
			of.generation === this.lattices.generation &&
			of.pruning === pruning &&
			this.active.goBackTo(of.state)
		);
	}

	/** The room is needed for something else. */
	forget(): void {
		this.of = undefined;
	}

	release(): void {
		this.forget();
		this.room.release();
	}
}
