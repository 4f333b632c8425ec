import * as l10n from '@vscode/l10n';
import { normalizationIds } from '../core/image/normalizations';
import type { AdoptOptions } from '../core/onnx/discover/adopt';
import { InspectorError } from '../core/problem';
import { parsePad } from '../shared/importInput';
import { channelOrder, text, triple, truth } from './importOptions';

/** The options of `adopt` besides those that other commands have too, for `parseArgs`. */
export const adoptOptions = {
	normalize: { type: 'string' },
	std: { type: 'string' },
	resize: { type: 'string' },
	pad: { type: 'string' },
	'ignore-label': { type: 'string' },
} as const;

export const adoptOptionNames = Object.keys(adoptOptions) as (keyof typeof adoptOptions)[];

/** Options that `import` has too. */
export const sharedOptionNames = ['name', 'align-corners', 'mean', 'channel-order'] as const;

type OptionName = keyof typeof adoptOptions | (typeof sharedOptionNames)[number];
type Values = { readonly [K in OptionName]?: string | boolean | undefined };

/** @throws InspectorError `usage` */
export function adoptChoices(values: Values): Omit<AdoptOptions, 'classes' | 'longestSide'> {
	return {
		name: text(values.name),
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

function oneOf<Choice extends string>(
	option: string,
	value: string | boolean | undefined,
	choices: readonly Choice[],
): Choice | undefined {
	const found = choices.find((choice) => choice === value);
	if (value !== undefined && found === undefined) {
		throw usage(l10n.t('--{0} takes {1}, not “{2}”.', option, choices.join(', '), String(value)));
	}
	return found;
}

function deviation(value: string | boolean | undefined): AdoptOptions['std'] {
	const numbers = triple('std', value);
	if (numbers?.includes(0)) {
		throw usage(l10n.t('--std takes numbers above 0, not “{0}”.', String(value)));
	}
	return numbers;
}

/** `8k+1` or `32k`. */
function padding(value: string | boolean | undefined): AdoptOptions['pad'] {
	if (value === undefined) {
		return undefined;
	}
	const found = parsePad(String(value));
	if (!found) {
		throw usage(l10n.t('--pad takes what sides are padded to, such as 8k+1 or 32k, not “{0}”.', String(value)));
	}
	return found;
}

function label(value: string | boolean | undefined): number | undefined {
	if (value === undefined) {
		return undefined;
	}
	if (!/^\d{1,3}$/.test(String(value)) || Number(value) > 255) {
		throw usage(l10n.t('--ignore-label takes a label from 0 to 255, not “{0}”.', String(value)));
	}
	return Number(value);
}

function usage(detail: string): InspectorError {
	return new InspectorError({ code: 'usage', detail });
}
