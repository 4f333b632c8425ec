/** The lattices in use, and which of them can be used again. */
import { InspectorError } from '../problem';
import type { CrfKernel } from './crfKernel';
import type { HeldInput } from './input';
import { CrfLattice, type LatticePixels } from './lattice';
import { compatibilityMatrix, type PairwiseTerm } from './pairwise';
import type { Room } from './room';

/** A pairwise term and its lattice. */
export interface TermLattice {
	readonly term: PairwiseTerm;
	/** Same key: same lattice, for the same picture. */
	readonly key: string;
	readonly lattice: CrfLattice;
}

/** The lattices of the pairwise terms, built when they are first needed and kept until one of another kind is. */
export class TermLattices {
	/** By the position of their term; terms of weight 0 have no lattice. */
	private active: readonly (TermLattice | undefined)[] = [];
	private changes = 0;

	constructor(
		private readonly kernel: CrfKernel,
		private readonly input: HeldInput,
	) {}

	/** By the position of their term. */
	get byTerm(): readonly (TermLattice | undefined)[] {
		return this.active;
	}

	/** One for each term that has one. */
	get inUse(): readonly TermLattice[] {
		return this.active.flatMap((entry) => (entry ? [entry] : []));
	}

	/** Rows of values that all of them have together. */
	get rows(): number {
		return this.inUse.reduce((sum, { lattice }) => sum + lattice.rows, 0);
	}

	/** Whether no term has a compatibility that must be applied before it filters. */
	get arePotts(): boolean {
		return this.inUse.every(({ term }) => typeof term.compatibility === 'number');
	}

	/** Another number after a lattice was built or let go. */
	get generation(): number {
		return this.changes;
	}

	/**
	 * Builds the lattices that the terms need and that are not there, and lets go of those they do not.
	 * @throws InspectorError `crf.badInput` where a term does not fit the picture, or `crf.tooLarge`
	 */
	prepare(terms: readonly PairwiseTerm[]): void {
		const { width, pixels } = this.input.require();
		const needed = this.keysOf(terms);
		const kept = new Map(this.inUse.map((entry) => [entry.key, entry]));
		for (const [key, entry] of kept) {
			if (!needed.includes(key)) {
				entry.lattice.release();
				kept.delete(key);
				this.changes++;
			}
		}
		this.active = [...kept.values()];
		const source = { width, pixels, rgb: this.input.rgb.address };
		const active: (TermLattice | undefined)[] = [];
		for (const [i, term] of terms.entries()) {
			const key = needed[i];
			if (key === undefined) {
				active.push(undefined);
				continue;
			}
			let lattice = kept.get(key)?.lattice;
			if (!lattice) {
				lattice = this.build(term, source);
				kept.set(key, { term, key, lattice });
				this.active = [...kept.values()];
				this.changes++;
			}
			active.push({ term, key, lattice });
		}
		this.active = active;
	}

	/** Lets go of the lattices over features of some kinds. */
	drop(of: (kind: PairwiseTerm['features']['kind']) => boolean): void {
		const dropped = new Set(this.inUse.flatMap(({ term, lattice }) => (of(term.features.kind) ? [lattice] : [])));
		for (const lattice of dropped) {
			lattice.release();
		}
		this.active = this.active.filter((entry) => entry && !dropped.has(entry.lattice));
		this.changes++;
	}

	/**
	 * Tells the lattices where their rows of values lie, and what to multiply these by.
	 * @param values what is sliced
	 * @param target what is splatted to
	 * @param width vectors of 4 lanes in a row
	 * @throws InspectorError `crf.tooLarge`
	 */
	point(values: Room, target: Room, width: number): void {
		const { inUse, rows } = this;
		values.ensure(rows * width * 16);
		target.ensure(rows * width * 16);
		let offset = 0;
		for (const entry of inUse) {
			const { lattice } = entry;
			lattice.struct.set({ values: values.address + offset, target: target.address + offset });
			applyWeight(entry);
			offset += lattice.rows * width * 16;
		}
	}

	/** Tells the lattices to splat these rows. */
	setSignal(address: number): void {
		for (const { lattice } of this.inUse) {
			lattice.struct.set({ signal: address });
		}
	}

	private keysOf(terms: readonly PairwiseTerm[]): (string | undefined)[] {
		const { pixels, classes } = this.input.require();
		const seen = new Map<string, number>();
		return terms.map((term) => {
			compatibilityMatrix(term, classes);
			if (term.features.kind === 'features' && term.features.data.length !== term.features.dimensions * pixels) {
				const detail = `${term.features.data.length} feature values do not fit ${term.features.dimensions} x ${pixels}`;
				throw new InspectorError({ code: 'crf.badInput', detail });
			}
			if (term.compatibility === 0) {
				return undefined;
			}
			// Every term filters on its own: two that are alike have a lattice each.
			const key = keyOf(term);
			const count = seen.get(key) ?? 0;
			seen.set(key, count + 1);
			return `${key} ${count}`;
		});
	}

	private build(term: PairwiseTerm, source: LatticePixels): CrfLattice {
		try {
			return CrfLattice.build(this.kernel, source, term.features, term.sigma, term.normalization);
		} catch (error) {
			if (error instanceof InspectorError && error.problem.code === 'crf.tooLarge') {
				const { width, height } = this.input.require();
				const parameter = term.features.kind === 'grid' ? 'spatialSigma' : smallestSigma(term);
				const sigma = Math.min(...term.sigma);
				const detail = `${error.problem.detail}: ${parameter} ${sigma} on ${width} x ${height} pixels`;
				throw new InspectorError({ code: 'crf.tooLarge', detail }, { cause: error });
			}
			throw error;
		}
	}
}

/** The lattice's output times the term's weight; a compatibility matrix goes before the filter. */
export function applyWeight({ term: { compatibility }, lattice }: TermLattice): void {
	lattice.setWeight(typeof compatibility === 'number' ? compatibility : 1);
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
