import * as l10n from '@vscode/l10n';
import type { CompareBackendsCommand } from '../commands';
import { allow, type Values } from '../options';
import { longestSide, modelFile, multiScaleRule, threadCount, usage } from '../optionValues';

/** @throws InspectorError `usage` */
export function compareBackendsCommand(values: Values, operands: readonly string[]): CompareBackendsCommand {
	allow('compare-backends', values, ['model', 'threads', 'longest-side', 'multi-scale', 'json']);
	const [image] = operands;
	if (image === undefined || operands.length > 1) {
		throw usage(l10n.t('compare-backends takes one picture.'));
	}
	return {
		name: 'compare-backends',
		image,
		model: modelFile(values.model),
		threads: threadCount(values.threads),
		longestSide: longestSide(values['longest-side']),
		multiScale: multiScaleRule(values['multi-scale']),
		json: values.json ?? false,
	};
}
