import * as l10n from '@vscode/l10n';
import { type ChannelOrder, type NormalizationId, normalization } from '../../core/image/normalizations';
import { shortNormalizationName } from '../../shared/describeDoctor';
import type { Choice } from '../importing/steps';

/** How the values of a picture reach a network: a preset, 0…255 as they are, or numbers of its own. */
export type ValuesChoice = NormalizationId | 'none' | 'custom';

/** What is taken where nobody says otherwise. */
export const defaultValues = 'imagenet' satisfies ValuesChoice;

/** The channel order that most networks with these values have. */
export function orderFor(values: ValuesChoice | 'doctor' | undefined): ChannelOrder {
	return values === 'caffe' ? 'BGR' : 'RGB';
}

/** @param stated what the file says */
export function valuesChoices(stated: ValuesChoice | undefined): Choice<ValuesChoice>[] {
	const order = ['imagenet', 'caffe', 'symmetric', 'unit', 'none', 'custom'] as const;
	return order.map((value) => {
		const notes = [
			...(value === stated ? [l10n.t('As the file says')] : []),
			...(stated === undefined && value === defaultValues ? [l10n.t('Default')] : []),
			usedBy(value),
		].filter((note) => note !== undefined);
		const detail = notes.length > 0 ? { detail: notes.join(' · ') } : {};
		return { label: labelOf(value), description: descriptionOf(value), ...detail, value };
	});
}

function labelOf(value: ValuesChoice): string {
	switch (value) {
		case 'none':
			return l10n.t('None');
		case 'custom':
			return l10n.t('Custom…');
		default:
			return shortNormalizationName(value);
	}
}

function descriptionOf(value: ValuesChoice): string {
	switch (value) {
		case 'none':
			return l10n.t('0…255 as they are');
		case 'custom':
			return l10n.t('mean and deviation as numbers');
		case 'caffe': {
			const order = orderFor(value);
			return l10n.t('0…255 minus {0} ({1}), no scale', normalization(value, order).mean.join(', '), order);
		}
		case 'imagenet': {
			const { mean, std } = normalization(value, 'RGB');
			const ofOne = (numbers: readonly number[]) =>
				numbers.map((number) => Number((number / 255).toFixed(3))).join(', ');
			return l10n.t('0…1 minus {0}, over {1}', ofOne(mean), ofOne(std));
		}
		case 'symmetric':
			return l10n.t('0…255 minus 127.5, over 127.5');
		case 'unit':
			return l10n.t('0…255 over 255');
		default: {
			const unknown: never = value;
			throw new Error(`unknown values ${String(unknown)}`);
		}
	}
}

function usedBy(value: ValuesChoice): string | undefined {
	switch (value) {
		case 'caffe':
			return l10n.t('Caffe and the PyTorch code that followed DeepLabv2');
		case 'imagenet':
			return l10n.t('torchvision and most PyTorch code');
		case 'symmetric':
			return l10n.t('TensorFlow');
		case 'none':
			return l10n.t('Networks that scale pictures themselves');
		case 'unit':
		case 'custom':
			return undefined;
		default: {
			const unknown: never = value;
			throw new Error(`unknown values ${String(unknown)}`);
		}
	}
}
