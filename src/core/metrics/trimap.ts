import { ConfusionMatrix } from './confusion';
import { squaredDistances } from './distance';

/**
 * How good masks are near the borders of objects: one pooled confusion matrix for each width 1 … `widths` of a band
 * around the ground truth's void pixels, which VOC draws along every border. A pixel belongs to the band of width w
 * where its centre is at most w pixels from that of a void pixel; void pixels themselves count for nothing.
 *
 * Source: the trimap experiment of arXiv 1606.00915, section 4.1.4, after Kohli, Ladický and Torr (IJCV 2009).
 */
export class TrimapCurve {
	/** At index w − 1: the pixels whose distance is in (w − 1, w]. */
	private readonly rings: readonly ConfusionMatrix[];

	constructor(
		private readonly classCount: number,
		private readonly ignoreLabel: number,
		/** The widest band, in pixels. */
		readonly widths = 40,
	) {
		this.rings = Array.from({ length: widths }, () => new ConfusionMatrix(classCount, ignoreLabel));
	}

	/**
	 * Adds a mask and its ground truth, both width x height. A picture without void pixels adds nothing.
	 * @throws RangeError where sizes differ or a label is no class
	 */
	add(truth: Uint8Array, predicted: Uint8Array, width: number, height: number): void {
		if (truth.length !== width * height) {
			throw new RangeError(`${truth.length} pixels of ground truth, not ${width} x ${height}`);
		}
		const distances = squaredDistances(
			truth.map((label) => (label === this.ignoreLabel ? 1 : 0)),
			width,
			height,
		);
		for (const [index, ring] of this.rings.entries()) {
			const inner = index * index;
			const outer = (index + 1) * (index + 1);
			const inRing = truth.map((label, i) => {
				const distance = distances[i]!;
				return distance > inner && distance <= outer ? label : this.ignoreLabel;
			});
			ring.add(inRing, predicted);
		}
	}

	/** @returns mean IoU of the band of width 1, 2, … `widths`, 0…1; NaN where a band has no pixel yet */
	meanIoU(): number[] {
		const band = new ConfusionMatrix(this.classCount, this.ignoreLabel);
		return this.rings.map(({ counts }) => {
			for (const [i, pixels] of counts.entries()) {
				band.counts[i]! += pixels;
			}
			return band.meanIoU();
		});
	}
}
