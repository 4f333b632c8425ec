import { parseArgs } from 'node:util';
import * as l10n from '@vscode/l10n';
import { type BackendChoice, backendChoices } from '../core/backend';
import type { ImportOverrides } from '../core/checkpoint/importCheckpoint';
import type { CrfResolution } from '../core/crf/grid';
import type { CrfParameters } from '../core/crf/parameters';
import type { AdoptOptions } from '../core/onnx/discover/adopt';
import type { OutputStride } from '../core/onnx/networks/outputStride';
import { InspectorError } from '../core/problem';
import { type MultiScaleRule, multiScaleRules } from '../core/segmentation/multiScale';
import { adoptChoices, adoptOptionNames, adoptOptions, sharedOptionNames } from './adoptOptions';
import { crfOptionNames, crfOptions, crfParameters, crfResolution } from './crfOptions';
import {
	type ClassesSource,
	classesSource,
	importOptionNames,
	importOptions,
	importOverrides,
	outputStride,
} from './importOptions';
import { type NewCommand, newCommand, newOptionNames, newOptions } from './newOptions';

export interface SegmentCommand {
	readonly name: 'segment';
	readonly images: readonly string[];
	readonly out: string;
	readonly npz: boolean;
	/** Whether each picture's profile is written. */
	readonly profile: boolean;
	readonly json: boolean;
	/** Undefined: the bundled one. */
	readonly model: string | undefined;
	readonly threads: number | undefined;
	readonly backend: BackendChoice;
	readonly longestSide: number | undefined;
	/** Undefined: the full scale alone. */
	readonly multiScale: MultiScaleRule | undefined;
	/** Undefined: the model's own. */
	readonly outputStride: OutputStride | undefined;
	/** Undefined: the network's mask is left as it is. */
	readonly crf: SegmentCrf | undefined;
}

export interface SegmentCrf {
	readonly parameters: CrfParameters;
	/** Undefined: by the picture's size. */
	readonly resolution: CrfResolution | undefined;
}

/** Where the unary of `crf` comes from. */
export type UnarySource =
	| { readonly kind: 'unary' | 'probabilities'; readonly file: string }
	| {
			readonly kind: 'labels';
			readonly file: string;
			/** Of the label that is given, 0…1. */
			readonly probability: number;
			readonly classes: number;
	  };

export interface CrfCommand {
	readonly name: 'crf';
	readonly image: string;
	readonly source: UnarySource;
	readonly parameters: CrfParameters;
	/** For Q. */
	readonly out: string;
	readonly mask: string | undefined;
	readonly threads: number | undefined;
	readonly json: boolean;
}

export interface ExplainCommand {
	readonly name: 'explain';
	readonly image: string;
	/** A picture pixel, whose nearest cell is meant, or a cell of the logit grid. */
	readonly place:
		| { readonly kind: 'pixel'; readonly x: number; readonly y: number }
		| { readonly kind: 'cell'; readonly row: number; readonly column: number };
	/** Name or index; undefined: the winner there. */
	readonly className: string | undefined;
	/** Undefined: the bundled one. */
	readonly model: string | undefined;
	readonly threads: number | undefined;
	readonly longestSide: number | undefined;
	readonly json: boolean;
}

export interface InfoCommand {
	readonly name: 'info';
	/** Undefined: the bundled one. */
	readonly model: string | undefined;
	/** Prints every layer's receptive field instead of the layers. */
	readonly receptiveFields: boolean;
	readonly json: boolean;
	/** Height and width. */
	readonly inputSize: readonly [number, number] | undefined;
}

export interface ImportCommand {
	readonly name: 'import';
	readonly checkpoint: string;
	/** For the model. */
	readonly out: string;
	/** Undefined: those of the data set with as many. */
	readonly classes: ClassesSource | undefined;
	readonly overrides: Omit<ImportOverrides, 'classes'>;
	readonly json: boolean;
}

export interface AdoptCommand {
	readonly name: 'adopt';
	/** An ONNX file of another tool. */
	readonly model: string;
	/** For the model. */
	readonly out: string;
	/** Undefined: those of the data set with as many. */
	readonly classes: ClassesSource | undefined;
	readonly options: Omit<AdoptOptions, 'classes'>;
	readonly json: boolean;
}

export interface DoctorCommand {
	readonly name: 'doctor';
	/** Undefined: the bundled one. */
	readonly model: string | undefined;
	readonly image: string;
	/** A mask of labels. */
	readonly truth: string | undefined;
	/** Folder for the masks; undefined: none are written. */
	readonly out: string | undefined;
	readonly threads: number | undefined;
	readonly longestSide: number | undefined;
	readonly json: boolean;
}

export interface CompareBackendsCommand {
	readonly name: 'compare-backends';
	readonly image: string;
	/** Undefined: the bundled one. */
	readonly model: string | undefined;
	readonly threads: number | undefined;
	readonly longestSide: number | undefined;
	/** Undefined: the full scale alone. */
	readonly multiScale: MultiScaleRule | undefined;
	readonly json: boolean;
}

export type Command =
	| SegmentCommand
	| CrfCommand
	| ExplainCommand
	| InfoCommand
	| ImportCommand
	| NewCommand
	| AdoptCommand
	| DoctorCommand
	| CompareBackendsCommand
	| { readonly name: 'help' }
	| { readonly name: 'version' };

/**
 * @param args what follows the program's name
 * @throws InspectorError `usage`
 */
export function parseCommandLine(args: readonly string[]): Command {
	const { values, positionals } = parse(args);
	if (values.help) {
		return { name: 'help' };
	}
	if (values.version) {
		return { name: 'version' };
	}
	const [name, ...operands] = positionals;
	switch (name) {
		case 'segment':
			return segmentCommand(values, operands);
		case 'crf':
			return crfCommand(values, operands);
		case 'explain':
			return explainCommand(values, operands);
		case 'info':
			allow('info', values, ['json', 'input-size', 'receptive-fields']);
			if (operands.length > 1) {
				throw usage(l10n.t('info takes one model.'));
			}
			return {
				name,
				model: modelFile(operands[0]),
				receptiveFields: values['receptive-fields'] ?? false,
				json: values.json ?? false,
				inputSize: size('--input-size', values['input-size']),
			};
		case 'import':
			return importCommand(values, operands);
		case 'new':
			allow('new', values, ['out', 'classes', 'name', 'output-stride', ...newOptionNames]);
			if (operands.length > 0) {
				throw usage(l10n.t('new takes everything by options: “{0}” has none.', operands[0]!));
			}
			return newCommand(values);
		case 'adopt':
			return adoptCommand(values, operands);
		case 'doctor':
			return doctorCommand(values, operands);
		case 'compare-backends':
			return compareBackendsCommand(values, operands);
		case undefined:
			throw usage(
				l10n.t('Say what to do: segment, crf, explain, info, import, new, adopt, doctor or compare-backends.'),
			);
		default:
			throw usage(
				l10n.t(
					'There is no command “{0}”; there are segment, crf, explain, info, import, new, adopt, doctor and compare-backends.',
					name,
				),
			);
	}
}

const options = {
	out: { type: 'string', short: 'o' },
	npz: { type: 'boolean' },
	profile: { type: 'boolean' },
	json: { type: 'boolean' },
	model: { type: 'string' },
	threads: { type: 'string' },
	backend: { type: 'string' },
	'longest-side': { type: 'string' },
	'multi-scale': { type: 'string' },
	'input-size': { type: 'string' },
	crf: { type: 'boolean' },
	'crf-resolution': { type: 'string' },
	...crfOptions,
	...importOptions,
	...newOptions,
	...adoptOptions,
	truth: { type: 'string' },
	image: { type: 'string' },
	unary: { type: 'string' },
	probabilities: { type: 'string' },
	labels: { type: 'string' },
	'gt-prob': { type: 'string' },
	classes: { type: 'string' },
	mask: { type: 'string' },
	at: { type: 'string' },
	cell: { type: 'string' },
	class: { type: 'string' },
	'receptive-fields': { type: 'boolean' },
	help: { type: 'boolean', short: 'h' },
	version: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parse>['values'];
type OptionName = keyof typeof options;

function parse(args: readonly string[]) {
	try {
		return parseArgs({ args: withRule(args), options, allowPositionals: true, strict: true });
	} catch (error) {
		throw usage(error instanceof Error ? error.message : String(error));
	}
}

/** `--multi-scale` may stand without its rule, which is then Caffe's. */
function withRule(args: readonly string[]): string[] {
	return args.map((arg, index) => {
		const next = args[index + 1];
		return arg === '--multi-scale' && !multiScaleRules.some((rule) => rule === next)
			? `${arg}=${multiScaleRules[0]}`
			: arg;
	});
}

function segmentCommand(values: Values, images: readonly string[]): SegmentCommand {
	const ofCrf: readonly OptionName[] = ['crf-resolution', ...crfOptionNames];
	const ofNetwork: readonly OptionName[] = [
		'model',
		'threads',
		'backend',
		'longest-side',
		'multi-scale',
		'output-stride',
	];
	allow('segment', values, ['out', 'npz', 'profile', 'json', 'crf', ...ofNetwork, ...ofCrf]);
	if (images.length === 0) {
		throw usage(l10n.t('segment needs at least one picture.'));
	}
	if (!values.out) {
		throw usage(l10n.t('segment needs a folder for the masks: --out DIR.'));
	}
	const stray = values.crf ? undefined : ofCrf.find((name) => values[name] !== undefined);
	if (stray) {
		throw usage(l10n.t('--{0} is an option of the CRF: add --crf.', stray));
	}
	return {
		name: 'segment',
		images,
		out: values.out,
		npz: values.npz ?? false,
		profile: values.profile ?? false,
		json: values.json ?? false,
		model: modelFile(values.model),
		threads: count('--threads', values.threads, 256),
		backend: backendChoice(values.backend),
		longestSide: count('--longest-side', values['longest-side'], 16384),
		multiScale: multiScaleRule(values['multi-scale']),
		outputStride: outputStride(values['output-stride']),
		crf: values.crf
			? { parameters: crfParameters(values), resolution: crfResolution(values['crf-resolution']) }
			: undefined,
	};
}

function crfCommand(values: Values, operands: readonly string[]): CrfCommand {
	allow('crf', values, [
		'image',
		...unaryOptions,
		'gt-prob',
		'classes',
		'out',
		'mask',
		'threads',
		'json',
		...crfOptionNames,
	]);
	if (operands.length > 0) {
		throw usage(l10n.t('crf takes its files by options: “{0}” has none.', operands[0]!));
	}
	if (!values.image) {
		throw usage(l10n.t('crf needs a picture: --image FILE.'));
	}
	if (!values.out) {
		throw usage(l10n.t('crf needs a file for Q: --out FILE.npy.'));
	}
	return {
		name: 'crf',
		image: values.image,
		source: unarySource(values),
		parameters: crfParameters(values),
		out: values.out,
		mask: values.mask || undefined,
		threads: count('--threads', values.threads, 256),
		json: values.json ?? false,
	};
}

const unaryOptions = ['unary', 'probabilities', 'labels'] as const;

function unarySource(values: Values): UnarySource {
	const given = unaryOptions.filter((name) => values[name]);
	const [kind] = given;
	if (kind === undefined || given.length > 1) {
		throw usage(l10n.t('crf needs one of --unary FILE.npy, --probabilities FILE.npy and --labels FILE.png.'));
	}
	const file = values[kind]!;
	if (kind !== 'labels') {
		const stray = (['gt-prob', 'classes'] as const).find((name) => values[name] !== undefined);
		if (stray) {
			throw usage(l10n.t('--{0} goes with --labels.', stray));
		}
		return { kind, file };
	}
	const classes = count('--classes', values.classes, 255);
	if (classes === undefined || classes < 2) {
		throw usage(l10n.t('--labels needs the number of classes, 2 to 255: --classes N.'));
	}
	const text = values['gt-prob'] ?? '0.7';
	const probability = Number(text);
	if (!(probability > 0 && probability < 1)) {
		throw usage(l10n.t('--gt-prob takes a number between 0 and 1, not “{0}”.', text));
	}
	return { kind, file, probability, classes };
}

function importCommand(values: Values, operands: readonly string[]): ImportCommand {
	allow('import', values, ['out', 'classes', 'json', ...importOptionNames]);
	const [checkpoint] = operands;
	if (checkpoint === undefined || operands.length > 1) {
		throw usage(l10n.t('import takes one checkpoint.'));
	}
	if (!values.out) {
		throw usage(l10n.t('import needs a file for the model: --out MODEL.onnx.'));
	}
	return {
		name: 'import',
		checkpoint,
		out: values.out,
		classes: classesSource(values.classes),
		overrides: importOverrides(values),
		json: values.json ?? false,
	};
}

function adoptCommand(values: Values, operands: readonly string[]): AdoptCommand {
	allow('adopt', values, ['out', 'classes', 'longest-side', 'json', ...sharedOptionNames, ...adoptOptionNames]);
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
		options: { ...adoptChoices(values), longestSide: count('--longest-side', values['longest-side'], 16384) },
		json: values.json ?? false,
	};
}

function doctorCommand(values: Values, operands: readonly string[]): DoctorCommand {
	allow('doctor', values, ['truth', 'out', 'threads', 'longest-side', 'json']);
	const [model, image] = operands;
	if (model === undefined || image === undefined || operands.length > 2) {
		throw usage(l10n.t('doctor takes a model and a picture.'));
	}
	return {
		name: 'doctor',
		model: modelFile(model),
		image,
		truth: values.truth || undefined,
		out: values.out || undefined,
		threads: count('--threads', values.threads, 256),
		longestSide: count('--longest-side', values['longest-side'], 16384),
		json: values.json ?? false,
	};
}

function compareBackendsCommand(values: Values, operands: readonly string[]): CompareBackendsCommand {
	allow('compare-backends', values, ['model', 'threads', 'longest-side', 'multi-scale', 'json']);
	const [image] = operands;
	if (image === undefined || operands.length > 1) {
		throw usage(l10n.t('compare-backends takes one picture.'));
	}
	return {
		name: 'compare-backends',
		image,
		model: modelFile(values.model),
		threads: count('--threads', values.threads, 256),
		longestSide: count('--longest-side', values['longest-side'], 16384),
		multiScale: multiScaleRule(values['multi-scale']),
		json: values.json ?? false,
	};
}

function explainCommand(values: Values, operands: readonly string[]): ExplainCommand {
	allow('explain', values, ['at', 'cell', 'class', 'model', 'threads', 'longest-side', 'json']);
	const [image] = operands;
	if (image === undefined || operands.length > 1) {
		throw usage(l10n.t('explain takes one picture.'));
	}
	if (values.class === '') {
		throw usage(l10n.t('--class takes a class, by its name or its index.'));
	}
	return {
		name: 'explain',
		image,
		place: place(values),
		className: values.class,
		model: modelFile(values.model),
		threads: count('--threads', values.threads, 256),
		longestSide: count('--longest-side', values['longest-side'], 16384),
		json: values.json ?? false,
	};
}

function place({ at, cell }: Values): ExplainCommand['place'] {
	if ((at === undefined) === (cell === undefined)) {
		throw usage(
			l10n.t('explain needs either --at X,Y, a pixel of the picture, or --cell ROW,COL, a cell of the logit grid.'),
		);
	}
	const numbers = /^(\d{1,6}),(\d{1,6})$/
		.exec(at ?? cell ?? '')
		?.slice(1)
		.map(Number);
	if (!numbers) {
		throw at === undefined
			? usage(l10n.t('--cell takes a row and a column, such as 12,20, not “{0}”.', cell ?? ''))
			: usage(l10n.t('--at takes X and Y in pixels, such as 120,80, not “{0}”.', at));
	}
	const [first, second] = numbers as [number, number];
	return at === undefined ? { kind: 'cell', row: first, column: second } : { kind: 'pixel', x: first, y: second };
}

/** @throws InspectorError `usage` for an option that the command does not have */
function allow(command: string, values: Values, names: readonly OptionName[]): void {
	for (const name of Object.keys(values) as OptionName[]) {
		if (values[name] !== undefined && !names.includes(name)) {
			throw usage(l10n.t('{0} has no option --{1}.', command, name));
		}
	}
}

function multiScaleRule(value: string | undefined): MultiScaleRule | undefined {
	const rule = multiScaleRules.find((each) => each === value);
	if (value !== undefined && !rule) {
		throw usage(l10n.t('--multi-scale takes {0}, not “{1}”.', multiScaleRules.join(', '), value));
	}
	return rule;
}

function backendChoice(value = 'auto'): BackendChoice {
	const choice = backendChoices.find((each) => each === value);
	if (!choice) {
		throw usage(l10n.t('--backend takes {0}, not “{1}”.', backendChoices.join(', '), value));
	}
	return choice;
}

function modelFile(value: string | undefined): string | undefined {
	return value === 'bundled' ? undefined : value;
}

function count(option: string, value: string | undefined, largest: number): number | undefined {
	if (value === undefined) {
		return undefined;
	}
	const number = /^\d+$/.test(value) ? Number(value) : 0;
	if (number < 1 || number > largest) {
		throw usage(l10n.t('{0} takes a whole number from 1 to {1}, not “{2}”.', option, largest, value));
	}
	return number;
}

function size(option: string, value: string | undefined): readonly [number, number] | undefined {
	if (value === undefined) {
		return undefined;
	}
	const [, height, width] = /^(\d{1,5})x(\d{1,5})$/i.exec(value) ?? [];
	if (!Number(height) || !Number(width)) {
		throw usage(l10n.t('{0} takes height and width, such as 513x513, not “{1}”.', option, value));
	}
	return [Number(height), Number(width)];
}

function usage(detail: string): InspectorError {
	return new InspectorError({ code: 'usage', detail });
}
