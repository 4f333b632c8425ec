/** Every option of every command, for `parseArgs`. Which of them a command has, its parser says. */
import * as l10n from '@vscode/l10n';
import { usage } from './optionValues';

export const options = {
	help: { type: 'boolean', short: 'h' },
	version: { type: 'boolean' },

	// What goes in and comes out.
	out: { type: 'string', short: 'o' },
	json: { type: 'boolean' },
	npz: { type: 'boolean' },
	profile: { type: 'boolean' },
	image: { type: 'string' },
	unary: { type: 'string' },
	probabilities: { type: 'string' },
	labels: { type: 'string' },
	'gt-prob': { type: 'string' },
	mask: { type: 'string' },
	truth: { type: 'string' },

	// How the network is run.
	model: { type: 'string' },
	threads: { type: 'string' },
	backend: { type: 'string' },
	'longest-side': { type: 'string' },
	'multi-scale': { type: 'string' },
	'output-stride': { type: 'string' },

	// The dense CRF.
	crf: { type: 'boolean' },
	'crf-resolution': { type: 'string' },
	preset: { type: 'string' },
	iterations: { type: 'string' },
	'bilateral-weight': { type: 'string' },
	'bilateral-sigma-xy': { type: 'string' },
	'bilateral-sigma-rgb': { type: 'string' },
	'spatial-weight': { type: 'string' },
	'spatial-sigma': { type: 'string' },
	normalization: { type: 'string' },
	exact: { type: 'boolean' },

	// What is told of a model.
	at: { type: 'string' },
	cell: { type: 'string' },
	class: { type: 'string' },
	'input-size': { type: 'string' },
	'receptive-fields': { type: 'boolean' },

	// How a model is made.
	name: { type: 'string' },
	classes: { type: 'string' },
	rates: { type: 'string' },
	sum: { type: 'string' },
	'align-corners': { type: 'string' },
	mean: { type: 'string' },
	std: { type: 'string' },
	normalize: { type: 'string' },
	'channel-order': { type: 'string' },
	'keep-batch-norm': { type: 'boolean' },
	pool5a: { type: 'string' },
	backbone: { type: 'string' },
	head: { type: 'string' },
	width: { type: 'string' },
	seed: { type: 'string' },
	resize: { type: 'string' },
	pad: { type: 'string' },
	'ignore-label': { type: 'string' },
} as const;

export type OptionName = keyof typeof options;

/** What was written behind each option; undefined: the option is not there. */
export type Values = {
	readonly [Name in OptionName]?: ((typeof options)[Name]['type'] extends 'boolean' ? boolean : string) | undefined;
};

/** @throws InspectorError `usage` for an option that the command does not have */
export function allow(command: string, values: Values, names: readonly OptionName[]): void {
	for (const name of Object.keys(values) as OptionName[]) {
		if (values[name] !== undefined && !names.includes(name)) {
			throw usage(l10n.t('{0} has no option --{1}.', command, name));
		}
	}
}
