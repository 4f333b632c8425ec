import * as l10n from '@vscode/l10n';
import { normalizationIds } from '../../../core/image/normalizations';
import { parsePad } from '../../../shared/importInput';
import type { AdoptCommand } from '../commands';
import { allow, type Values } from '../options';
import { channelOrder, classesSource, longestSide, oneOf, triple, truth, usage } from '../optionValues';

/** @throws InspectorError `usage` */
export function adoptCommand(values: Values, operands: readonly string[]): AdoptCommand {
	allow('adopt', values, [
		'out',
		'classes',
		'longest-side',
		'json',
		'name',
		'align-corners',
		'mean',
		'std',
		'normalize',
		'channel-order',
		'resize',
		'pad',
		'ignore-label',
	]);
	const [model] = operands;
	if (model === undefined || operands.length > 1) {
		throw usage(l10n.t('adopt takes one ONNX model.'));
	}
	if (!values.out) {
		throw usage(l10n.t('adopt needs a file for the model: --out MODEL.onnx.'));
	}
	return {
		name: 'adopt',
		model,
		out: values.out,
		classes: classesSource(values.classes),
		options: { ...adoptChoices(values), longestSide: longestSide(values['longest-side']) },
		json: values.json ?? false,
	};
}

function adoptChoices(values: Values): Omit<AdoptCommand['options'], 'longestSide'> {
	return {
		name: values.name || undefined,
		normalization: oneOf('normalize', values.normalize, normalizationIds),
		channelOrder: channelOrder(values['channel-order']),
		mean: triple('mean', values.mean),
		std: deviation(values.std),
		alignCorners: truth('align-corners', values['align-corners']),
		resize: oneOf('resize', values.resize, ['fit', 'stretch']),
		pad: padding(values.pad),
		ignoreLabel: label(values['ignore-label']),
	};
}

function deviation(value: string | undefined): AdoptCommand['options']['std'] {
	const numbers = triple('std', value);
	if (value !== undefined && numbers?.includes(0)) {
		throw usage(l10n.t('--std takes numbers above 0, not “{0}”.', value));
	}
	return numbers;
}

/** `8k+1` or `32k`. */
function padding(value: string | undefined): AdoptCommand['options']['pad'] {
	if (value === undefined) {
		return undefined;
	}
	const found = parsePad(value);
	if (!found) {
		throw usage(l10n.t('--pad takes what sides are padded to, such as 8k+1 or 32k, not “{0}”.', value));
	}
	return found;
}

function label(value: string | undefined): number | undefined {
	if (value === undefined) {
		return undefined;
	}
	if (!/^\d{1,3}$/.test(value) || Number(value) > 255) {
		throw usage(l10n.t('--ignore-label takes a label from 0 to 255, not “{0}”.', value));
	}
	return Number(value);
}
