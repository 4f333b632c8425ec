import * as l10n from '@vscode/l10n';
import type { InfoCommand } from '../commands';
import { allow, type Values } from '../options';
import { modelFile, usage } from '../optionValues';

/** @throws InspectorError `usage` */
export function infoCommand(values: Values, operands: readonly string[]): InfoCommand {
	allow('info', values, ['json', 'input-size', 'receptive-fields']);
	if (operands.length > 1) {
		throw usage(l10n.t('info takes one model.'));
	}
	return {
		name: 'info',
		model: modelFile(operands[0]),
		receptiveFields: values['receptive-fields'] ?? false,
		json: values.json ?? false,
		inputSize: inputSize(values['input-size']),
	};
}

/** Height and width. */
function inputSize(value: string | undefined): InfoCommand['inputSize'] {
	if (value === undefined) {
		return undefined;
	}
	const [, height, width] = /^(\d{1,5})x(\d{1,5})$/i.exec(value) ?? [];
	if (!Number(height) || !Number(width)) {
		throw usage(l10n.t('--input-size takes height and width, such as 513x513, not “{0}”.', value));
	}
	return [Number(height), Number(width)];
}
