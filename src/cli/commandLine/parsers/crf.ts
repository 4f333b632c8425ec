import * as l10n from '@vscode/l10n';
import type { CrfCommand, UnarySource } from '../commands';
import { crfOptionNames, crfParameters } from '../crfParameters';
import { allow, type Values } from '../options';
import { threadCount, usage, whole } from '../optionValues';

/** @throws InspectorError `usage` */
export function crfCommand(values: Values, operands: readonly string[]): CrfCommand {
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
		threads: threadCount(values.threads),
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
	const classes = whole('classes', values.classes, 1, 255);
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
