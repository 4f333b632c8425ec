/** What a refinement did to a mask, class by class. */

export interface ClassChange {
	readonly label: number;
	/** Pixels of the picture with this label, before and after. */
	readonly before: number;
	readonly after: number;
	/** Pixels that came to it from other classes, and that left it. */
	readonly gained: number;
	readonly lost: number;
}

export interface MaskChanges {
	/** All classes that are in either mask, largest after first; of equal ones the larger before, then the lower label. */
	readonly changes: readonly ClassChange[];
	/** Pixels whose label differs. */
	readonly changedPixels: number;
}

/** Compares two masks, a stretch of pixels at a time, so that a thread which must stay free can pause in between. */
export class ChangeCount {
	/** Pixels by label before (row) and after (column). */
	private readonly pairs = new Uint32Array(256 * 256);

	/**
	 * @param before one label a pixel
	 * @param after of the same length
	 */
	constructor(
		private readonly before: Uint8Array,
		private readonly after: Uint8Array,
	) {
		if (before.length !== after.length) {
			throw new RangeError(`masks of ${before.length} and ${after.length} pixels`);
		}
	}

	/** Counts the pixels `start` … `end - 1`; each is to be counted once. */
	add(start = 0, end = this.before.length): void {
		const { before, after, pairs } = this;
		for (let i = start; i < end; i++) {
			pairs[(before[i]! << 8) | after[i]!]!++;
		}
	}

	/** Of the pixels counted so far. */
	result(): MaskChanges {
		const rows = new Float64Array(256);
		const columns = new Float64Array(256);
		let kept = 0;
		let total = 0;
		for (let from = 0; from < 256; from++) {
			for (let to = 0; to < 256; to++) {
				const count = this.pairs[(from << 8) | to]!;
				rows[from]! += count;
				columns[to]! += count;
				total += count;
			}
			kept += this.pairs[(from << 8) | from]!;
		}
		const changes = Array.from(rows, (before, label) => {
			const same = this.pairs[(label << 8) | label]!;
			const after = columns[label]!;
			return { label, before, after, gained: after - same, lost: before - same };
		});
		return {
			changes: changes
				.filter(({ before, after }) => before + after > 0)
				.sort((a, b) => b.after - a.after || b.before - a.before || a.label - b.label),
			changedPixels: total - kept,
		};
	}
}

/** Compares two masks of the same length at once. */
export function maskChanges(before: Uint8Array, after: Uint8Array): MaskChanges {
	const count = new ChangeCount(before, after);
	count.add();
	return count.result();
}
