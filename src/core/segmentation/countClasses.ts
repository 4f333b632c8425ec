import type { ClassShare } from '../run';

/**
 * The classes present in a mask, largest first; of equal ones the lower label first.
 * Labels from `classCount` on (such as the ignore label) are not listed, but count as area.
 */
export function countClasses(labels: Uint8Array, classCount: number): ClassShare[] {
	const counts = new Uint32Array(256);
	for (let i = 0; i < labels.length; i++) {
		counts[labels[i]!]!++;
	}
	return Array.from(counts.subarray(0, classCount), (pixels, label) => ({
		label,
		pixels,
		share: labels.length > 0 ? pixels / labels.length : 0,
	}))
		.filter((entry) => entry.pixels > 0)
		.sort((a, b) => b.pixels - a.pixels || a.label - b.label);
}
