/** What each setting does, in words and in the picture's own units. */
import * as l10n from '@vscode/l10n';
import type { CrfSettings } from '../../shared/protocol/crf';
import type { Geometry } from '../../shared/protocol/types';
import { formatNumber, formatPixels, formatShare } from '../shared/format';
import { type NumberName, sigmaReach, type TypedNumber } from './settingsData';

/** The symbol of the paper's equation 3, if it has one. */
export function symbolOf(name: NumberName): string {
	switch (name) {
		case 'iterations':
			return '';
		case 'bilateralWeight':
			return 'w1';
		case 'bilateralSigmaXy':
			return 'σα';
		case 'bilateralSigmaRgb':
			return 'σβ';
		case 'spatialWeight':
			return 'w2';
		case 'spatialSigma':
			return 'σγ';
		default: {
			const unknown: never = name;
			throw new Error(`unknown setting ${String(unknown)}`);
		}
	}
}

export function nameOf(name: NumberName): string {
	switch (name) {
		case 'iterations':
			return l10n.t('Iterations');
		case 'bilateralWeight':
		case 'spatialWeight':
			return l10n.t('Weight');
		case 'bilateralSigmaXy':
		case 'spatialSigma':
			return l10n.t('Distance');
		case 'bilateralSigmaRgb':
			return l10n.t('Colour');
		default: {
			const unknown: never = name;
			throw new Error(`unknown setting ${String(unknown)}`);
		}
	}
}

/** A value with its unit, as it is spoken. */
export function valueText(name: NumberName, value: number): string {
	switch (name) {
		case 'iterations':
		case 'bilateralWeight':
		case 'spatialWeight':
			return formatNumber(value);
		case 'bilateralSigmaXy':
		case 'spatialSigma':
			return formatPixels(value);
		case 'bilateralSigmaRgb':
			return l10n.t('{0} levels', formatNumber(value));
		default: {
			const unknown: never = name;
			throw new Error(`unknown setting ${String(unknown)}`);
		}
	}
}

export function meaningOf(name: NumberName, { parameters, resolution }: CrfSettings, geometry: Geometry): string {
	const value = parameters[name];
	switch (name) {
		case 'iterations':
			return value === 0
				? l10n.t('None: the mask stays that of the network.')
				: l10n.t('Each one hears of its neighbours’ labels once more.');
		case 'bilateralWeight':
			return value === 0
				? l10n.t('Colour counts for nothing.')
				: l10n.t('At most {0} in score from similar pixels that agree.', formatNumber(value));
		case 'spatialWeight':
			return value === 0
				? l10n.t('Being near counts for nothing.')
				: l10n.t('At most {0} in score from near pixels that agree, whatever their colour.', formatNumber(value));
		case 'bilateralSigmaRgb':
			return l10n.t('Counts colours as similar up to about {0} of 255 levels apart (2σ).', formatNumber(2 * value));
		case 'bilateralSigmaXy':
		case 'spatialSigma': {
			const { pixels, share, scaled } = sigmaReach(value, resolution, geometry);
			const far = formatPixels(2 * pixels);
			const percent = formatShare(share);
			const text =
				name === 'bilateralSigmaXy'
					? l10n.t(
							'Pulls together pixels of similar colour up to about {0} apart (2σ), {1} of the width.',
							far,
							percent,
						)
					: l10n.t('Smooths over about {0} (2σ), {1} of the width.', far, percent);
			return scaled ? `${l10n.t('{0} of the picture.', formatPixels(pixels))} ${text}` : text;
		}
		default: {
			const unknown: never = name;
			throw new Error(`unknown setting ${String(unknown)}`);
		}
	}
}

/** What is wrong with a number that was typed; undefined for one that can be used. */
export function complaint(typed: TypedNumber): string | undefined {
	switch (typed.kind) {
		case 'value':
			return undefined;
		case 'noNumber':
			return l10n.t('This is no number.');
		case 'notWhole':
			return l10n.t('Iterations are whole numbers.');
		case 'outside':
			return l10n.t('Choose a number from {0} to {1}.', typed.low, typed.high);
		default: {
			const unknown: never = typed;
			throw new Error(`unknown result ${JSON.stringify(unknown)}`);
		}
	}
}
