/** How code bases bring a picture's 0…255 to what their networks were trained with. */
import type { Preprocessing } from '../model';

/**
 * `caffe`: minus the mean of ImageNet's pictures. `imagenet`: minus the mean, through the deviation, of torchvision.
 * `symmetric`: −1…1, of TensorFlow's models. `unit`: 0…1.
 */
export const normalizationIds = ['caffe', 'imagenet', 'symmetric', 'unit'] as const;
export type NormalizationId = (typeof normalizationIds)[number];

export type ChannelOrder = Preprocessing['channelOrder'];
export const channelOrders: readonly ChannelOrder[] = ['RGB', 'BGR'];

type Triple = readonly [number, number, number];

/**
 * Channel order, mean, deviation and padding. Padded is with the mean, so with zeros, but for `unit`, where black is 0.
 */
export function normalization(
	id: NormalizationId,
	channelOrder: ChannelOrder,
): Pick<Preprocessing, 'channelOrder' | 'mean' | 'std' | 'padValue'> {
	const { mean, std } = ofRgb(id);
	const ordered = ([red, green, blue]: Triple): Triple =>
		channelOrder === 'RGB' ? [red, green, blue] : [blue, green, red];
	return { channelOrder, mean: ordered(mean), std: ordered(std), padValue: ordered(mean) };
}

function ofRgb(id: NormalizationId): { readonly mean: Triple; readonly std: Triple } {
	switch (id) {
		case 'caffe':
			return { mean: [122.675, 116.669, 104.008], std: [1, 1, 1] };
		case 'imagenet':
			return { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };
		case 'symmetric':
			return { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };
		case 'unit':
			return { mean: [0, 0, 0], std: [255, 255, 255] };
		default: {
			const unknown: never = id;
			throw new Error(`unknown normalization ${String(unknown)}`);
		}
	}
}
