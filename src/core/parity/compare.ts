/** How far one backend's values are from another's. */
import type { FeatureMap } from '../run';
import { type ParityLimit, type ParityReport, parityLimit } from './report';

/** What a backend made of the picture. */
export interface BackendOutcome {
	readonly logits: FeatureMap;
	/** One label a picture pixel. */
	readonly labels: Uint8Array;
}

export type Comparison = Pick<ParityReport, 'largestDifference' | 'labelAgreement' | 'limit' | 'agrees'>;

export function compareOutcomes(
	reference: BackendOutcome,
	other: BackendOutcome,
	limit: ParityLimit = parityLimit,
): Comparison {
	const sameGrid =
		reference.logits.channels === other.logits.channels &&
		reference.logits.height === other.logits.height &&
		reference.logits.width === other.logits.width;
	const difference = sameGrid ? relativeDifference(reference.logits.data, other.logits.data) : Number.POSITIVE_INFINITY;
	const labelAgreement = shareOfEqual(reference.labels, other.labels);
	return {
		largestDifference: finiteOrNull(difference),
		labelAgreement,
		limit,
		agrees: difference <= limit.difference && labelAgreement >= limit.labels,
	};
}

/**
 * The largest difference as a share of the reference's largest magnitude; of the other's where the reference is all
 * zeros. Infinity where one of the values is not finite, also where both are, for then nothing is known; or where there
 * are more values of one than of the other.
 */
export function relativeDifference(reference: Float32Array, other: Float32Array): number {
	if (reference.length !== other.length) {
		return Number.POSITIVE_INFINITY;
	}
	let difference = 0;
	let magnitude = 0;
	let otherMagnitude = 0;
	for (let at = 0; at < reference.length; at++) {
		const one = reference[at]!;
		const two = other[at]!;
		const distance = Math.abs(one - two);
		// The difference of two finite float32 is finite in float64.
		if (!Number.isFinite(distance)) {
			return Number.POSITIVE_INFINITY;
		}
		difference = Math.max(difference, distance);
		magnitude = Math.max(magnitude, Math.abs(one));
		otherMagnitude = Math.max(otherMagnitude, Math.abs(two));
	}
	return difference === 0 ? 0 : difference / (magnitude || otherMagnitude);
}

/** JSON has no infinity. */
export function finiteOrNull(difference: number): number | null {
	return Number.isFinite(difference) ? difference : null;
}

function shareOfEqual(one: Uint8Array, two: Uint8Array): number {
	if (one.length !== two.length) {
		return 0;
	}
	let equal = 0;
	for (let at = 0; at < one.length; at++) {
		equal += one[at] === two[at] ? 1 : 0;
	}
	return one.length === 0 ? 1 : equal / one.length;
}
