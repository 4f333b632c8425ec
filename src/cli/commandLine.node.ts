import { parseArgs } from 'node:util';
import * as l10n from '@vscode/l10n';
import { InspectorError } from '../core/problem';

export interface SegmentCommand {
	readonly name: 'segment';
	readonly images: readonly string[];
	readonly out: string;
	readonly npz: boolean;
	readonly json: boolean;
	/** Undefined: the bundled one. */
	readonly model: string | undefined;
	readonly threads: number | undefined;
	readonly longestSide: number | undefined;
}

export interface InfoCommand {
	readonly name: 'info';
	/** Undefined: the bundled one. */
	readonly model: string | undefined;
	readonly json: boolean;
	/** Height and width. */
	readonly inputSize: readonly [number, number] | undefined;
}

export type Command = SegmentCommand | InfoCommand | { readonly name: 'help' } | { readonly name: 'version' };

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
			refuse(name, values, ['input-size']);
			if (operands.length === 0) {
				throw usage(l10n.t('segment needs at least one picture.'));
			}
			if (!values.out) {
				throw usage(l10n.t('segment needs a folder for the masks: --out DIR.'));
			}
			return {
				name,
				images: operands,
				out: values.out,
				npz: values.npz ?? false,
				json: values.json ?? false,
				model: modelFile(values.model),
				threads: count('--threads', values.threads, 256),
				longestSide: count('--longest-side', values['longest-side'], 16384),
			};
		case 'info':
			refuse(name, values, ['out', 'npz', 'model', 'threads', 'longest-side']);
			if (operands.length > 1) {
				throw usage(l10n.t('info takes one model.'));
			}
			return {
				name,
				model: modelFile(operands[0]),
				json: values.json ?? false,
				inputSize: size('--input-size', values['input-size']),
			};
		case undefined:
			throw usage(l10n.t('Say what to do: segment or info.'));
		default:
			throw usage(l10n.t('There is no command “{0}”; there are segment and info.', name));
	}
}

const options = {
	out: { type: 'string' },
	npz: { type: 'boolean' },
	json: { type: 'boolean' },
	model: { type: 'string' },
	threads: { type: 'string' },
	'longest-side': { type: 'string' },
	'input-size': { type: 'string' },
	help: { type: 'boolean', short: 'h' },
	version: { type: 'boolean' },
} as const;

function parse(args: readonly string[]) {
	try {
		return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
	} catch (error) {
		throw usage(error instanceof Error ? error.message : String(error));
	}
}

function refuse(
	command: string,
	values: ReturnType<typeof parse>['values'],
	names: readonly (keyof typeof options)[],
): void {
	for (const name of names) {
		if (values[name] !== undefined) {
			throw usage(l10n.t('{0} has no option --{1}.', command, name));
		}
	}
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
