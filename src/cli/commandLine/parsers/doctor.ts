import * as l10n from '@vscode/l10n';
import type { DoctorCommand } from '../commands';
import { allow, type Values } from '../options';
import { longestSide, modelFile, threadCount, usage } from '../optionValues';

/** @throws InspectorError `usage` */
export function doctorCommand(values: Values, operands: readonly string[]): DoctorCommand {
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
		threads: threadCount(values.threads),
		longestSide: longestSide(values['longest-side']),
		json: values.json ?? false,
	};
}
