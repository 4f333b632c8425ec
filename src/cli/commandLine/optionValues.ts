/**
 * Reads what is written behind an option that several commands have. Undefined stays undefined; what cannot be read is an
 * InspectorError `usage`.
 */
import * as l10n from '@vscode/l10n';
import { classSetIds } from '../../core/classSets';
import { type OutputStride, outputStrides } from '../../core/onnx/networks/outputStride';
import { InspectorError } from '../../core/problem';
import { type MultiScaleRule, multiScaleRules } from '../../core/segmentation/multiScale';
import { parseMean } from '../../shared/importInput';
import type { ClassesSource } from './commands';

export function usage(detail: string): InspectorError {
	return new InspectorError({ code: 'usage', detail });
}

/** One of the words that the option knows. */
export function oneOf<Choice extends string>(
	option: string,
	value: string | undefined,
	choices: readonly Choice[],
): Choice | undefined {
	const found = choices.find((choice) => choice === value);
	if (value !== undefined && found === undefined) {
		throw usage(l10n.t('--{0} takes {1}, not “{2}”.', option, choices.join(', '), value));
	}
	return found;
}

export function whole(option: string, value: string | undefined, least: number, most: number): number | undefined {
	if (value === undefined) {
		return undefined;
	}
	const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
	if (!(number >= least && number <= most)) {
		throw usage(l10n.t('--{0} takes a whole number from {1} to {2}, not “{3}”.', option, least, most, value));
	}
	return number;
}

export function truth(option: string, value: string | undefined): boolean | undefined {
	switch (value) {
		case undefined:
			return undefined;
		case 'true':
		case 'yes':
			return true;
		case 'false':
		case 'no':
			return false;
		default:
			throw usage(l10n.t('--{0} takes true or false, not “{1}”.', option, value));
	}
}

/** A number a channel, 0…255. */
export function triple(option: string, value: string | undefined): [number, number, number] | undefined {
	if (value === undefined) {
		return undefined;
	}
	const found = parseMean(value);
	if (!found) {
		throw usage(
			l10n.t('--{0} takes three numbers from 0 to 255, such as 104.008,116.669,122.675, not “{1}”.', option, value),
		);
	}
	return found;
}

export function threadCount(value: string | undefined): number | undefined {
	return whole('threads', value, 1, 256);
}

/** Pixels. */
export function longestSide(value: string | undefined): number | undefined {
	return whole('longest-side', value, 1, 16384);
}

export function multiScaleRule(value: string | undefined): MultiScaleRule | undefined {
	return oneOf('multi-scale', value, multiScaleRules);
}

export function outputStride(value: string | undefined): OutputStride | undefined {
	const found = outputStrides.find((stride) => `${stride}` === value);
	if (value !== undefined && !found) {
		throw usage(l10n.t('--output-stride takes {0}, not “{1}”.', outputStrides.join(', '), value));
	}
	return found;
}

export function channelOrder(value: string | undefined): 'RGB' | 'BGR' | undefined {
	if (value === undefined || value === 'RGB' || value === 'BGR') {
		return value;
	}
	throw usage(l10n.t('--channel-order takes RGB or BGR, not “{0}”.', value));
}

/** Undefined is the bundled model, too. */
export function modelFile(value: string | undefined): string | undefined {
	return value === 'bundled' ? undefined : value;
}

/** What is no data set's name is a file's. */
export function classesSource(value: string | undefined): ClassesSource | undefined {
	if (!value) {
		return undefined;
	}
	const id = classSetIds.find((set) => set === value);
	return id ? { kind: 'set', id } : { kind: 'file', file: value };
}
