import * as l10n from '@vscode/l10n';
import { randomBackbones, randomHeads } from '../../../core/onnx/networks/randomWeights';
import type { NewCommand } from '../commands';
import { allow, type Values } from '../options';
import { oneOf, outputStride, usage, whole } from '../optionValues';

/** @throws InspectorError `usage` */
export function newCommand(values: Values, operands: readonly string[]): NewCommand {
	allow('new', values, ['out', 'classes', 'name', 'output-stride', 'backbone', 'head', 'width', 'seed']);
	if (operands.length > 0) {
		throw usage(l10n.t('new takes everything by options: “{0}” has none.', operands[0]!));
	}
	if (!values.out) {
		throw usage(l10n.t('new needs a file for the model: --out MODEL.onnx.'));
	}
	return {
		name: 'new',
		out: values.out,
		backbone: oneOf('backbone', values.backbone, randomBackbones) ?? 'resnet101',
		head: oneOf('head', values.head, randomHeads) ?? 'aspp-l',
		classes: whole('classes', values.classes, 2, 256) ?? 21,
		width: share(values.width ?? '1'),
		seed: whole('seed', values.seed, 0, 2 ** 32 - 1) ?? 1,
		outputStride: outputStride(values['output-stride']) ?? 8,
		modelName: values.name || undefined,
	};
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
