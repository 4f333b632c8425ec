import type { ActiveClasses } from './activeClasses';
import type { CrfKernel, Struct } from './crfKernel';
import type { HeldInput } from './input';
import { restLabel, statisticsBytes, structBytes, tasks } from './layout';
import { largestOfThreads, type Statistic, sumOfThreads } from './perThread';
import { Room } from './room';
import type { TermLattices } from './termLattices';

/** So many addresses of lattices fit into a pass' tables. */
export const maxTerms = 256;

/** A pass' tables: addresses of lattices, the class of every lane, which classes are in the rest; then the maxima. */
const tableBytes = maxTerms * 4;
const maximaOffset = 4096;

/** What a pass over all pixels is told, and what it finds: labels, entropies, and sums over the pixels. */
export class PixelPass {
	readonly struct: Struct<'pass'>;
	/** A byte a pixel: the class of the largest Q when labels were last found. */
	readonly labels: Room;
	/** f32 a pixel, in nats. */
	readonly entropies: Room;
	private readonly tables: Room;

	constructor(
		private readonly kernel: CrfKernel,
		private readonly input: HeldInput,
		private readonly lattices: TermLattices,
		private readonly active: ActiveClasses,
	) {
		this.struct = kernel.struct('pass', kernel.arena.allocate(structBytes('pass')));
		this.labels = new Room(kernel);
		this.entropies = new Room(kernel);
		this.tables = new Room(kernel);
	}

	/** Makes room for another picture; all labels are 0. @throws InspectorError `crf.tooLarge` */
	clear(pixels: number): void {
		this.kernel.u8(this.labels.ensure(pixels), pixels).fill(0);
		this.entropies.ensure(pixels * 4);
	}

	/**
	 * Writes the pass' structure, with everything that is summed up at its start.
	 * @param what bits of {@link tasks}
	 * @param beliefs where Q goes, if it is kept
	 * @throws InspectorError `crf.tooLarge`
	 */
	begin(what: number, beliefs: Room): void {
		const { width: columns, pixels, classes, vectors } = this.input.require();
		const { kernel } = this;
		const { lanes } = this.active;
		const { width } = lanes;
		const { threads } = kernel;
		const filters = this.lattices.inUse;
		const maximaBytes = threads * width * 16;
		const lattices = this.tables.ensure(maximaOffset + maximaBytes + threads * statisticsBytes);
		const [classOf, inRest] = [lattices + tableBytes, lattices + 2 * tableBytes];
		const maxima = lattices + maximaOffset;
		const statistics = maxima + maximaBytes;
		kernel.u32(lattices, filters.length).set(filters.map(({ lattice }) => lattice.struct.address));
		kernel
			.u8(classOf, width * 4)
			.fill(restLabel)
			.set(lanes.classes);
		const rest = kernel.u8(inRest, classes).fill(0);
		for (const label of lanes.rest) {
			rest[label] = 1;
		}
		kernel.u8(maxima, maximaBytes + threads * statisticsBytes).fill(0);
		if (what & tasks.keep) {
			beliefs.ensure(pixels * width * 16);
		}
		this.struct.set({
			pixels,
			columns,
			width,
			lattices,
			latticeCount: filters.length,
			energies: this.active.energies,
			beliefs: beliefs.address,
			previous: beliefs.address,
			labels: this.labels.address,
			entropies: this.entropies.address,
			classOf,
			allEnergies: this.input.energies.address,
			allWidth: vectors,
			inRest,
			classes,
			maxima,
			statistics,
			tasks: what,
		});
	}

	/** The last pass' sum over the pixels. */
	sum(name: Statistic): number {
		return sumOfThreads(this.kernel, this.struct.get('statistics'), name);
	}

	/** Per lane the largest Q of any pixel in the last pass. */
	largest(): number[] {
		return largestOfThreads(this.kernel, this.struct.get('maxima'), this.active.lanes.width * 4);
	}

	/** The largest Q of the lanes is not known: nothing is to be pruned until the next pass. */
	forgetLargest(): void {
		const { kernel, active } = this;
		kernel.f32(this.struct.get('maxima'), kernel.threads * active.lanes.width * 4).fill(1);
	}
}
