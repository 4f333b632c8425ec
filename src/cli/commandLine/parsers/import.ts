import * as l10n from '@vscode/l10n';
import { parseRates } from '../../../shared/importInput';
import type { ImportCommand } from '../commands';
import { allow, type Values } from '../options';
import { channelOrder, classesSource, outputStride, triple, truth, usage } from '../optionValues';

/** @throws InspectorError `usage` */
export function importCommand(values: Values, operands: readonly string[]): ImportCommand {
	allow('import', values, [
		'out',
		'classes',
		'json',
		'name',
		'rates',
		'sum',
		'align-corners',
		'mean',
		'channel-order',
		'keep-batch-norm',
		'pool5a',
		'output-stride',
	]);
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

function importOverrides(values: Values): ImportCommand['overrides'] {
	return {
		name: values.name || undefined,
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

function rates(option: string, value: string | undefined): number[] | undefined {
	if (value === undefined) {
		return undefined;
	}
	const found = parseRates(value);
	if (!found) {
		throw usage(l10n.t('--{0} takes dilation rates, such as 6,12,18,24, not “{1}”.', option, value));
	}
	return found;
}
