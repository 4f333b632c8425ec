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
	/** `own`: the model's, which is none of the usual ones. */
	readonly normalization: NormalizationId | 'own';
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

/**
 * As {@link doctorInputs}, but the model's own comes first, exactly as the model has it: in the place of the one that is
 * like it, or as one more.
 */
export function inputsOwnFirst(own: Preprocessing): readonly DoctorInput[] {
	const inputs = doctorInputs(own);
	const like = inputs.find(({ preprocessing }) => sameInput(preprocessing, own));
	const { channelOrder, resize = 'fit' } = own;
	const choice: Omit<DoctorChoice, 'alignCorners'> = like
		? like.choices[0]
		: { channelOrder, normalization: 'own', resize };
	const first: DoctorInput = {
		preprocessing: own,
		choices: [
			{ ...choice, alignCorners: true },
			{ ...choice, alignCorners: false },
		],
	};
	return [first, ...inputs.filter((input) => input !== like)];
}

/** Whether a choice is what the model has: means and deviations within a hundredth of their range. */
export function isOwnChoice(
	preprocessing: Preprocessing,
	{ alignCorners }: Pick<DoctorChoice, 'alignCorners'>,
	own: Preprocessing,
): boolean {
	return sameInput(preprocessing, own) && alignCorners === own.alignCorners;
}

/** Whether two ways make the same network's input of a picture, near enough. */
function sameInput(one: Preprocessing, other: Preprocessing): boolean {
	const near = (a: readonly number[], b: readonly number[]) =>
		a.every((value, channel) => Math.abs(value - b[channel]!) <= 2.55);
	return (
		one.channelOrder === other.channelOrder &&
		near(one.mean, other.mean) &&
		near(one.std, other.std) &&
		(one.resize ?? 'fit') === (other.resize ?? 'fit')
	);
}

/** For file names, such as `rgb-symmetric-fit-corners`. */
export function choiceId({ channelOrder, normalization: id, resize, alignCorners }: DoctorChoice): string {
	return `${channelOrder.toLowerCase()}-${id}-${resize}-${alignCorners ? 'corners' : 'half-pixel'}`;
}
