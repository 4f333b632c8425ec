import * as l10n from '@vscode/l10n';
import { backendChoices } from '../../../core/backend';
import type { SegmentCommand } from '../commands';
import { crfOptionNames, crfParameters, crfResolution } from '../crfParameters';
import { allow, type OptionName, type Values } from '../options';
import { longestSide, modelFile, multiScaleRule, oneOf, outputStride, threadCount, usage } from '../optionValues';

/** @throws InspectorError `usage` */
export function segmentCommand(values: Values, images: readonly string[]): SegmentCommand {
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
		threads: threadCount(values.threads),
		backend: oneOf('backend', values.backend, backendChoices) ?? 'auto',
		longestSide: longestSide(values['longest-side']),
		multiScale: multiScaleRule(values['multi-scale']),
		outputStride: outputStride(values['output-stride']),
		crf: values.crf
			? { parameters: crfParameters(values), resolution: crfResolution(values['crf-resolution']) }
			: undefined,
	};
}
