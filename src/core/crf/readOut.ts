/** What is read out of a mean field: labels, Q, entropy, messages and ties. */
import { InspectorError } from '../problem';
import { rowAt } from './classRows';
import type { CrfKernel } from './crfKernel';
import type { HeldInput } from './input';
import type { MeanField } from './meanField';
import type { PairwiseTerm } from './pairwise';
import { Room } from './room';
import { applyWeight } from './termLattices';

/**
 * Why a pixel has its Q: of every class, Q = softmax over the classes of (-unary + sum of the messages). The messages are
 * those of the last iteration, each times its weight; 0 before the first.
 */
export interface PixelMessages {
	/** One number a class. */
	readonly unary: Float32Array;
	readonly bilateral: Float32Array;
	readonly spatial: Float32Array;
	/** Of every pairwise term, in the order of `DenseCrf.setPairwise`; the two above first. */
	readonly terms: readonly Float32Array[];
	readonly q: Float32Array;
}

/** Copies of what a mean field has found. All throw InspectorError `crf.badInput` where it was not started. */
export class ReadOut {
	/** f32 a pixel. */
	private readonly plane: Room;
	/** A vector of ones. */
	private readonly one: number;

	constructor(
		private readonly kernel: CrfKernel,
		private readonly input: HeldInput,
		private readonly field: MeanField,
	) {
		this.plane = new Room(kernel);
		this.one = kernel.arena.allocate(16);
	}

	/** Gives the memory back that depends on the picture's size. */
	release(): void {
		this.plane.release();
	}

	/** The class of the largest Q, a byte a pixel. */
	labels(): Uint8Array {
		const { pixels } = this.field.requireStarted();
		return this.kernel.u8(this.field.pass.labels.address, pixels).slice();
	}

	/** classes x pixels. */
	q(): Float32Array {
		const { pixels, classes } = this.field.requireStarted();
		const result = new Float32Array(classes * pixels);
		for (let label = 0; label < classes; label++) {
			result.set(this.planeOf(label), label * pixels);
		}
		return result;
	}

	/** Q of one class, a number a pixel. */
	probability(label: number): Float32Array {
		const { classes } = this.field.requireStarted();
		if (!Number.isInteger(label) || label < 0 || label >= classes) {
			throw new InspectorError({ code: 'crf.badInput', detail: `there is no class ${label}` });
		}
		return this.planeOf(label).slice();
	}

	/** In nats, a number a pixel. */
	entropyMap(): Float32Array {
		const { pixels } = this.field.requireStarted();
		if (!this.field.isMeasured) {
			throw new InspectorError({ code: 'crf.badInput', detail: 'the last iteration was done without its entropies' });
		}
		return this.kernel.f32(this.field.pass.entropies.address, pixels).slice();
	}

	/** @param terms those that were set last */
	messagesAt(pixel: number, terms: readonly PairwiseTerm[]): PixelMessages {
		const { pixels, classes, vectors } = this.field.requireStarted();
		this.input.checkPixel(pixel);
		const laneOf = Array.from({ length: classes }, (_, label) => this.field.active.laneOf(label));
		const messages =
			this.field.iterationsDone > 0
				? this.laneMessages(pixel, terms).map((message) => Float32Array.from(laneOf, (lane) => message[lane]!))
				: terms.map(() => new Float32Array(classes));
		const energies = rowAt(this.kernel, this.input.energies.address, vectors, pixels, pixel).subarray(0, classes);
		const zeros = () => new Float32Array(classes);
		return {
			unary: energies.map((energy) => -energy),
			bilateral: messages[0] ?? zeros(),
			spatial: messages[1] ?? zeros(),
			terms: messages,
			q: this.beliefsAt(pixel, laneOf, energies),
		};
	}

	/**
	 * What an impulse at `pixel` adds to every pixel's energies through one term, a number a pixel. Needs a picture, but no
	 * start.
	 * @param index of the term
	 * @throws InspectorError `crf.badInput`; for the lattices, `crf.tooLarge`
	 */
	tieMap(terms: readonly PairwiseTerm[], index: number, pixel: number): Float32Array {
		const { pixels } = this.input.require();
		this.input.checkPixel(pixel);
		this.field.lattices.prepare(terms);
		const entry = this.field.lattices.byTerm[index];
		if (!entry) {
			return new Float32Array(pixels);
		}
		this.kernel.f32(this.one, 4).fill(1);
		applyWeight(entry);
		entry.lattice.impulse(pixel, this.one, this.plane.ensure(pixels * 4));
		return this.kernel.f32(this.plane.address, pixels).slice();
	}

	/** A view of Q of one class. */
	private planeOf(label: number): Float32Array {
		const { pixels } = this.input.require();
		const address = this.plane.ensure(pixels * 4);
		this.field.active.readClass(this.field.passes.beliefs.current.address, label, address, 4);
		return this.kernel.f32(address, pixels);
	}

	/**
	 * @param laneOf the lane of every class
	 * @param all the pixel's energy of every class
	 */
	private beliefsAt(pixel: number, laneOf: readonly number[], all: Float32Array): Float32Array {
		const { pixels } = this.input.require();
		const { lanes, energies: addressOfEnergies } = this.field.active;
		const row = (address: number) => rowAt(this.kernel, address, lanes.width, pixels, pixel);
		const beliefs = row(this.field.passes.beliefs.current.address);
		const energies = row(addressOfEnergies);
		return Float32Array.from(laneOf, (lane, label) =>
			lane < lanes.classes.length ? beliefs[lane]! : beliefs[lane]! * Math.exp(all[label]! - energies[lane]!),
		);
	}

	/** Per term, a number a lane: the weighted message that the pixel got in the last iteration. */
	private laneMessages(pixel: number, terms: readonly PairwiseTerm[]): Float32Array[] {
		const { kernel, field } = this;
		const messages = terms.map(() => new Float32Array(field.active.lanes.width * 4));
		field.passes.visitSliced((first, vectors) => {
			for (const [i, entry] of field.lattices.byTerm.entries()) {
				if (!entry) {
					continue;
				}
				const { lattice } = entry;
				const factor = lattice.struct.get('factor');
				for (const { vertex, weight } of lattice.entriesAt(pixel)) {
					const row = kernel.f32(lattice.struct.get('values') + vertex * vectors * 16, vectors * 4);
					for (const [lane, value] of row.entries()) {
						messages[i]![first * 4 + lane]! += factor * weight * value;
					}
				}
			}
		});
		return messages;
	}
}
