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

/** Lanes, their energies, and what was kept of the lanes before on the way to them. */
interface Grouping {
	readonly path: string;
	readonly lanes: ClassLanes;
	/** A row a pixel. */
	readonly rows: Room;
}

export interface GroupingState {
	readonly grouping: Grouping;
	readonly restLimit: number;
}

/**
 * The classes that are filtered by themselves now, the rest that is filtered as one, and the energies of both: -unary,
 * the rest's being the logarithm of the sum of its classes' exponentials.
 */
export class ActiveClasses {
	private current: Grouping;
	/** The energies of the last way from all classes to few, by path: other weights mostly take the same way. */
	private readonly narrowed = new Map<string, Room>();
	private restLimit = Number.POSITIVE_INFINITY;
	private readonly selection: Struct<'selection'>;
	private readonly selectionLanes: number;

	constructor(
		private readonly kernel: CrfKernel,
		private readonly input: HeldInput,
	) {
		this.selection = kernel.struct('selection', kernel.arena.allocate(structBytes('selection')));
		this.selectionLanes = kernel.arena.allocate(selectionBytes);
		this.current = { path: '', lanes: allLanes(1), rows: input.energies };
	}

	get lanes(): ClassLanes {
		return this.current.lanes;
	}

	/** What {@link goBackTo} brings back. */
	get state(): GroupingState {
		return { grouping: this.current, restLimit: this.restLimit };
	}

	/** @returns false where its energies are not there any more */
	goBackTo({ grouping, restLimit }: GroupingState): boolean {
		const { path, rows } = grouping;
		if (rows !== (path === '' ? this.input.energies : this.narrowed.get(path))) {
			return false;
		}
		this.current = grouping;
		this.restLimit = restLimit;
		return true;
	}

	/** Address of the lanes' energies, a row a pixel. */
	get energies(): number {
		return this.current.rows.address;
	}

	/** Classes that are filtered by themselves. */
	get count(): number {
		const { classes, rest } = this.lanes;
		return rest.length > 0 ? classes.length : this.input.require().classes;
	}

	/** The lane of a class. */
	laneOf(label: number): number {
		const { classes } = this.lanes;
		const lane = classes.indexOf(label);
		return lane < 0 ? classes.length : lane;
	}

	/** Every class by itself. */
	useAll(): void {
		this.current = { path: '', lanes: allLanes(this.input.require().classes), rows: this.input.energies };
		this.restLimit = Number.POSITIVE_INFINITY;
	}

	/** From every class by itself to those that are not hopeless by the unary alone. @throws InspectorError `crf.tooLarge` */
	pruneAtStart(pruning: number): void {
		const fewer = this.fewer(this.input.startBounds.map(Math.exp), pruning);
		if (fewer) {
			this.narrowTo(fewer);
		}
	}

	/** Another picture comes. */
	forgetInput(): void {
		this.current = { path: '', lanes: this.lanes, rows: this.input.energies };
		this.letGo(() => true);
	}

	/**
	 * Whether the rest has grown too large to stay one.
	 * @param largest per lane the largest Q of any pixel
	 */
	restOverflows(largest: readonly number[], pruning: number): boolean {
		const lane = restLane(this.lanes);
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
		return fewerLanes(this.lanes, largest, pruning);
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
		const path = `${this.current.path}>${fewer.kept.join()}`;
		const rows = this.narrowed.get(path) ?? this.selectEnergies(fewer, path);
		this.current = { path, lanes: fewer.lanes, rows };
		this.restLimit = Number.POSITIVE_INFINITY;
	}

	/**
	 * Q of one class; one of the rest has its share of the rest's Q.
	 * @param beliefs address of the lanes' Q, a row a pixel
	 * @param out address of a number a pixel, `outStride` bytes apart
	 */
	readClass(beliefs: number, label: number, out: number, outStride: number): void {
		const { kernel, lanes: now } = this;
		const { pixels, vectors } = this.input.require();
		const lane = this.laneOf(label);
		const { offset, stride } = laneAddress(now.width, pixels, lane);
		if (lane < now.classes.length) {
			kernel.run('readLane', beliefs + offset, stride, out, outStride, pixels);
			return;
		}
		const own = laneAddress(vectors, pixels, label);
		const all = this.input.energies.address + own.offset;
		const energies = this.energies + offset;
		kernel.run('readShare', beliefs + offset, energies, stride, all, own.stride, out, outStride, pixels);
	}

	private selectEnergies(fewer: FewerLanes, path: string): Room {
		const { kernel } = this;
		const { pixels } = this.input.require();
		const bytes = pixels * fewer.lanes.width * 16;
		const rows = new Room(kernel);
		this.letGo((other) => !path.startsWith(`${other}>`));
		try {
			rows.ensure(bytes);
		} catch {
			this.letGo((other) => other !== this.current.path);
			rows.ensure(bytes);
		}
		this.narrowed.set(path, rows);
		this.writeSelection(fewer);
		kernel.run('select', this.energies, rows.address, this.selection.address, pixels, 1);
		return rows;
	}

	private writeSelection({ lanes: { width: newWidth }, kept }: FewerLanes): void {
		const { kernel } = this;
		const { classes, rest, width } = this.lanes;
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

	private letGo(which: (path: string) => boolean): void {
		for (const [path, rows] of [...this.narrowed].filter(([each]) => which(each))) {
			rows.release();
			this.narrowed.delete(path);
		}
	}
}
