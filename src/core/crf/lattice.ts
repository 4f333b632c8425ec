/** Permutohedral lattices in the kernel's memory (Adams, Baek, Davis 2010). */
import type { CrfKernel, Struct } from './crfKernel';
import { cutIntoWaves, takesWaves } from './latticeWaves';
import { structBytes } from './layout';
import { elevationScale, packKeys } from './packing';
import { dimensionsOf, type Features, type Normalization } from './pairwise';

/** The pixels that a lattice is built over. */
export interface LatticePixels {
	readonly width: number;
	readonly pixels: number;
	/** Address of pixels x 3 bytes. */
	readonly rgb: number;
}

const sources: Readonly<Record<Features['kind'], number>> = { grid: 0, gridRgb: 1, features: 2 };
const normalizeModes: Readonly<Record<Normalization, number>> = { symmetric: 3, before: 1, after: 2, none: 0 };
/** A lattice's structure, and the small arrays that it points to. */
const latticeBytes = 2048;
/** The smallest table has 2^12 slots. */
const smallestTable = 12;

/** A lattice; its rows of values belong to whoever filters. */
export class CrfLattice {
	/**
	 * Builds the lattice and weighs it.
	 * @param sigma one number a feature
	 * @throws InspectorError `crf.tooLarge`; nothing is kept then
	 */
	static build(
		kernel: CrfKernel,
		pixels: LatticePixels,
		features: Features,
		sigma: readonly number[],
		normalization: Normalization,
	): CrfLattice {
		const building = new Building(kernel, pixels, features, sigma, normalization);
		try {
			return new CrfLattice(kernel, building.build(), building.kept);
		} catch (error) {
			building.releaseKept();
			throw error;
		} finally {
			building.releaseScratch();
		}
	}

	/** Vertices, and with them the threads' copies of shared ones. */
	readonly vertices: number;
	readonly rows: number;
	readonly dimensions: number;

	private constructor(
		private readonly kernel: CrfKernel,
		readonly struct: Struct<'lattice'>,
		private readonly blocks: readonly number[],
	) {
		this.vertices = struct.get('vertices');
		this.rows = struct.get('rows');
		this.dimensions = struct.get('dimensions');
	}

	/** Between what is filtered and what is sliced: the kernel's weight times the blur's own factor. */
	setWeight(weight: number): void {
		this.struct.set({ factor: weight * this.struct.get('alpha') });
	}

	/**
	 * The pixel's vertices and weights in slicing.
	 * @returns d + 1 pairs
	 */
	entriesAt(pixel: number): { readonly vertex: number; readonly weight: number }[] {
		const corners = this.dimensions + 1;
		const address = this.struct.get('slice') + pixel * corners * 8;
		const words = this.kernel.u32(address, corners * 2);
		const floats = this.kernel.f32(address, corners * 2);
		return Array.from({ length: corners }, (_, i) => ({ vertex: words[2 * i]!, weight: floats[2 * i + 1]! }));
	}

	/**
	 * @param pixel that an impulse is put at
	 * @param one address of a vector of ones
	 * @param out address of pixels f32: what each receives
	 */
	impulse(pixel: number, one: number, out: number): void {
		const values = this.kernel.arena.allocate(this.rows * 16);
		try {
			this.kernel.run('impulse', this.struct.address, one, values, pixel, out);
		} finally {
			this.kernel.arena.release(values);
		}
	}

	release(): void {
		for (const block of this.blocks) {
			this.kernel.arena.release(block);
		}
	}
}

/** One building of a lattice: what of it is kept, and what is scratch. */
class Building {
	readonly kept: number[] = [];
	private readonly scratch = new Set<number>();
	private readonly dimensions: number;
	private readonly entryBytes: number;
	private readonly lattice: Struct<'lattice'>;
	private readonly wide: boolean;

	constructor(
		private readonly kernel: CrfKernel,
		private readonly pixels: LatticePixels,
		private readonly features: Features,
		private readonly sigma: readonly number[],
		private readonly normalization: Normalization,
	) {
		const d = dimensionsOf(features);
		this.dimensions = d;
		this.entryBytes = pixels.pixels * (d + 1) * 8;
		const packing = packKeys(this.ranges());
		this.wide = packing.wide;
		const address = this.keep(latticeBytes);
		this.lattice = kernel.struct('lattice', address);
		this.lattice.set({
			dimensions: d,
			pixels: pixels.pixels,
			source: sources[features.kind],
			width: pixels.width,
			wide: packing.wide ? 1 : 0,
			alpha: 1 / (1 + 2 ** -d),
		});
		const [sigmaAt, scaleAt, packingAt, stepsAt] = [address + 256, address + 384, address + 512, address + 1024];
		kernel.f32(sigmaAt, d).set(sigma);
		kernel.f32(scaleAt, d).set(elevationScale(d));
		kernel.u32(packingAt, d * 3).set(packing.fields.flatMap(({ word, shift, bias }) => [word, shift, bias]));
		const steps = kernel.view(stepsAt, (d + 1) * 16);
		for (const [axis, [lo, hi]] of packing.steps.entries()) {
			steps.setBigUint64(axis * 16, BigInt.asUintN(64, lo), true);
			steps.setBigUint64(axis * 16 + 8, BigInt.asUintN(64, hi), true);
		}
		this.lattice.set({ sigma: sigmaAt, scale: scaleAt, packing: packingAt, steps: stepsAt });
	}

	build(): Struct<'lattice'> {
		const { kernel, lattice } = this;
		let features = this.pixels.rgb;
		if (this.features.kind === 'features') {
			features = this.take(this.features.data.byteLength);
			kernel.f32(features, this.features.data.length).set(this.features.data);
		}
		const entries = this.keep(this.entryBytes);
		const met = this.keep(kernel.exports.segments(this.pixels.width, this.pixels.pixels) * 8);
		lattice.set({ features, splat: entries, slice: entries, met });
		const builders = this.embed();
		this.merge(builders);
		this.findChains(builders);
		this.normalize();
		return lattice;
	}

	releaseKept(): void {
		for (const block of this.kept) {
			this.kernel.arena.release(block);
		}
	}

	releaseScratch(): void {
		for (const block of this.scratch) {
			this.kernel.arena.release(block);
		}
	}

	/** Smallest and largest value of each feature, divided by its sigma. */
	private ranges(): (readonly [number, number])[] {
		const { features, pixels, sigma } = this;
		const height = pixels.pixels / pixels.width;
		switch (features.kind) {
			case 'grid':
			case 'gridRgb': {
				const sides = [pixels.width - 1, height - 1, 255, 255, 255];
				return sigma.map((value, i) => [0, sides[i]! / value]);
			}
			case 'features':
				return sigma.map((value, i) => {
					let low = 0;
					let high = 0;
					for (const feature of features.data.subarray(i * pixels.pixels, (i + 1) * pixels.pixels)) {
						low = Math.min(low, feature);
						high = Math.max(high, feature);
					}
					return [low / value, high / value];
				});
		}
	}

	/** Every thread's pixels into its own table. */
	private embed(): Struct<'builder'>[] {
		const { kernel } = this;
		const { threads } = kernel;
		const { pixels, width } = this.pixels;
		const segments = kernel.exports.segments(width, pixels);
		const address = this.take(structBytes('builder') * threads);
		// A ninth of the pixels as vertices is a usual number; the table grows with them, here up to two a pixel.
		const bits = Math.max(smallestTable, Math.ceil(Math.log2(pixels / threads / 4)));
		const start = (thread: number) => Math.floor((segments * thread) / threads);
		const builders = Array.from({ length: threads }, (_, thread) => {
			const builder = kernel.struct('builder', address + thread * structBytes('builder'));
			const scratch = this.take(kernel.exports.builderScratch());
			kernel.u8(scratch, kernel.exports.builderScratch()).fill(0);
			builder.set({ table: 0, keys: 0, count: 0, scratch, next: start(thread), end: start(thread + 1) });
			builder.set({ wide: this.wide ? 1 : 0 });
			this.makeTable(builder, bits, bits + 4);
			return builder;
		});
		for (;;) {
			kernel.run('embed', this.lattice.address, address);
			const full = builders.filter((builder) => builder.get('next') < builder.get('end'));
			if (full.length === 0) {
				return builders;
			}
			for (const builder of full) {
				const bits = builder.get('bits') + 2;
				this.makeTable(builder, bits, bits);
			}
		}
	}

	/** A table of 2^bits slots, with room for 2^roomBits; the kernel fills it. */
	private makeTable(builder: Struct<'builder'>, bits: number, roomBits: number): void {
		const { kernel } = this;
		const keyBytes = this.wide ? 16 : 8;
		this.drop(builder.get('table'));
		const table = this.take(2 ** roomBits * 4);
		const keys = this.take(2 ** (roomBits - 1) * keyBytes);
		const old = builder.get('keys');
		if (old !== 0) {
			kernel.u8(0, kernel.memory.buffer.byteLength).copyWithin(keys, old, old + builder.get('count') * keyBytes);
			this.drop(old);
		}
		builder.set({ table, bits, roomBits, keys, stale: 1 });
	}

	private merge(builders: readonly Struct<'builder'>[]): void {
		const { kernel, lattice } = this;
		const [first, ...others] = builders;
		const total = builders.reduce((sum, builder) => sum + builder.get('count'), 0);
		const bits = Math.ceil(Math.log2(total)) + 1;
		if (bits > first!.get('roomBits')) {
			this.makeTable(first!, bits, bits);
		} else if (bits > first!.get('bits')) {
			first!.set({ bits, stale: 1 });
		}
		const foreign = total - first!.get('count');
		lattice.set({ ghosts: this.keep(foreign * 4), ghostStarts: this.keep((builders.length + 1) * 4) });
		const maps = this.take(builders.length * 4);
		for (const [i, builder] of others.entries()) {
			const map = this.take(builder.get('count') * 4);
			kernel.u32(maps + (i + 1) * 4, 1)[0] = map;
		}
		kernel.run('merge', lattice.address, first!.address, maps);
		for (const builder of others) {
			this.drop(builder.get('table'));
			this.drop(builder.get('keys'));
		}
	}

	private findChains([first]: readonly Struct<'builder'>[]): void {
		const { kernel, lattice, dimensions } = this;
		const vertices = lattice.get('vertices');
		const inWaves = takesWaves(dimensions, vertices);
		const keep = (bytes: number) => this.keep(bytes);
		const take = (bytes: number) => this.take(bytes);
		const chains = keep((dimensions + 1) * 8);
		for (let axis = 0; axis <= dimensions; axis++) {
			const order = inWaves ? take(vertices * 4) : keep(vertices * 4);
			kernel.u32(chains + axis * 8, 2).set([order, 0]);
		}
		lattice.set({ chains, waves: 0 });
		const scratch = take(kernel.threads * (vertices * 4 + ((vertices + 3) & ~3)));
		kernel.run('chains', lattice.address, first!.address, scratch);
		this.drop(scratch);
		this.drop(first!.get('table'));
		this.drop(first!.get('keys'));
		if (inWaves) {
			cutIntoWaves(kernel, lattice, keep, take);
			return;
		}
		for (let axis = 0; axis <= dimensions; axis++) {
			const [order, length] = kernel.u32(chains + axis * 8, 2) as unknown as [number, number];
			kernel.arena.shrink(order, length * 4);
		}
	}

	private normalize(): void {
		const { kernel, lattice, normalization } = this;
		if (normalization === 'none') {
			return;
		}
		if (normalization !== 'symmetric') {
			const entries = lattice.get('splat');
			const slice = this.keep(this.entryBytes);
			kernel.u8(0, kernel.memory.buffer.byteLength).copyWithin(slice, entries, entries + this.entryBytes);
			lattice.set({ slice });
		}
		const one = this.take(16);
		kernel.f32(one, 4).fill(1);
		const values = this.take(lattice.get('rows') * 16);
		kernel.run('normalize', lattice.address, one, values, normalizeModes[normalization]);
	}

	private keep(bytes: number): number {
		const address = this.kernel.arena.allocate(bytes);
		this.kept.push(address);
		return address;
	}

	private take(bytes: number): number {
		const address = this.kernel.arena.allocate(bytes);
		this.scratch.add(address);
		return address;
	}

	private drop(address: number): void {
		if (this.scratch.delete(address)) {
			this.kernel.arena.release(address);
		}
	}
}
