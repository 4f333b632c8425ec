import { parseArgs } from 'node:util';
import * as l10n from '@vscode/l10n';
import { multiScaleRules } from '../../core/segmentation/multiScale';
import type { Command } from './commands';
import { options, type Values } from './options';
import { usage } from './optionValues';
import { adoptCommand } from './parsers/adopt';
import { compareBackendsCommand } from './parsers/compareBackends';
import { crfCommand } from './parsers/crf';
import { doctorCommand } from './parsers/doctor';
import { explainCommand } from './parsers/explain';
import { importCommand } from './parsers/import';
import { infoCommand } from './parsers/info';
import { newCommand } from './parsers/new';
import { segmentCommand } from './parsers/segment';

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
			return infoCommand(values, operands);
		case 'import':
			return importCommand(values, operands);
		case 'new':
			return newCommand(values, operands);
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

function parse(args: readonly string[]): { readonly values: Values; readonly positionals: readonly string[] } {
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
