import * as l10n from '@vscode/l10n';
import type { OutputStride } from '../core/onnx/networks/outputStride';
import {
	type RandomBackbone,
	type RandomHead,
	randomBackbones,
	randomHeads,
} from '../core/onnx/networks/randomWeights';
import { InspectorError } from '../core/problem';
import { outputStride } from './importOptions';

/** The options of `new` besides those that other commands have too, for `parseArgs`. */
export const newOptions = {
	backbone: { type: 'string' },
	head: { type: 'string' },
	width: { type: 'string' },
	seed: { type: 'string' },
} as const;

export const newOptionNames = Object.keys(newOptions) as (keyof typeof newOptions)[];

export interface NewCommand {
	readonly name: 'new';
	/** For the model. */
	readonly out: string;
	readonly backbone: RandomBackbone;
	readonly head: RandomHead;
	readonly classes: number;
	/** Share of the paper's channels, more than 0 and at most 1. */
	readonly width: number;
	readonly seed: number;
	readonly outputStride: OutputStride;
	/** What the model is called; undefined: by what it is. */
	readonly modelName: string | undefined;
}

interface Values extends Readonly<Partial<Record<keyof typeof newOptions, string>>> {
	readonly out?: string | undefined;
	readonly classes?: string | undefined;
	readonly name?: string | undefined;
	readonly 'output-stride'?: string | undefined;
}

/** @throws InspectorError `usage` */
export function newCommand(values: Values): NewCommand {
	if (!values.out) {
		throw usage(l10n.t('new needs a file for the model: --out MODEL.onnx.'));
	}
	return {
		name: 'new',
		out: values.out,
		backbone: oneOf('backbone', values.backbone ?? 'resnet101', randomBackbones),
		head: oneOf('head', values.head ?? 'aspp-l', randomHeads),
		classes: whole('classes', values.classes ?? '21', 2, 256),
		width: share(values.width ?? '1'),
		seed: whole('seed', values.seed ?? '1', 0, 2 ** 32 - 1),
		outputStride: outputStride(values['output-stride']) ?? 8,
		modelName: values.name || undefined,
	};
}

function oneOf<T extends string>(option: string, value: string, known: readonly T[]): T {
	const found = known.find((each) => each === value);
	if (!found) {
		throw usage(l10n.t('--{0} takes {1}, not “{2}”.', option, known.join(', '), value));
	}
	return found;
}

function whole(option: string, value: string, least: number, most: number): number {
	const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
	if (!(number >= least && number <= most)) {
		throw usage(l10n.t('--{0} takes a whole number from {1} to {2}, not “{3}”.', option, least, most, value));
	}
	return number;
}

/** `1/16` or `0.0625`. */
function share(value: string): number {
	const [, above, below = '1'] = /^(\d+(?:\.\d+)?)(?:\/(\d+))?$/.exec(value) ?? [];
	const number = Number(above) / Number(below);
	if (!(number > 0 && number <= 1)) {
		throw usage(l10n.t('--width takes a share of the channels, such as 1/16, not “{0}”.', value));
	}
	return number;
}

function usage(detail: string): InspectorError {
	return new InspectorError({ code: 'usage', detail });
}
