import { allLanes, type ClassLanes, type FewerLanes, fewerLanes, restLane } from './classLanes';
import { laneAddress } from './classRows';
import type { CrfKernel, Struct } from './crfKernel';
import type { HeldInput } from './input';
import { nowhere, structBytes } from './layout';
import { Room } from './room';

/** The rest may grow to this multiple of the pruning threshold or of its first size before its classes come back. */
const restGrowth = 2;

/** A byte for every lane that is kept, then a vector of penalties for each of up to 64 vectors. */
const selectionLanesBytes = 256;
const selectionBytes = selectionLanesBytes + 64 * 16;

/**
 * The classes that are filtered by themselves now, the rest that is filtered as one, and the energies of both: -unary,
 * the rest's being the logarithm of the sum of its classes' exponentials.
 */
export class ActiveClasses {
	private now: ClassLanes = allLanes(1);
	private rows: Room;
	/** The lanes that a start with this pruning has, and their energies: the same as long as the picture is. */
	private atStart: { readonly pruning: number; readonly lanes: ClassLanes; readonly energies: Room } | undefined;
	private restLimit = Number.POSITIVE_INFINITY;
	private readonly selection: Struct<'selection'>;
	private readonly selectionLanes: number;

	constructor(
		private readonly kernel: CrfKernel,
		private readonly input: HeldInput,
	) {
		this.selection = kernel.struct('selection', kernel.arena.allocate(structBytes('selection')));
		this.selectionLanes = kernel.arena.allocate(selectionBytes);
		this.rows = input.energies;
	}

	get lanes(): ClassLanes {
		return this.now;
	}

	/** Address of the lanes' energies, a row a pixel. */
	get energies(): number {
		return this.rows.address;
	}

	/** Classes that are filtered by themselves. */
	get count(): number {
		return this.now.rest.length > 0 ? this.now.classes.length : this.input.require().classes;
	}

	/** The lane of a class. */
	laneOf(label: number): number {
		const lane = this.now.classes.indexOf(label);
		return lane < 0 ? this.now.classes.length : lane;
	}

	/** Every class by itself. */
	useAll(): void {
		this.useAllEnergies();
		this.now = allLanes(this.input.require().classes);
		this.restLimit = Number.POSITIVE_INFINITY;
	}

	/** From every class by itself to those that are not hopeless by the unary alone. @throws InspectorError `crf.tooLarge` */
	pruneAtStart(pruning: number): void {
		if (this.atStart?.pruning !== pruning) {
			this.forgetStart();
			const fewer = this.fewer(this.input.startBounds.map(Math.exp), pruning);
			if (!fewer) {
				return;
			}
			this.narrowTo(fewer);
			this.atStart = { pruning, lanes: fewer.lanes, energies: this.rows };
		}
		this.rows = this.atStart.energies;
		this.now = this.atStart.lanes;
	}

	/** Another picture comes. */
	forgetInput(): void {
		this.useAllEnergies();
		this.forgetStart();
	}

	/**
	 * Whether the rest has grown too large to stay one.
	 * @param largest per lane the largest Q of any pixel
	 */
	restOverflows(largest: readonly number[], pruning: number): boolean {
		const lane = restLane(this.now);
		if (lane === undefined) {
			return false;
		}
		if (this.restLimit === Number.POSITIVE_INFINITY) {
			this.restLimit = restGrowth * Math.max(pruning, largest[lane]!);
		}
		return largest[lane]! > this.restLimit;
	}

	/** @param largest per lane the largest Q of any pixel, or a bound of it */
	fewer(largest: readonly number[], pruning: number): FewerLanes | undefined {
		return fewerLanes(this.now, largest, pruning);
	}

	/**
	 * Rows of probabilities, or of lattice values, in fewer lanes; those that go together are summed.
	 * @param rows address of `count` rows of the lanes as they are
	 * @param out address of `count` rows of the new lanes
	 */
	selectValues(fewer: FewerLanes, rows: number, out: number, count: number): void {
		this.writeSelection(fewer);
		this.kernel.run('select', rows, out, this.selection.address, count, 0);
	}

	/** Goes over to fewer lanes, with their energies. @throws InspectorError `crf.tooLarge` */
	narrowTo(fewer: FewerLanes): void {
		const { pixels } = this.input.require();
		this.writeSelection(fewer);
		const energies = new Room(this.kernel);
		energies.ensure(pixels * fewer.lanes.width * 16);
		this.kernel.run('select', this.rows.address, energies.address, this.selection.address, pixels, 1);
		this.useAllEnergies();
		this.rows = energies;
		this.now = fewer.lanes;
		this.restLimit = Number.POSITIVE_INFINITY;
	}

	/**
	 * Q of one class; one of the rest has its share of the rest's Q.
	 * @param beliefs address of the lanes' Q, a row a pixel
	 * @param out address of a number a pixel, `outStride` bytes apart
	 */
	readClass(beliefs: number, label: number, out: number, outStride: number): void {
		const { kernel, now } = this;
		const { pixels, vectors } = this.input.require();
		const lane = this.laneOf(label);
		const { offset, stride } = laneAddress(now.width, pixels, lane);
		if (lane < now.classes.length) {
			kernel.run('readLane', beliefs + offset, stride, out, outStride, pixels);
			return;
		}
		const own = laneAddress(vectors, pixels, label);
		const all = this.input.energies.address + own.offset;
		const energies = this.rows.address + offset;
		kernel.run('readShare', beliefs + offset, energies, stride, all, own.stride, out, outStride, pixels);
	}

	private writeSelection({ lanes: { width: newWidth }, kept }: FewerLanes): void {
		const { kernel } = this;
		const { classes, rest, width } = this.now;
		const lanes = this.selectionLanes;
		const penalty = lanes + selectionLanesBytes;
		const used = classes.length + (rest.length > 0 ? 1 : 0);
		kernel.u8(lanes, kept.length).set(kept);
		const penalties = kernel
			.f32(penalty, width * 4)
			.fill(nowhere)
			.fill(0, 0, used);
		for (const lane of kept) {
			penalties[lane] = nowhere;
		}
		this.selection.set({ width, newWidth, lanes, kept: kept.length, penalty });
	}

	private useAllEnergies(): void {
		if (this.rows !== this.input.energies && this.rows !== this.atStart?.energies) {
			this.rows.release();
		}
		this.rows = this.input.energies;
	}

	private forgetStart(): void {
		this.atStart?.energies.release();
		this.atStart = undefined;
	}
}
