/** Pixels by true and predicted class, pooled over any number of masks, and the figures that follow from them. */
export class ConfusionMatrix {
	/** counts[truth * classCount + predicted]. */
	readonly counts: Float64Array;

	constructor(
		readonly classCount: number,
		/** Ground-truth label of pixels that count for nothing. */
		readonly ignoreLabel: number,
	) {
		this.counts = new Float64Array(classCount * classCount);
	}

	/**
	 * Adds a mask and its ground truth, pixel by pixel.
	 * @throws RangeError where their sizes differ or a label is no class; the matrix is then as it was before
	 */
	add(truth: Uint8Array, predicted: Uint8Array): void {
		if (truth.length !== predicted.length) {
			throw new RangeError(`${truth.length} pixels of ground truth, ${predicted.length} predicted`);
		}
		const pairs = new Float64Array(256 * 256);
		for (let i = 0; i < truth.length; i++) {
			pairs[truth[i]! * 256 + predicted[i]!]!++;
		}
		const added: [index: number, pixels: number][] = [];
		for (const [pair, pixels] of pairs.entries()) {
			const t = pair >> 8;
			const p = pair & 255;
			if (pixels === 0 || t === this.ignoreLabel) {
				continue;
			}
			if (t >= this.classCount || p >= this.classCount) {
				throw new RangeError(`label ${Math.max(t, p)} among ${this.classCount} classes`);
			}
			added.push([t * this.classCount + p, pixels]);
		}
		for (const [index, pixels] of added) {
			this.counts[index]! += pixels;
		}
	}

	/** Share of the pixels whose class is right, 0…1; NaN without pixels. */
	pixelAccuracy(): number {
		let right = 0;
		let all = 0;
		for (let t = 0; t < this.classCount; t++) {
			right += this.count(t, t);
			all += this.truePixels(t);
		}
		return right / all;
	}

	/** Intersection over union a class, 0…1; undefined for classes that the ground truth does not have. */
	classIoU(): (number | undefined)[] {
		return Array.from({ length: this.classCount }, (_, label) => {
			const truth = this.truePixels(label);
			if (truth === 0) {
				return undefined;
			}
			let predicted = 0;
			for (let t = 0; t < this.classCount; t++) {
				predicted += this.count(t, label);
			}
			const both = this.count(label, label);
			return both / (truth + predicted - both);
		});
	}

	/** Mean IoU over the classes that the ground truth has, 0…1; NaN without pixels. */
	meanIoU(): number {
		const present = this.classIoU().filter((value) => value !== undefined);
		return present.reduce((sum, value) => sum + value, 0) / present.length;
	}

	private count(truth: number, predicted: number): number {
		return this.counts[truth * this.classCount + predicted]!;
	}

	private truePixels(label: number): number {
		let sum = 0;
		for (let p = 0; p < this.classCount; p++) {
			sum += this.count(label, p);
		}
		return sum;
	}
}
