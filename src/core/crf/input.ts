import { InspectorError } from '../problem';
import type { CrfKernel } from './crfKernel';
import { nowhere, statisticsBytes } from './layout';
import { anyInvalid, largestOfThreads } from './perThread';
import { Room } from './room';

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

/** @throws InspectorError `crf.badInput` where the sizes do not fit each other */
export function checkCrfInput({ width, height, classes, unary, rgb }: CrfInput): void {
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

export interface InputSize {
	readonly width: number;
	readonly height: number;
	readonly pixels: number;
	readonly classes: number;
	/** Vectors of 4 lanes in a row of all classes. */
	readonly vectors: number;
}

/** The picture and its unary in the kernel's memory. */
export class HeldInput {
	/** pixels x 3 bytes. */
	readonly rgb: Room;
	/** -unary: a row a pixel, a lane a class. */
	readonly energies: Room;
	/** Bounds of ln Q at the start, a number a lane. */
	startBounds: readonly number[] = [];
	private held: InputSize | undefined;

	constructor(private readonly kernel: CrfKernel) {
		this.rgb = new Room(kernel);
		this.energies = new Room(kernel);
	}

	/** Undefined where there is no picture. */
	get size(): InputSize | undefined {
		return this.held;
	}

	/** @throws InspectorError `crf.badInput` where there is no picture */
	require(): InputSize {
		if (!this.held) {
			throw new InspectorError({ code: 'crf.badInput', detail: 'no picture was set' });
		}
		return this.held;
	}

	/** @throws InspectorError `crf.badInput` unless the picture has this pixel */
	checkPixel(pixel: number): void {
		if (!Number.isInteger(pixel) || pixel < 0 || pixel >= this.require().pixels) {
			throw new InspectorError({ code: 'crf.badInput', detail: `there is no pixel ${pixel}` });
		}
	}

	forget(): void {
		this.held = undefined;
	}

	/**
	 * Copies an input that is checked.
	 * @throws InspectorError `crf.badInput` where the unary is not finite, or `crf.tooLarge`; there is no picture then
	 */
	take({ width, height, classes, unary, rgb }: CrfInput): void {
		this.forget();
		const { kernel } = this;
		const pixels = width * height;
		const vectors = Math.ceil(classes / 4);
		this.energies.ensure(pixels * vectors * 16);
		kernel.u8(this.rgb.ensure(pixels * 3), pixels * 3).set(rgb);
		const planes = kernel.arena.allocate(classes * pixels * 4);
		const boundLanes = kernel.threads * vectors * 4;
		const statistics = kernel.arena.allocate(kernel.threads * statisticsBytes);
		const bounds = kernel.arena.allocate(boundLanes * 4);
		try {
			kernel.f32(planes, classes * pixels).set(unary);
			kernel.u8(statistics, kernel.threads * statisticsBytes).fill(0);
			kernel.f32(bounds, boundLanes).fill(nowhere);
			kernel.run('takeUnary', planes, this.energies.address, classes, vectors, pixels, bounds, statistics);
			this.startBounds = largestOfThreads(kernel, bounds, vectors * 4);
			if (anyInvalid(kernel, statistics)) {
				throw new InspectorError({ code: 'crf.badInput', detail: 'the unary has values that are not finite' });
			}
		} finally {
			for (const block of [planes, statistics, bounds]) {
				kernel.arena.release(block);
			}
		}
		this.held = { width, height, pixels, classes, vectors };
	}
}
