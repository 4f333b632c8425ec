import * as l10n from '@vscode/l10n';
import type { Preprocessing } from '../core/model';
import type { AdoptReport } from '../core/onnx/discover/adopt';
import { padText } from './importInput';

/** What a user reads of an ONNX model of another tool before it is adopted, in the display language. */
export interface AdoptionDescription {
	readonly facts: readonly (readonly [title: string, value: string])[];
	/** What was decided and may be decided otherwise, and what the model lacks, a sentence each. */
	readonly notes: readonly string[];
}

export function describeAdoption(report: AdoptReport): AdoptionDescription {
	const { discovery, metadata } = report;
	const { preprocessing } = metadata;
	return {
		facts: [
			[l10n.t('ASPP head'), head(report)],
			[
				l10n.t('Logits'),
				discovery.logits.behind.length > 0
					? l10n.t('taken before {0}', discovery.logits.behind.join(', '))
					: l10n.t('the output itself'),
			],
			[
				l10n.t('Output stride'),
				report.outputStrideKnown ? String(metadata.outputStride) : l10n.t('not told by the graph, taken to be 8'),
			],
			[l10n.t('Classes'), classes(report)],
			[
				l10n.t('Input'),
				l10n.t(
					'{0}, mean {1}, deviation {2}',
					preprocessing.channelOrder,
					preprocessing.mean.join(', '),
					preprocessing.std.join(', '),
				),
			],
			[l10n.t('Size'), size(preprocessing)],
			[
				l10n.t('Resizing of logits'),
				l10n.t(
					'align_corners {0} ({1})',
					String(preprocessing.alignCorners),
					{ given: l10n.t('given'), graph: l10n.t('as the graph has it'), assumed: l10n.t('assumed') }[
						report.alignCornersFrom
					],
				),
			],
		],
		notes: notes(report),
	};
}

function head({ discovery, metadata }: AdoptReport): string {
	const rates = metadata.branches.map(({ rate }) => rate).join(', ');
	switch (discovery.head?.join) {
		case undefined:
			return l10n.t('none');
		case 'sum':
			return metadata.linearHead
				? l10n.t('dilation rates {0}, one convolution each, summed', rates)
				: l10n.t('dilation rates {0}, several layers each, summed', rates);
		case 'mixed':
			return l10n.t('dilation rates {0}, mixed by later layers', rates);
	}
}

function classes({ metadata, classSet, classesFrom }: AdoptReport): string {
	const count = metadata.classes.length;
	switch (classesFrom) {
		case 'given':
			return classSet ? l10n.t('{0}, named as in {1}', count, classSet) : l10n.t('{0}, named as given', count);
		case 'count':
			return l10n.t('{0}, as many as in {1}, whose names they have', count, classSet ?? '');
		case 'numbers':
			return l10n.t('{0}, numbered', count);
	}
}

function size({ inputSize, longestSide, padMultiple, padRemainder = 1, resize = 'fit' }: Preprocessing): string {
	if (inputSize) {
		const [height, width] = inputSize;
		return resize === 'fit'
			? l10n.t('{0} x {1} alone; pictures are fitted into it and padded', height, width)
			: l10n.t('{0} x {1} alone; pictures are stretched to it', height, width);
	}
	return resize === 'fit'
		? l10n.t(
				'longest side at most {0}, padded to {1}',
				longestSide,
				padText({ multiple: padMultiple, remainder: padRemainder }),
			)
		: l10n.t('stretched to {0} x {0}', longestSide);
}

function notes({ discovery, normalizationFrom, metadata }: AdoptReport): string[] {
	const found: string[] = [];
	if (discovery.headMissing !== undefined) {
		found.push(l10n.t('Pictures can be segmented, but the ASPP views stay empty: {0}.', discovery.headMissing));
	}
	if (metadata.join === 'mixed') {
		found.push(
			l10n.t(
				'Its branches are feature maps, not logits: the ASPP views show them, and the logit without each, but no shares of a logit.',
			),
		);
	}
	if (normalizationFrom === 'assumed') {
		found.push(
			l10n.t(
				'No graph tells how pictures reach it: torchvision’s mean and deviation are assumed. “deeplab-inspector doctor” compares the likely choices on a picture.',
			),
		);
	}
	return found;
}
