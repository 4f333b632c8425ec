/** The likely ways of preparing a picture for a network, to be compared on one picture. */
import {
	type ChannelOrder,
	channelOrders,
	type NormalizationId,
	normalization,
	normalizationIds,
} from '../image/normalizations';
import type { Preprocessing } from '../model';

export interface DoctorChoice {
	readonly channelOrder: ChannelOrder;
	readonly normalization: NormalizationId;
	readonly resize: 'fit' | 'stretch';
	readonly alignCorners: boolean;
}

/** One way to prepare the network's input: one inference, whose logits are resized both ways. */
export interface DoctorInput {
	readonly preprocessing: Preprocessing;
	/** What the two masks of it are of: align_corners true, then false. */
	readonly choices: readonly [DoctorChoice, DoctorChoice];
}

/**
 * Channel orders x normalizations x resize rules, 16 inputs.
 * @param own of the model: sizes and padding stay as it has them
 */
export function doctorInputs(own: Preprocessing): readonly DoctorInput[] {
	return (['fit', 'stretch'] as const).flatMap((resize) =>
		channelOrders.flatMap((channelOrder) =>
			normalizationIds.map((id): DoctorInput => {
				const choice = { channelOrder, normalization: id, resize };
				return {
					preprocessing: { ...own, ...normalization(id, channelOrder), resize },
					choices: [
						{ ...choice, alignCorners: true },
						{ ...choice, alignCorners: false },
					],
				};
			}),
		),
	);
}

/** For file names, such as `rgb-symmetric-fit-corners`. */
export function choiceId({ channelOrder, normalization: id, resize, alignCorners }: DoctorChoice): string {
	return `${channelOrder.toLowerCase()}-${id}-${resize}-${alignCorners ? 'corners' : 'half-pixel'}`;
}
