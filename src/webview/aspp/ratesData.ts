/** Dilation rates as they are chosen: presets, and what is typed. */
import { highestRate, lowestRate } from '../../shared/protocol/aspp';

export type RatePresetName = 'asTrained' | 'largeFov' | 'asppS' | 'asppL';

export interface RatePreset {
	readonly name: RatePresetName;
	/** One a branch; undefined where the preset is of another number of branches. */
	readonly rates: readonly number[] | undefined;
}

/** Of the DeepLabv2 paper (Chen et al. 2017, arXiv 1606.00915, section 4.1.2), for a head of so many branches. */
export function ratePresets(trained: readonly number[]): readonly RatePreset[] {
	const forFour = (rates: readonly number[]) => (trained.length === rates.length ? rates : undefined);
	return [
		{ name: 'asTrained', rates: trained },
		// LargeFOV has one branch; here each branch takes its rate, and switches make it one.
		{ name: 'largeFov', rates: trained.map(() => 12) },
		{ name: 'asppS', rates: forFour([2, 4, 8, 12]) },
		{ name: 'asppL', rates: forFour([6, 12, 18, 24]) },
	];
}

export function sameRates(a: readonly number[], b: readonly number[]): boolean {
	return a.length === b.length && a.every((rate, branch) => rate === b[branch]);
}

export type TypedRate = { readonly kind: 'rate'; readonly rate: number } | { readonly kind: 'refused' };

export function parseRate(text: string): TypedRate {
	const trimmed = text.trim();
	const rate = trimmed === '' ? Number.NaN : Number(trimmed);
	return Number.isInteger(rate) && rate >= lowestRate && rate <= highestRate
		? { kind: 'rate', rate }
		: { kind: 'refused' };
}

/** Whether a branch has a rate that can be moved: one of a dilated convolution. */
export function hasRate(trainedRate: number): boolean {
	return Number.isInteger(trainedRate) && trainedRate >= lowestRate;
}
