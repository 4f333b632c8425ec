/** Ground truth that masks of one picture are compared with. */
import { InspectorError } from '../problem';
import { type Agreement, agreementOf } from './judge';

/** As `decodeLabelPng` gives it. */
export interface Truth {
	/** File name, for messages. */
	readonly name: string;
	readonly width: number;
	readonly height: number;
	/** One a pixel. */
	readonly labels: Uint8Array;
}

/**
 * @param labels of the picture, `width * height`
 * @throws InspectorError `picture.unsupported` for ground truth of another size or with labels that are no classes
 */
export function compareWithTruth(
	labels: Uint8Array,
	{ width, height }: { readonly width: number; readonly height: number },
	{ classes, ignoreLabel }: { readonly classes: readonly unknown[]; readonly ignoreLabel: number },
	truth: Truth,
): Agreement {
	const unsupported = (detail: string) => new InspectorError({ code: 'picture.unsupported', name: truth.name, detail });
	if (truth.width !== width || truth.height !== height) {
		throw unsupported(`${truth.width} x ${truth.height} ground truth for a picture of ${width} x ${height}`);
	}
	try {
		return agreementOf(labels, truth.labels, classes.length, ignoreLabel);
	} catch (error) {
		if (error instanceof RangeError) {
			throw unsupported(`ground truth with ${error.message}`);
		}
		throw error;
	}
}
