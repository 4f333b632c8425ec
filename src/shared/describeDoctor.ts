import * as l10n from '@vscode/l10n';
import type { DoctorChoice } from '../core/doctor/choices';
import type { Preprocessing } from '../core/model';

/** How the values of a picture reach the network, in the display language. */
export function normalizationName(id: DoctorChoice['normalization']): string {
	switch (id) {
		case 'caffe':
			return l10n.t('0…255 minus the mean');
		case 'imagenet':
			return l10n.t('ImageNet’s mean and deviation');
		case 'symmetric':
			return l10n.t('−1…1');
		case 'unit':
			return l10n.t('0…1');
		case 'own':
			return l10n.t('the model’s own values');
		default: {
			const unknown: never = id;
			throw new Error(`unknown normalization ${String(unknown)}`);
		}
	}
}

/** The same where there is little room. */
export function shortNormalizationName(id: DoctorChoice['normalization']): string {
	switch (id) {
		case 'caffe':
			return l10n.t('Caffe mean');
		case 'imagenet':
			return l10n.t('ImageNet mean, std');
		case 'own':
			return l10n.t('own values');
		default:
			return normalizationName(id);
	}
}

export function resizeName(resize: DoctorChoice['resize']): string {
	return resize === 'fit' ? l10n.t('fitted') : l10n.t('stretched');
}

export function alignCornersName(alignCorners: boolean): string {
	return alignCorners ? l10n.t('corners aligned') : l10n.t('cells spread evenly');
}

/** A choice in one line. */
export function describeChoice({ channelOrder, normalization, resize, alignCorners }: DoctorChoice): string {
	return [channelOrder, normalizationName(normalization), resizeName(resize), alignCornersName(alignCorners)].join(
		' · ',
	);
}

/** A model's preprocessing in one line, with its numbers. */
export function describePreprocessing({
	channelOrder,
	mean,
	std,
	resize = 'fit',
	alignCorners,
}: Preprocessing): string {
	return [
		l10n.t('{0}, mean {1}, deviation {2}', channelOrder, mean.join(', '), std.join(', ')),
		resizeName(resize),
		alignCornersName(alignCorners),
	].join(' · ');
}
