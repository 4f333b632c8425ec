import * as l10n from '@vscode/l10n';
import type { ImportOverrides } from '../core/checkpoint/importCheckpoint';
import { type ClassSetId, classSetIds } from '../core/classSets';
import { type OutputStride, outputStrides } from '../core/onnx/networks/outputStride';
import { InspectorError } from '../core/problem';
import { parseMean, parseRates } from '../shared/importInput';

/** The options of `import` besides those that other commands have too, for `parseArgs`. */
export const importOptions = {
	name: { type: 'string' },
	rates: { type: 'string' },
	sum: { type: 'string' },
	'align-corners': { type: 'string' },
	mean: { type: 'string' },
	'channel-order': { type: 'string' },
	'keep-batch-norm': { type: 'boolean' },
	pool5a: { type: 'string' },
	'output-stride': { type: 'string' },
} as const;

export const importOptionNames = Object.keys(importOptions) as (keyof typeof importOptions)[];

type Values = { readonly [K in keyof typeof importOptions]?: string | boolean | undefined };

/** Where the names of the classes come from: a data set, or a text file with a name a line. */
export type ClassesSource =
	| { readonly kind: 'set'; readonly id: ClassSetId }
	| { readonly kind: 'file'; readonly file: string };

/** @throws InspectorError `usage` */
export function importOverrides(values: Values): Omit<ImportOverrides, 'classes'> {
	return {
		name: text(values.name),
		rates: rates('rates', values.rates),
		sum: rates('sum', values.sum),
		alignCorners: truth('align-corners', values['align-corners']),
		mean: triple('mean', values.mean),
		channelOrder: channelOrder(values['channel-order']),
		keepBatchNorm: values['keep-batch-norm'] === true,
		pool5a: truth('pool5a', values.pool5a),
		outputStride: outputStride(values['output-stride']),
	};
}

/** What is no data set's name is a file's. */
export function classesSource(value: string | undefined): ClassesSource | undefined {
	if (!value) {
		return undefined;
	}
	const id = classSetIds.find((set) => set === value);
	return id ? { kind: 'set', id } : { kind: 'file', file: value };
}

export function text(value: string | boolean | undefined): string | undefined {
	return typeof value === 'string' && value !== '' ? value : undefined;
}

function rates(option: string, value: string | boolean | undefined): number[] | undefined {
	if (typeof value !== 'string') {
		return undefined;
	}
	const found = parseRates(value);
	if (!found) {
		throw usage(l10n.t('--{0} takes dilation rates, such as 6,12,18,24, not “{1}”.', option, value));
	}
	return found;
}

export function truth(option: string, value: string | boolean | undefined): boolean | undefined {
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
			throw usage(l10n.t('--{0} takes true or false, not “{1}”.', option, String(value)));
	}
}

export function triple(option: string, value: string | boolean | undefined): [number, number, number] | undefined {
	if (typeof value !== 'string') {
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

export function channelOrder(value: string | boolean | undefined): 'RGB' | 'BGR' | undefined {
	if (value === undefined || value === 'RGB' || value === 'BGR') {
		return value;
	}
	throw usage(l10n.t('--channel-order takes RGB or BGR, not “{0}”.', String(value)));
}

export function outputStride(value: string | boolean | undefined): OutputStride | undefined {
	if (value === undefined) {
		return undefined;
	}
	const found = outputStrides.find((stride) => `${stride}` === value);
	if (!found) {
		throw usage(l10n.t('--output-stride takes {0}, not “{1}”.', outputStrides.join(', '), String(value)));
	}
	return found;
}

function usage(detail: string): InspectorError {
	return new InspectorError({ code: 'usage', detail });
}
