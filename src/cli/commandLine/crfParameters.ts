import * as l10n from '@vscode/l10n';
import { type CrfResolution, crfResolutions } from '../../core/crf/grid';
import {
	type CrfParameters,
	crfBounds,
	crfNormalizations,
	crfPresets,
	defaultCrfParameters,
} from '../../core/crf/parameters';
import type { OptionName, Values } from './options';
import { usage } from './optionValues';

/** The options of the dense CRF's parameters. */
export const crfOptionNames = [
	'preset',
	'iterations',
	'bilateral-weight',
	'bilateral-sigma-xy',
	'bilateral-sigma-rgb',
	'spatial-weight',
	'spatial-sigma',
	'normalization',
	'exact',
] as const satisfies readonly OptionName[];

const numeric = {
	iterations: 'iterations',
	'bilateral-weight': 'bilateralWeight',
	'bilateral-sigma-xy': 'bilateralSigmaXy',
	'bilateral-sigma-rgb': 'bilateralSigmaRgb',
	'spatial-weight': 'spatialWeight',
	'spatial-sigma': 'spatialSigma',
} as const satisfies Partial<Record<OptionName, keyof typeof crfBounds>>;

/**
 * The preset's parameters, changed by what is said beside it.
 * @throws InspectorError `usage`
 */
export function crfParameters(values: Values): CrfParameters {
	const parameters: { -readonly [K in keyof CrfParameters]: CrfParameters[K] } = {
		...presetParameters(values.preset),
		...(values.exact ? { pruning: 0 } : {}),
	};
	for (const [option, name] of Object.entries(numeric) as [keyof typeof numeric, keyof typeof crfBounds][]) {
		const value = values[option];
		if (value !== undefined) {
			parameters[name] = number(option, value, crfBounds[name], name === 'iterations');
		}
	}
	if (values.normalization !== undefined) {
		parameters.normalization = oneOf('normalization', values.normalization, crfNormalizations);
	}
	return parameters;
}

/** @throws InspectorError `usage` */
export function crfResolution(value: string | undefined): CrfResolution | undefined {
	return value === undefined ? undefined : oneOf('crf-resolution', value, crfResolutions);
}

function presetParameters(id: string | undefined): CrfParameters {
	if (id === undefined) {
		return defaultCrfParameters;
	}
	const ids = crfPresets.map((preset) => preset.id);
	return crfPresets[ids.indexOf(oneOf('preset', id, ids))]!.parameters;
}

function number(option: string, text: string, [low, high]: readonly [number, number], whole: boolean): number {
	const value = text.trim() === '' ? Number.NaN : Number(text);
	if (value >= low && value <= high && (!whole || Number.isInteger(value))) {
		return value;
	}
	throw usage(
		whole
			? l10n.t('--{0} takes a whole number from {1} to {2}, not “{3}”.', option, low, high, text)
			: l10n.t('--{0} takes a number from {1} to {2}, not “{3}”.', option, low, high, text),
	);
}

function oneOf<T extends string>(option: string, value: string, known: readonly T[]): T {
	const found = known.find((entry) => entry === value);
	if (found === undefined) {
		throw usage(l10n.t('--{0} takes one of {1}, not “{2}”.', option, known.join(', '), value));
	}
	return found;
}
