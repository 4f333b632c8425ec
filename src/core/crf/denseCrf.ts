import { InspectorError } from '../problem';
import { allLanes, type ClassLanes, fewerLanes, restLane } from './classLanes';
import { CrfKernel, type Struct } from './crfKernel';
import { CrfLattice } from './lattice';
import { maxVectors, nowhere, restLabel, statisticsBytes, structBytes, tasks } from './layout';
import { compatibilityMatrix, dimensionsOf, maxDimensions, type PairwiseTerm } from './pairwise';
import { type CrfParameters, checkCrfParameters, crfBounds, defaultCrfParameters, pairwiseTerms } from './parameters';
import type { StartCrfThread } from './threads';
import type { WasmModule } from './webAssembly';

/** A picture and what a network says of it. */
export interface CrfInput {
	/** In pixels. */
	readonly width: number;
	readonly height: number;
	/** 1…255; with one class Q is 1 everywhere. */
	readonly classes: number;
	/** classes x pixels: -ln of the probability, up to a constant a pixel; finite. */
	readonly unary: Float32Array;
	/** pixels x 3, 0…255, in the channel order that sigma means. */
	readonly rgb: Uint8Array;
}

/** What an iteration did. */
export interface CrfStep {
	/** Iterations done; 0 is the start from the unary alone. */
	readonly iteration: number;
	/** Pixels whose label is another than it was when labels were last found; before that, all are 0. */
	readonly changedPixels: number;
	/** Mean over the pixels of the entropy of Q, in nats. */
	readonly meanEntropy: number;
	/**
	 * KL divergence of the Q that the iteration began with from the CRF's distribution, up to its constant ln Z, summed over
	 * the pixels: sum Q ln Q + sum U Q - sum Q * message. What mean field minimises. NaN for the start.
	 */
	readonly klDivergence: number;
	/** KL divergence of the Q that the iteration began with from the one it ended with, summed over the pixels. NaN for the start. */
	readonly stepDivergence: number;
	/** Classes that were filtered by themselves. */
	readonly activeClasses: number;
}

/**
 * Why a pixel has its Q: of every class, Q = softmax over the classes of (-unary + sum of the messages). The messages are
 * those of the last iteration, each times its weight; 0 before the first.
 */
export interface PixelMessages {
	/** One number a class. */
	readonly unary: Float32Array;
	readonly bilateral: Float32Array;
	readonly spatial: Float32Array;
	/** Of every pairwise term, in the order of {@link DenseCrf.setPairwise}; the two above first. */
	readonly terms: readonly Float32Array[];
	readonly q: Float32Array;
}

export interface DenseCrfOptions {
	/** Threads that share the work, the calling one included; needs `startThread` and dense-crf-threads.wasm. */
	readonly threads?: number;
	readonly startThread?: StartCrfThread;
	/** Bytes of memory that the kernel may come to use; 4 GiB, if left out. What needs more fails with `crf.tooLarge`. */
	readonly memoryLimit?: number;
}

/**
 * A dense CRF on an instance of the kernel of its own.
 * @param wasm dense-crf.wasm, or dense-crf-threads.wasm for more than one thread
 * @throws InspectorError `runtime.unavailable`
 */
export async function createDenseCrf(wasm: WasmModule, options: DenseCrfOptions = {}): Promise<DenseCrf> {
	return new DenseCrf(await CrfKernel.create(wasm, options));
}

/** A pairwise term in use. */
interface ActiveTerm {
	readonly term: PairwiseTerm;
	/** Same key: same lattice, for the same picture. */
	readonly key: string;
	readonly lattice: CrfLattice;
}

interface Input {
	readonly width: number;
	readonly height: number;
	readonly pixels: number;
	readonly classes: number;
}

/** Room in the kernel's memory that is replaced when it has to be larger. */
class Room {
	address = 0;
	private bytes = 0;

	constructor(private readonly kernel: CrfKernel) {}

	/** @returns the address of at least `bytes` bytes; what was there is lost if they were fewer */
	ensure(bytes: number): number {
		if (bytes > this.bytes) {
			this.release();
			this.address = this.kernel.arena.allocate(bytes);
			this.bytes = bytes;
		}
		return this.address;
	}

	release(): void {
		this.kernel.arena.release(this.address);
		this.address = 0;
		this.bytes = 0;
	}
}

/** The rest may grow to this multiple of the pruning threshold or of its first size before its classes come back. */
const restGrowth = 2;

/**
 * Mean-field inference in a fully connected CRF (Krähenbühl, Koltun, "Efficient Inference in Fully Connected CRFs with
 * Gaussian Edge Potentials", 2011), with Gaussian filters on permutohedral lattices (Adams, Baek, Davis 2010). Results
 * are those of pydensecrf within 1e-5.
 *
 * `setInput`, `setParameters`, then `run`, or `start` and `step` by step. Lattices are built when they are first needed
 * and kept until their sigmas, their normalisation or the picture change. Every method throws only `InspectorError`, and
 * leaves the object usable: after one, set what was wrong and start again. Only after `internal` it is to be disposed of.
 */
export class DenseCrf {
	private input: Input | undefined;
	private terms: readonly PairwiseTerm[] = [];
	/** By the position of their term; terms of weight 0 have no lattice. */
	private active: (ActiveTerm | undefined)[] = [];
	private parameters: CrfParameters = defaultCrfParameters;
	private pruning = 0;

	private lanes: ClassLanes = allLanes(1);
	private iterationsDone = -1;
	/** Sum of the entropy of Q over the pixels. */
	private entropy = 0;
	/** Bounds of ln Q at the start, a number a class. */
	private startBounds: readonly number[] = [];
	/** The lanes that a start with this pruning has, and their energies: the same as long as the picture is. */
	private pruned: { readonly pruning: number; readonly lanes: ClassLanes; readonly energies: Room } | undefined;
	private restLimit = Number.POSITIVE_INFINITY;

	private readonly pass: Struct<'pass'>;
	private readonly selection: Struct<'selection'>;
	private readonly small: number;
	private readonly rgb: Room;
	/** -unary of every class, and of the lanes that are filtered now where these are fewer. */
	private readonly allEnergies: Room;
	private energies: Room;
	private beliefs: Room;
	private spareBeliefs: Room;
	private readonly labelsRoom: Room;
	private readonly entropies: Room;
	/** Lattice values: those that the last pass sliced, and others. */
	private values: Room;
	private spareValues: Room;
	private valuesOf: 'last pass' | 'nothing' = 'nothing';
	private readonly laneTables: Room;
	private readonly plane: Room;
	private readonly mixed: Room[] = [];

	/** Use {@link createDenseCrf}. */
	constructor(private readonly kernel: CrfKernel) {
		const { arena } = kernel;
		this.pass = kernel.struct('pass', arena.allocate(structBytes('pass')));
		this.selection = kernel.struct('selection', arena.allocate(structBytes('selection')));
		// 256 bytes, and a penalty for each of up to 64 vectors.
		this.small = arena.allocate(256 + 1024);
		const room = () => new Room(kernel);
		this.rgb = room();
		this.allEnergies = room();
		this.energies = this.allEnergies;
		this.beliefs = room();
		this.spareBeliefs = room();
		this.labelsRoom = room();
		this.entropies = room();
		this.values = room();
		this.spareValues = room();
		this.laneTables = room();
		this.plane = room();
		this.setParameters(defaultCrfParameters);
	}

	/** Threads that share the work. */
	get threads(): number {
		return this.kernel.threads;
	}

	/** The kernel's memory, in bytes; it never shrinks. */
	get memoryBytes(): number {
		return this.kernel.memory.buffer.byteLength;
	}

	/** Vertices of every term's lattice; 0 where none is built. */
	get vertices(): readonly number[] {
		return this.active.map((entry) => entry?.lattice.vertices ?? 0);
	}

	/**
	 * Copies the picture and its unary into the kernel. Lattices that depend on the picture's size alone are kept where that
	 * is as before.
	 * @throws InspectorError `crf.badInput`, `crf.tooLarge`; there is no picture then
	 */
	setInput(input: CrfInput): void {
		const before = this.input;
		this.input = undefined;
		this.iterationsDone = -1;
		checkInput(input);
		const { width, height, classes, unary, rgb } = input;
		const pixels = width * height;
		const sameSize = before?.width === width && before.height === height;
		this.dropLattices((features) => !sameSize || features === 'gridRgb');
		if (!sameSize || before.classes !== classes) {
			for (const room of [this.values, this.spareValues, this.beliefs, this.spareBeliefs, this.plane, ...this.mixed]) {
				room.release();
			}
		}
		this.useAllEnergies();
		this.forgetPruned();
		const { kernel } = this;
		const rowVectors = Math.ceil(classes / 4);
		this.allEnergies.ensure(pixels * rowVectors * 16);
		kernel.u8(this.rgb.ensure(pixels * 3), pixels * 3).set(rgb);
		kernel.u8(this.labelsRoom.ensure(pixels), pixels).fill(0);
		this.entropies.ensure(pixels * 4);
		const planes = kernel.arena.allocate(classes * pixels * 4);
		const boundLanes = kernel.threads * rowVectors * 4;
		const statistics = kernel.arena.allocate(kernel.threads * statisticsBytes);
		const bounds = kernel.arena.allocate(boundLanes * 4);
		try {
			kernel.f32(planes, classes * pixels).set(unary);
			kernel.u8(statistics, kernel.threads * statisticsBytes).fill(0);
			kernel.f32(bounds, boundLanes).fill(nowhere);
			kernel.run('takeUnary', planes, this.allEnergies.address, classes, rowVectors, pixels, bounds, statistics);
			this.startBounds = this.largestOfThreads(bounds, rowVectors * 4);
			for (let thread = 0; thread < kernel.threads; thread++) {
				if (kernel.view(statistics + thread * statisticsBytes, statisticsBytes).getUint32(20, true) !== 0) {
					throw new InspectorError({ code: 'crf.badInput', detail: 'the unary has values that are not finite' });
				}
			}
		} finally {
			for (const block of [planes, statistics, bounds]) {
				kernel.arena.release(block);
			}
		}
		this.input = { width, height, pixels, classes };
	}

	/**
	 * Sets DeepLab's two kernels. What changes takes effect with the next `start`, `step` or `run`: other weights cost
	 * nothing, another sigma its lattice.
	 * @throws InspectorError `crf.badParameter`; everything is as before then
	 */
	setParameters(parameters: CrfParameters): void {
		checkCrfParameters(parameters);
		const { bilateral, spatial } = pairwiseTerms(parameters);
		this.parameters = parameters;
		this.pruning = parameters.pruning;
		this.terms = [bilateral, spatial];
	}

	/**
	 * Sets any pairwise terms in place of DeepLab's two.
	 * @param pruning as in {@link CrfParameters}; not with a compatibility that is a vector or matrix
	 * @throws InspectorError `crf.badInput`; everything is as before then
	 */
	setPairwise(terms: readonly PairwiseTerm[], pruning = 0): void {
		terms.forEach(checkTerm);
		this.pruning = pruning;
		this.terms = [...terms];
	}

	/**
	 * Q = softmax(-unary).
	 * @throws InspectorError `crf.badInput` without a picture; for the lattices, `crf.tooLarge`
	 */
	start(): CrfStep {
		this.prepare();
		this.softmaxOfUnary(tasks.keep | tasks.measure | tasks.label);
		return this.finishStep(0, Number.NaN);
	}

	/** One mean-field iteration; starts first where that has not been done. */
	step(): CrfStep {
		if (this.iterationsDone < 0) {
			this.start();
		}
		const iteration = this.iterationsDone + 1;
		const entropy = this.entropy;
		this.prepareStep();
		// Until the step is done, there is nothing to go on from.
		this.iterationsDone = -1;
		const agreement = this.iterate(tasks.keep | tasks.measure | tasks.label | tasks.agree);
		return this.finishStep(iteration, -entropy - agreement);
	}

	/**
	 * The whole inference, quicker than step by step: from the unary through all iterations.
	 * @param iterations the parameters' number, if left out
	 * @returns what `step` returns for the last one; without the KL divergence
	 */
	run(iterations = this.parameters.iterations): CrfStep {
		if (!Number.isInteger(iterations) || iterations < 0) {
			const [low, high] = crfBounds.iterations;
			throw new InspectorError({
				code: 'crf.badParameter',
				parameter: 'iterations',
				value: `${iterations}`,
				low,
				high,
			});
		}
		if (iterations === 0) {
			return this.start();
		}
		this.prepare();
		let done = 0;
		if (this.onePass()) {
			done = this.runSplatting(iterations);
		} else {
			this.softmaxOfUnary(tasks.keep);
		}
		for (; done < iterations; done++) {
			this.regroup();
			this.iterate(tasks.keep | (done === iterations - 1 ? tasks.measure | tasks.label : 0));
		}
		return this.finishStep(iterations, Number.NaN);
	}

	/**
	 * Iterations from the start on in which a pass slices, takes the softmax and splats it again at once, so that Q is never
	 * stored but by the last. Ends early where pruned classes come back and the rows become too long for that.
	 * @returns iterations done
	 */
	private runSplatting(iterations: number): number {
		this.softmaxOfUnary(tasks.splat);
		for (let done = 0; done < iterations; done++) {
			if (!this.regroupSplatted(done === 0)) {
				return done;
			}
			const last = done === iterations - 1;
			// Filtered are the beliefs that were splatted to `values`; the next go to the spare.
			this.point(this.values, last ? this.values : this.spareValues);
			this.startPass(tasks.slice | (last ? tasks.keep | tasks.measure | tasks.label : tasks.splat));
			this.kernel.run('iterate', this.pass.address, 1);
			if (!last) {
				[this.values, this.spareValues] = [this.spareValues, this.values];
			}
		}
		this.valuesOf = 'last pass';
		return iterations;
	}

	/** Per pixel the class of the largest Q; of equal ones the lowest. */
	labels(): Uint8Array {
		const { pixels } = this.requireStarted();
		return this.kernel.u8(this.labelsRoom.address, pixels).slice();
	}

	/** classes x pixels, every pixel's sum is 1. */
	q(): Float32Array {
		const { pixels, classes } = this.requireStarted();
		const result = new Float32Array(classes * pixels);
		for (let label = 0; label < classes; label++) {
			result.set(this.readPlane(label), label * pixels);
		}
		return result;
	}

	/** Q of one class, a number a pixel. */
	probability(label: number): Float32Array {
		const { classes } = this.requireStarted();
		if (!Number.isInteger(label) || label < 0 || label >= classes) {
			throw new InspectorError({ code: 'crf.badInput', detail: `there is no class ${label}` });
		}
		return this.readPlane(label).slice();
	}

	/** Per pixel the entropy of Q in nats; classes that are pruned count as one. */
	entropyMap(): Float32Array {
		const { pixels } = this.requireStarted();
		return this.kernel.f32(this.entropies.address, pixels).slice();
	}

	/** @param pixel row * width + column */
	messagesAt(pixel: number): PixelMessages {
		const { classes } = this.requireStarted();
		this.checkPixel(pixel);
		const laneOf = this.laneOfClasses();
		const terms = this.terms.map(() => new Float32Array(classes));
		if (this.iterationsDone > 0) {
			const messages = this.laneMessages(pixel);
			for (const [i, message] of messages.entries()) {
				terms[i] = Float32Array.from(laneOf, (lane) => message[lane]!);
			}
		}
		const energies = this.rowAt(this.allEnergies, allLanes(classes).width, pixel).subarray(0, classes);
		const zeros = () => new Float32Array(classes);
		return {
			unary: energies.map((energy) => -energy),
			bilateral: terms[0] ?? zeros(),
			spatial: terms[1] ?? zeros(),
			terms,
			q: this.beliefsAt(pixel, laneOf),
		};
	}

	/**
	 * How strongly every pixel is tied to `pixel`: w * n_i * K(i, j) * n_j, what a unit of Q there adds to the energy of its
	 * class here.
	 * @param kernel one of DeepLab's two, or a term's position
	 * @param pixel row * width + column
	 * @returns a number a pixel
	 */
	tieMap(kernel: 'bilateral' | 'spatial' | number, pixel: number): Float32Array {
		const { pixels } = this.requireInput();
		this.checkPixel(pixel);
		this.prepareLattices();
		const index = kernel === 'bilateral' ? 0 : kernel === 'spatial' ? 1 : kernel;
		const entry = this.active[index];
		if (!entry) {
			return new Float32Array(pixels);
		}
		this.kernel.f32(this.small, 4).fill(1);
		entry.lattice.setWeight(this.weightOf(entry.term));
		entry.lattice.impulse(pixel, this.small, this.plane.ensure(pixels * 4));
		return this.kernel.f32(this.plane.address, pixels).slice();
	}

	/** Ends the threads and lets go of the kernel; nothing else may be called after that. */
	dispose(): void {
		this.input = undefined;
		this.iterationsDone = -1;
		this.kernel.dispose();
	}

	private requireInput(): Input {
		if (!this.input) {
			throw new InspectorError({ code: 'crf.badInput', detail: 'no picture was set' });
		}
		return this.input;
	}

	private requireStarted(): Input {
		const input = this.requireInput();
		if (this.iterationsDone < 0) {
			throw new InspectorError({ code: 'crf.badInput', detail: 'it was not started' });
		}
		return input;
	}

	private checkPixel(pixel: number): void {
		if (!Number.isInteger(pixel) || pixel < 0 || pixel >= this.requireInput().pixels) {
			throw new InspectorError({ code: 'crf.badInput', detail: `there is no pixel ${pixel}` });
		}
	}

	/** Everything of a start but the pass: lattices, and every class in a lane of its own or, where it is hopeless, in the rest. */
	private prepare(): void {
		const { classes } = this.requireInput();
		this.iterationsDone = -1;
		this.useAllEnergies();
		this.lanes = allLanes(classes);
		this.restLimit = Number.POSITIVE_INFINITY;
		this.prepareLattices();
		if (!this.prunes()) {
			return;
		}
		if (this.pruned?.pruning !== this.pruning) {
			this.forgetPruned();
			const fewer = fewerLanes(this.lanes, this.startBounds.map(Math.exp), this.pruning);
			if (!fewer) {
				return;
			}
			this.select(fewer.lanes, fewer.kept);
			this.pruned = { pruning: this.pruning, lanes: fewer.lanes, energies: this.energies };
		}
		this.energies = this.pruned.energies;
		this.lanes = this.pruned.lanes;
	}

	private forgetPruned(): void {
		this.pruned?.energies.release();
		this.pruned = undefined;
	}

	private prepareStep(): void {
		const { classes } = this.requireInput();
		this.prepareLattices();
		if (!this.prunes() && this.lanes.rest.length > 0) {
			this.expandBeliefs(classes);
		}
		this.regroup();
	}

	private prunes(): boolean {
		return this.pruning > 0 && this.terms.every(({ compatibility }) => typeof compatibility === 'number');
	}

	/** Whether an iteration is one pass over the pixels. */
	private onePass(): boolean {
		return this.lanes.width <= maxVectors && this.filters().every(({ term }) => typeof term.compatibility === 'number');
	}

	/** What the lattice's output is multiplied by; a compatibility matrix goes before the filter. */
	private weightOf({ compatibility }: PairwiseTerm): number {
		return typeof compatibility === 'number' ? compatibility : 1;
	}

	/** Builds the lattices that the terms need and that are not there, and lets go of those they do not. */
	private prepareLattices(): void {
		const { width, height, pixels, classes } = this.requireInput();
		const needed = this.terms.map((term) => {
			compatibilityMatrix(term, classes);
			if (term.features.kind === 'features' && term.features.data.length !== term.features.dimensions * pixels) {
				const detail = `${term.features.data.length} feature values do not fit ${term.features.dimensions} x ${pixels}`;
				throw new InspectorError({ code: 'crf.badInput', detail });
			}
			return term.compatibility === 0 ? undefined : keyOf(term);
		});
		const kept = new Map(this.active.flatMap((entry) => (entry ? [[entry.key, entry]] : [])));
		for (const [key, entry] of kept) {
			if (!needed.includes(key)) {
				entry.lattice.release();
				kept.delete(key);
				this.valuesOf = 'nothing';
			}
		}
		this.active = [...kept.values()];
		const source = { width, pixels, rgb: this.rgb.address };
		const active: (ActiveTerm | undefined)[] = [];
		for (const [i, term] of this.terms.entries()) {
			const key = needed[i];
			if (key === undefined) {
				active.push(undefined);
				continue;
			}
			let lattice = kept.get(key)?.lattice;
			if (!lattice) {
				lattice = this.buildLattice(term, source, height);
				kept.set(key, { term, key, lattice });
				this.active = [...kept.values()];
				this.valuesOf = 'nothing';
			}
			active.push({ term, key, lattice });
		}
		this.active = active;
	}

	private buildLattice(term: PairwiseTerm, source: { width: number; pixels: number; rgb: number }, height: number) {
		try {
			return CrfLattice.build(this.kernel, source, term.features, term.sigma, term.normalization);
		} catch (error) {
			if (error instanceof InspectorError && error.problem.code === 'crf.tooLarge') {
				const parameter = term.features.kind === 'grid' ? 'spatialSigma' : smallestSigma(term);
				const sigma = Math.min(...term.sigma);
				const detail = `${error.problem.detail}: ${parameter} ${sigma} on ${source.width} x ${height} pixels`;
				throw new InspectorError({ code: 'crf.tooLarge', detail }, { cause: error });
			}
			throw error;
		}
	}

	private dropLattices(of: (kind: PairwiseTerm['features']['kind']) => boolean): void {
		const dropped = new Set(
			this.active.flatMap((entry) => (entry && of(entry.term.features.kind) ? [entry.lattice] : [])),
		);
		for (const lattice of dropped) {
			lattice.release();
		}
		this.active = this.active.filter((entry) => entry && !dropped.has(entry.lattice));
		this.valuesOf = 'nothing';
	}

	/** The lattices in use, one for each term that has one. */
	private filters(): ActiveTerm[] {
		return this.active.flatMap((entry) => (entry ? [entry] : []));
	}

	/** Where the lattices' rows of values lie: what is sliced, and what is splatted to. */
	private point(values: Room, target: Room, width = this.lanes.width): void {
		const filters = this.filters();
		const rows = filters.reduce((sum, { lattice }) => sum + lattice.rows, 0);
		values.ensure(rows * width * 16);
		target.ensure(rows * width * 16);
		let offset = 0;
		for (const { lattice, term } of filters) {
			lattice.struct.set({ values: values.address + offset, target: target.address + offset });
			lattice.setWeight(this.weightOf(term));
			offset += lattice.rows * width * 16;
		}
	}

	/** Writes the pass' structure, with everything that is summed up at its start. */
	private startPass(what: number): void {
		const { pixels, classes } = this.requireInput();
		const { kernel, lanes } = this;
		const filters = this.filters();
		const { width } = lanes;
		const threads = kernel.threads;
		const maximaBytes = threads * width * 16;
		const tables = this.laneTables.ensure(4096 + maximaBytes + threads * statisticsBytes);
		const [lattices, classOf, inRest, maxima] = [tables, tables + 1024, tables + 2048, tables + 4096];
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
			this.beliefs.ensure(pixels * width * 16);
		}
		this.pass.set({
			pixels,
			width,
			lattices,
			latticeCount: filters.length,
			energies: this.energies.address,
			beliefs: this.beliefs.address,
			previous: this.beliefs.address,
			labels: this.labelsRoom.address,
			entropies: this.entropies.address,
			classOf,
			allEnergies: this.allEnergies.address,
			allWidth: Math.ceil(classes / 4),
			inRest,
			classes,
			maxima,
			statistics,
			tasks: what,
		});
	}

	/** Softmax of the unary alone. To splat it, its target is `values`. */
	private softmaxOfUnary(what: number): void {
		if (this.lanes.width > maxVectors) {
			this.startPass(what);
			this.kernel.run('softmax', this.pass.address, this.energies.address);
			return;
		}
		if (what & tasks.splat) {
			this.point(this.spareValues, this.values);
		} else {
			this.point(this.values, this.values);
		}
		this.startPass(what);
		this.kernel.run('iterate', this.pass.address, 0);
		this.valuesOf = 'nothing';
	}

	/**
	 * From the beliefs to the beliefs of the next iteration.
	 * @returns the summed agreement, if that is asked for
	 */
	private iterate(what: number): number {
		const { kernel } = this;
		const { pixels, classes } = this.requireInput();
		const { width } = this.lanes;
		if (this.onePass()) {
			this.point(this.values, this.values);
			this.startPass(tasks.slice | what);
			this.setSignals();
			kernel.run('splat', this.pass.address, 0, width * 16, width);
			kernel.run('iterate', this.pass.address, 1);
			this.valuesOf = 'last pass';
			return this.statistic('agreement');
		}
		// The old beliefs are kept, for `messagesAt`.
		this.spareBeliefs.ensure(pixels * width * 16);
		this.startPass(what);
		this.mixSignals(classes);
		[this.beliefs, this.spareBeliefs] = [this.spareBeliefs, this.beliefs];
		this.pass.set({ beliefs: this.beliefs.address, previous: this.spareBeliefs.address });
		for (const { first, vectors } of this.blocks()) {
			const { offset, stride } = laneAddress(this.lanes.width, pixels, first * 4);
			this.point(this.values, this.values, vectors);
			kernel.run('splat', this.pass.address, offset, stride, vectors);
			kernel.run('slice', this.pass.address, offset, stride, vectors);
		}
		kernel.run('softmax', this.pass.address, this.beliefs.address);
		this.valuesOf = 'nothing';
		return this.statistic('agreement');
	}

	/** The vectors that are filtered at once where rows are longer: as many as there is memory for. */
	private blocks(): { readonly first: number; readonly vectors: number }[] {
		const { width } = this.lanes;
		const rows = this.filters().reduce((sum, { lattice }) => sum + lattice.rows, 0);
		for (let most = maxVectors; ; most = most === maxVectors ? 3 : 1) {
			try {
				this.values.ensure(rows * Math.min(most, width) * 16);
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

	/** What the lattices splat: the beliefs. */
	private setSignals(): void {
		for (const { lattice } of this.filters()) {
			lattice.struct.set({ signal: this.beliefs.address });
		}
	}

	/** What the lattices splat: the beliefs, after the label compatibility where that is not Potts. */
	private mixSignals(classes: number): void {
		const { kernel } = this;
		const { pixels } = this.requireInput();
		const lanes = this.lanes.width * 4;
		for (const [i, { term, lattice }] of this.filters().entries()) {
			const matrix = compatibilityMatrix(term, classes);
			if (!matrix) {
				lattice.struct.set({ signal: this.beliefs.address });
				continue;
			}
			this.mixed[i] ??= new Room(kernel);
			const signal = this.mixed[i].ensure(pixels * lanes * 4);
			const columns = kernel.arena.allocate(lanes * lanes * 4);
			const view = kernel.f32(columns, lanes * lanes).fill(0);
			for (let row = 0; row < classes; row++) {
				for (let column = 0; column < classes; column++) {
					view[column * lanes + row] = matrix[row * classes + column]!;
				}
			}
			kernel.run('mix', this.beliefs.address, signal, columns, this.lanes.width, pixels);
			kernel.arena.release(columns);
			lattice.struct.set({ signal });
		}
	}

	private finishStep(iteration: number, klDivergence: number): CrfStep {
		const { pixels, classes } = this.requireInput();
		this.iterationsDone = iteration;
		this.entropy = this.statistic('entropy');
		return {
			iteration,
			changedPixels: this.statistic('changed'),
			meanEntropy: this.entropy / pixels,
			klDivergence,
			// ln Q = energy - ln Z, so that sum Q ln Q of before - sum Q of before * energy + sum ln Z is left; rounding aside, 0 or more.
			stepDivergence: Math.max(0, klDivergence + this.statistic('partition')),
			activeClasses: this.lanes.rest.length > 0 ? this.lanes.classes.length : classes,
		};
	}

	/** The last pass' sum over the threads. */
	private statistic(name: 'entropy' | 'agreement' | 'changed' | 'partition'): number {
		const { kernel } = this;
		let sum = 0;
		for (let thread = 0; thread < kernel.threads; thread++) {
			const view = kernel.view(this.pass.get('statistics') + thread * statisticsBytes, statisticsBytes);
			sum +=
				name === 'changed'
					? view.getUint32(16, true)
					: view.getFloat64({ entropy: 0, agreement: 8, partition: 24 }[name], true);
		}
		return sum;
	}

	/** Per lane the largest of the threads' values. */
	private largestOfThreads(address: number, lanes: number): number[] {
		const { threads } = this.kernel;
		const values = this.kernel.f32(address, threads * lanes);
		return Array.from({ length: lanes }, (_, lane) => {
			let largest = Number.NEGATIVE_INFINITY;
			for (let thread = 0; thread < threads; thread++) {
				largest = Math.max(largest, values[thread * lanes + lane]!);
			}
			return largest;
		});
	}

	/** Per lane the largest Q of the last pass. */
	private largestBeliefs(): number[] {
		return this.largestOfThreads(this.pass.get('maxima'), this.lanes.width * 4);
	}

	/** Whether the rest has grown too large to stay one, after the last pass. */
	private restOverflows(largest: readonly number[]): boolean {
		const lane = restLane(this.lanes);
		if (lane === undefined) {
			return false;
		}
		if (this.restLimit === Number.POSITIVE_INFINITY) {
			this.restLimit = restGrowth * Math.max(this.pruning, largest[lane]!);
		}
		return largest[lane]! > this.restLimit;
	}

	/** Between two iterations: classes that have become hopeless go into the rest, or those in it come back. */
	private regroup(): void {
		if (!this.prunes()) {
			return;
		}
		const { pixels, classes } = this.requireInput();
		const largest = this.largestBeliefs();
		if (this.restOverflows(largest)) {
			this.expandBeliefs(classes);
			return;
		}
		const fewer = fewerLanes(this.lanes, largest, this.pruning);
		if (fewer) {
			const bytes = pixels * fewer.lanes.width * 16;
			this.writeSelection(fewer.lanes, fewer.kept);
			this.spareBeliefs.ensure(bytes);
			this.kernel.run('select', this.beliefs.address, this.spareBeliefs.address, this.selection.address, pixels, 0);
			[this.beliefs, this.spareBeliefs] = [this.spareBeliefs, this.beliefs];
			this.select(fewer.lanes, fewer.kept);
		}
	}

	/**
	 * The same where the beliefs are splatted in `values` already, and what they came from is in the spare.
	 * @param first whether they came from the unary alone
	 * @returns false if the rows have become too long to go on so; then the beliefs are stored
	 */
	private regroupSplatted(first: boolean): boolean {
		if (!this.prunes()) {
			return true;
		}
		const { kernel } = this;
		const { classes } = this.requireInput();
		const largest = this.largestBeliefs();
		if (this.restOverflows(largest)) {
			this.point(this.spareValues, this.spareValues);
			this.startPass((first ? 0 : tasks.slice) | tasks.keep);
			kernel.run('iterate', this.pass.address, 0);
			this.expandBeliefs(classes);
			this.startPass(0);
			if (!this.onePass()) {
				// The largest Q of the lanes is not known: nothing is to be pruned for now.
				const count = kernel.threads * this.lanes.width * 4;
				kernel.f32(this.pass.get('maxima'), count).fill(1);
				return false;
			}
			this.point(this.values, this.values);
			this.setSignals();
			kernel.run('splat', this.pass.address, 0, this.lanes.width * 16, this.lanes.width);
			return true;
		}
		const fewer = fewerLanes(this.lanes, largest, this.pruning);
		if (fewer) {
			const rows = this.filters().reduce((sum, { lattice }) => sum + lattice.rows, 0);
			this.writeSelection(fewer.lanes, fewer.kept);
			this.spareValues.ensure(rows * fewer.lanes.width * 16);
			kernel.run('select', this.values.address, this.spareValues.address, this.selection.address, rows, 0);
			[this.values, this.spareValues] = [this.spareValues, this.values];
			this.select(fewer.lanes, fewer.kept);
		}
		return true;
	}

	/** Goes over to fewer lanes: their energies. */
	private select(lanes: ClassLanes, kept: readonly number[]): void {
		const { pixels } = this.requireInput();
		this.writeSelection(lanes, kept);
		const fewer = new Room(this.kernel);
		fewer.ensure(pixels * lanes.width * 16);
		this.kernel.run('select', this.energies.address, fewer.address, this.selection.address, pixels, 1);
		this.useAllEnergies();
		this.energies = fewer;
		this.lanes = lanes;
		this.restLimit = Number.POSITIVE_INFINITY;
	}

	private writeSelection({ width: newWidth }: ClassLanes, kept: readonly number[]): void {
		const { kernel } = this;
		const { classes, rest, width } = this.lanes;
		const lanes = this.small;
		const penalty = this.small + 256;
		const used = classes.length + (rest.length > 0 ? 1 : 0);
		kernel.u8(lanes, kept.length).set(kept);
		kernel
			.f32(penalty, width * 4)
			.fill(nowhere)
			.fill(0, 0, used);
		for (const lane of kept) {
			kernel.f32(penalty, width * 4)[lane] = nowhere;
		}
		this.selection.set({ width, newWidth, lanes, kept: kept.length, penalty });
	}

	/** Back to a lane a class; the rest's classes get their shares of its Q. */
	private expandBeliefs(classes: number): void {
		const { pixels } = this.requireInput();
		const lanes = allLanes(classes);
		const bytes = pixels * lanes.width * 16;
		this.spareBeliefs.ensure(bytes);
		this.kernel.u8(this.spareBeliefs.address, bytes).fill(0);
		for (let label = 0; label < classes; label++) {
			const { offset, stride } = laneAddress(lanes.width, pixels, label);
			this.readClass(label, this.spareBeliefs.address + offset, stride);
		}
		[this.beliefs, this.spareBeliefs] = [this.spareBeliefs, this.beliefs];
		this.useAllEnergies();
		this.lanes = lanes;
		this.restLimit = Number.POSITIVE_INFINITY;
		this.valuesOf = 'nothing';
	}

	private useAllEnergies(): void {
		if (this.energies !== this.allEnergies && this.energies !== this.pruned?.energies) {
			this.energies.release();
		}
		this.energies = this.allEnergies;
	}

	/** A view of Q of one class. */
	private readPlane(label: number): Float32Array {
		const { pixels } = this.requireStarted();
		const address = this.plane.ensure(pixels * 4);
		this.readClass(label, address, 4);
		return this.kernel.f32(address, pixels);
	}

	/** Q of one class, to values `outStride` bytes apart. */
	private readClass(label: number, out: number, outStride: number): void {
		const { kernel, lanes } = this;
		const { pixels, classes } = this.requireInput();
		const lane = lanes.classes.indexOf(label);
		const { offset, stride } = laneAddress(lanes.width, pixels, lane < 0 ? lanes.classes.length : lane);
		const beliefs = this.beliefs.address + offset;
		if (lane >= 0) {
			kernel.run('readLane', beliefs, stride, out, outStride, pixels);
			return;
		}
		const own = laneAddress(allLanes(classes).width, pixels, label);
		const energies = this.energies.address + offset;
		const all = this.allEnergies.address + own.offset;
		kernel.run('readShare', beliefs, energies, stride, all, own.stride, out, outStride, pixels);
	}

	/** A pixel's row of values, a number a lane. */
	private rowAt(rows: Room, width: number, pixel: number): Float32Array {
		const { pixels } = this.requireInput();
		return Float32Array.from({ length: width * 4 }, (_, lane) => {
			const { offset, stride } = laneAddress(width, pixels, lane);
			return this.kernel.f32(rows.address + offset + pixel * stride, 1)[0]!;
		});
	}

	/** The lane of every class. */
	private laneOfClasses(): number[] {
		const { classes } = this.requireInput();
		const rest = this.lanes.classes.length;
		return Array.from({ length: classes }, (_, label) => {
			const lane = this.lanes.classes.indexOf(label);
			return lane < 0 ? rest : lane;
		});
	}

	private beliefsAt(pixel: number, laneOf: readonly number[]): Float32Array {
		const { classes } = this.requireInput();
		const beliefs = this.rowAt(this.beliefs, this.lanes.width, pixel);
		const energies = this.rowAt(this.energies, this.lanes.width, pixel);
		const all = this.rowAt(this.allEnergies, allLanes(classes).width, pixel);
		const rest = restLane(this.lanes);
		return Float32Array.from(laneOf, (lane, label) =>
			lane === rest ? beliefs[lane]! * Math.exp(all[label]! - energies[lane]!) : beliefs[lane]!,
		);
	}

	/** Per term, a number a lane: the weighted message that the pixel got in the last iteration. */
	private laneMessages(pixel: number): Float32Array[] {
		const { classes, pixels } = this.requireInput();
		const { kernel } = this;
		const { width } = this.lanes;
		const messages = this.terms.map(() => new Float32Array(width * 4));
		const gather = (vectors: number, first: number) => {
			for (const [i, entry] of this.active.entries()) {
				if (!entry) {
					continue;
				}
				const { lattice } = entry;
				const factor = lattice.struct.get('factor');
				for (const { vertex, weight } of lattice.entriesAt(pixel)) {
					const row = kernel.f32(lattice.struct.get('values') + vertex * vectors * 16, vectors * 4);
					for (const [lane, value] of row.entries()) {
						messages[i]![first + lane]! += factor * weight * value;
					}
				}
			}
		};
		if (this.valuesOf === 'last pass') {
			this.point(this.values, this.values);
			gather(width, 0);
			return messages;
		}
		// Not kept: filter what the iteration began with once more.
		if (this.onePass()) {
			throw new InspectorError({ code: 'crf.badInput', detail: 'the parameters changed: start again' });
		}
		[this.beliefs, this.spareBeliefs] = [this.spareBeliefs, this.beliefs];
		this.mixSignals(classes);
		[this.beliefs, this.spareBeliefs] = [this.spareBeliefs, this.beliefs];
		for (const { first, vectors } of this.blocks()) {
			const { offset, stride } = laneAddress(width, pixels, first * 4);
			this.point(this.values, this.values, vectors);
			kernel.run('splat', this.pass.address, offset, stride, vectors);
			kernel.run('blur', this.pass.address, vectors);
			gather(vectors, first * 4);
		}
		return messages;
	}
}

/**
 * Where a lane of the pixels' rows lies: as `vectorAt` in `kernel/rowTypes.ts` has it, rows longer than
 * {@link maxVectors} vectors are stored in blocks.
 * @returns bytes from the rows' start to pixel 0, and from a pixel to the next
 */
function laneAddress(
	width: number,
	pixels: number,
	lane: number,
): { readonly offset: number; readonly stride: number } {
	const vector = lane >> 2;
	const first = vector - (vector % maxVectors);
	const stride = Math.min(maxVectors, width - first) * 16;
	return { offset: (pixels * first + (vector - first)) * 16 + (lane & 3) * 4, stride };
}

/** The same for the same lattice, over the same picture. */
function keyOf({ features, sigma, normalization }: PairwiseTerm): string {
	const data = features.kind === 'features' ? idOf(features.data) : 0;
	return JSON.stringify([features.kind, data, sigma, normalization]);
}

const ids = new WeakMap<object, number>();
let lastId = 0;
function idOf(object: object): number {
	const id = ids.get(object) ?? ++lastId;
	ids.set(object, id);
	return id;
}

/** Which of the parameters is to blame for keys that do not fit. */
function smallestSigma({ features, sigma }: PairwiseTerm): string {
	if (features.kind !== 'gridRgb') {
		return 'sigma';
	}
	const [xy = 1, , rgb = 1] = sigma;
	return rgb <= xy ? 'bilateralSigmaRgb' : 'bilateralSigmaXy';
}

function checkInput({ width, height, classes, unary, rgb }: CrfInput): void {
	const bad = (detail: string) => new InspectorError({ code: 'crf.badInput', detail });
	if (![width, height].every((side) => Number.isInteger(side) && side > 0)) {
		throw bad(`a picture of ${width} x ${height} pixels`);
	}
	const pixels = width * height;
	if (!Number.isInteger(classes) || classes < 1 || classes > 255) {
		throw bad(`${classes} classes; 1 to 255 are possible`);
	}
	if (unary.length !== classes * pixels) {
		throw bad(`${unary.length} unary values do not fit ${classes} classes x ${pixels} pixels`);
	}
	if (rgb.length !== 3 * pixels) {
		throw bad(`${rgb.length} colour values do not fit ${pixels} pixels x 3`);
	}
}

function checkTerm({ features, sigma, compatibility }: PairwiseTerm): void {
	const bad = (detail: string) => new InspectorError({ code: 'crf.badInput', detail });
	const d = dimensionsOf(features);
	if (!Number.isInteger(d) || d < 1 || d > maxDimensions) {
		throw bad(`${d} features; 1 to ${maxDimensions} are possible`);
	}
	if (sigma.length !== d || !sigma.every((value) => value > 0 && Number.isFinite(value))) {
		throw bad(`sigma must be ${d} numbers above 0`);
	}
	if (features.kind === 'features' && !features.data.every(Number.isFinite)) {
		throw bad('the features have values that are not finite');
	}
	if (typeof compatibility === 'number' && !Number.isFinite(compatibility)) {
		throw bad('the compatibility is not finite');
	}
}
