import { InspectorError } from '../problem';
import type { ActiveClasses } from './activeClasses';
import { laneAddress } from './classRows';
import type { CrfKernel } from './crfKernel';
import { FirstValues } from './firstValues';
import type { HeldInput } from './input';
import { LabelCompatibility } from './labelCompatibility';
import { maxVectors, tasks } from './layout';
import type { PixelPass } from './pixelPass';
import { type Room, RoomPair } from './room';
import type { TermLattices } from './termLattices';

/**
 * The passes of mean field over the pixels, and the Q and lattice values that go from one to the next.
 *
 * Where rows are short and every compatibility is Potts, one pass slices, adds up, takes the softmax and, if asked to,
 * splats again. Elsewhere the rows are filtered in blocks of a few vectors, and the softmax is a pass of its own.
 */
export class MeanFieldPasses {
	/** Q of the lanes, a row a pixel; the spare are those before, where iterations go in blocks. */
	readonly beliefs: RoomPair;
	/** Lattice values: those that the last pass sliced, and others. */
	readonly values: RoomPair;
	/** Lattice values that the first iteration begins with. */
	readonly first: FirstValues;
	private readonly compatibility: LabelCompatibility;
	/** Of the lattices, when what a pass sliced was left in `values`; undefined where that is not there. */
	private slicedGeneration: number | undefined;

	constructor(
		private readonly kernel: CrfKernel,
		private readonly input: HeldInput,
		private readonly lattices: TermLattices,
		private readonly active: ActiveClasses,
		private readonly pass: PixelPass,
	) {
		this.beliefs = new RoomPair(kernel);
		this.values = new RoomPair(kernel);
		this.first = new FirstValues(kernel, lattices, active);
		this.compatibility = new LabelCompatibility(kernel, input, lattices, active);
	}

	/** Whether an iteration is one pass over the pixels. */
	get areFused(): boolean {
		return this.active.lanes.width <= maxVectors && this.lattices.arePotts;
	}

	/** Gives the memory back that depends on the picture's size and classes. */
	release(): void {
		this.values.release();
		this.first.release();
		this.beliefs.release();
		this.compatibility.release();
	}

	/** What the last pass sliced is not what the beliefs are made of, or will not be there. */
	forgetSliced(): void {
		this.slicedGeneration = undefined;
	}

	/** Writes the pass' structure. @param what bits of {@link tasks} */
	begin(what: number): void {
		this.pass.begin(what, this.beliefs.current);
	}

	/**
	 * Q = softmax of the unary alone. If it is to be splatted, that goes to `values.current`.
	 * @param what bits of {@link tasks}
	 */
	softmaxOfUnary(what: number): void {
		const { values, pass } = this;
		if (this.active.lanes.width > maxVectors) {
			this.begin(what);
			this.kernel.run('softmax', pass.struct.address, this.active.energies);
			return;
		}
		if (what & tasks.splat) {
			this.point(values.spare, values.current);
		} else {
			this.point(values.current, values.current);
		}
		this.begin(what);
		this.kernel.run('iterate', pass.struct.address, 0);
		this.forgetSliced();
	}

	/**
	 * From the beliefs to the beliefs of the next iteration.
	 * @param what bits of {@link tasks}
	 * @returns the summed agreement, if that is asked for
	 */
	iterate(what: number): number {
		if (this.areFused) {
			this.point(this.values.current, this.values.current);
			this.begin(tasks.slice | what);
			this.splat();
			this.kernel.run('iterate', this.pass.struct.address, 1);
			this.keepSliced();
		} else {
			this.iterateInBlocks(what);
		}
		return this.pass.sum('agreement');
	}

	/** Splats the beliefs to where the lattices point. */
	splat(): void {
		const { width } = this.active.lanes;
		this.lattices.setSignal(this.beliefs.current.address);
		this.kernel.run('splat', this.pass.struct.address, 0, width * 16, width);
	}

	/** From values that are splatted to beliefs splatted again, to the spare values, which then become the current ones. */
	sliceAndSplat(): void {
		this.point(this.values.current, this.values.spare);
		this.begin(tasks.slice | tasks.splat);
		this.kernel.run('iterate', this.pass.struct.address, 1);
		this.values.swap();
	}

	/**
	 * Blurs what was splatted to the current values and puts it away as those that a first iteration begins with.
	 * @param pruning of the start
	 */
	keepFirst(pruning: number): void {
		const { first, values } = this;
		[first.room, values.current] = [values.current, first.room];
		this.point(first.room, first.room);
		this.begin(tasks.slice);
		this.kernel.run('blur', this.pass.struct.address, this.active.lanes.width);
		first.keep(pruning);
	}

	/** Makes room for values that will be put away: the smallest there is goes out of use. */
	makeRoomForFirst(): void {
		const { first, values } = this;
		first.forget();
		const smaller = values.current.size < values.spare.size ? 'current' : 'spare';
		if (values[smaller].size < first.room.size) {
			[first.room, values[smaller]] = [values[smaller], first.room];
		}
	}

	/** From the values that were put away, which stay as they are, to stored beliefs. */
	sliceFirst(): void {
		this.point(this.first.room, this.first.room);
		this.begin(tasks.slice | tasks.keep);
		this.kernel.run('iterate', this.pass.struct.address, 0);
		this.forgetSliced();
	}

	/** Splats the beliefs to the current values. */
	splatStored(): void {
		this.point(this.values.current, this.values.current);
		this.begin(0);
		this.splat();
	}

	/** The last pass over values that are splatted. @param what bits of {@link tasks} */
	sliceLast(what: number): void {
		this.point(this.values.current, this.values.current);
		this.begin(tasks.slice | what);
		this.kernel.run('iterate', this.pass.struct.address, 1);
		this.keepSliced();
	}

	/**
	 * The beliefs that were splatted to the current values, once more, to be stored.
	 * @param first whether they came from the unary alone, and not from the spare values, which are blurred
	 */
	storeSplatted(first: boolean): void {
		this.point(this.values.spare, this.values.spare);
		this.begin((first ? 0 : tasks.slice) | tasks.keep);
		this.kernel.run('iterate', this.pass.struct.address, 0);
	}

	/** Where the lattices' rows of values lie: what is sliced, and what is splatted to. */
	point(values: Room, target: Room, width = this.active.lanes.width): void {
		this.lattices.point(values, target, width);
	}

	/**
	 * Goes through what the last iteration sliced: `visit` finds it in the lattices' `values`.
	 * @param visit with the first vector of 4 lanes, and how many there are in a row of values
	 * @throws InspectorError `crf.badInput` where it is not there any more, or `crf.tooLarge`
	 */
	visitSliced(visit: (first: number, vectors: number) => void): void {
		const { width } = this.active.lanes;
		if (this.slicedGeneration === this.lattices.generation) {
			this.point(this.values.current, this.values.current);
			visit(0, width);
			return;
		}
		// Not kept: filter what the iteration began with once more.
		if (this.areFused) {
			throw new InspectorError({ code: 'crf.badInput', detail: 'the parameters changed: start again' });
		}
		this.compatibility.setSignals(this.beliefs.spare.address);
		this.splatBlocks((first, vectors) => {
			this.kernel.run('blur', this.pass.struct.address, vectors);
			visit(first, vectors);
		});
	}

	private iterateInBlocks(what: number): void {
		const { kernel, beliefs, pass } = this;
		const { pixels } = this.input.require();
		// The old beliefs are kept, for `visitSliced`.
		beliefs.spare.ensure(pixels * this.active.lanes.width * 16);
		this.begin(what);
		this.compatibility.setSignals(beliefs.current.address);
		beliefs.swap();
		pass.struct.set({ beliefs: beliefs.current.address, previous: beliefs.spare.address });
		this.splatBlocks((_, vectors, { offset, stride }) => {
			kernel.run('slice', pass.struct.address, offset, stride, vectors);
		});
		kernel.run('softmax', pass.struct.address, beliefs.current.address);
		this.forgetSliced();
	}

	/** Splats the lattices' signals block by block; `each` does the rest of each block. */
	private splatBlocks(each: (first: number, vectors: number, at: ReturnType<typeof laneAddress>) => void): void {
		const { pixels } = this.input.require();
		const { width } = this.active.lanes;
		for (const { first, vectors } of this.blocks()) {
			const at = laneAddress(width, pixels, first * 4);
			this.point(this.values.current, this.values.current, vectors);
			this.kernel.run('splat', this.pass.struct.address, at.offset, at.stride, vectors);
			each(first, vectors, at);
		}
	}

	/** The vectors that are filtered at once where rows are longer: as many as there is memory for. */
	private blocks(): { readonly first: number; readonly vectors: number }[] {
		const { width } = this.active.lanes;
		const { rows } = this.lattices;
		for (let most = maxVectors; ; most = most === maxVectors ? 3 : 1) {
			try {
				this.values.current.ensure(rows * Math.min(most, width) * 16);
			} catch (error) {
				if (most === 1) {
					throw error;
				}
				continue;
			}
			// Divisors of maxVectors: none reaches over the end of a stored block.
			return Array.from({ length: Math.ceil(width / most) }, (_, i) => ({
				first: i * most,
				vectors: Math.min(most, width - i * most),
			}));
		}
	}

	private keepSliced(): void {
		this.slicedGeneration = this.lattices.generation;
	}
}
