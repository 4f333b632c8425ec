import * as l10n from '@vscode/l10n';
import type { Family } from '../core/checkpoint/families/recognize';
import type { ImportReport } from '../core/checkpoint/importCheckpoint';
import type { CheckpointFormat } from '../core/checkpoint/readCheckpoint';
import type { ClassSetId } from '../core/classSets';
import { roundedRates, trainedStride } from '../core/onnx/networks/outputStride';

/** What a user reads of a checkpoint before it is imported, in the display language. */
export interface ImportDescription {
	readonly facts: readonly (readonly [title: string, value: string])[];
	/** What was decided and may be decided otherwise, a sentence each. */
	readonly notes: readonly string[];
}

export function describeImport(report: ImportReport): ImportDescription {
	const { preprocessing } = report;
	const rates = report.branches.map(({ rate }) => rate).join(', ');
	return {
		facts: [
			[l10n.t('File'), formatName(report.format)],
			[l10n.t('Layers named as by'), familyName(report.family)],
			[l10n.t('Backbone'), l10n.t('{0}, output stride {1}', report.backbone, report.outputStride)],
			[l10n.t('Dilation rates'), l10n.t('{0} ({1})', rates, ratesSource(report.ratesFrom))],
			[l10n.t('Branches'), report.linearHead ? l10n.t('one convolution each') : l10n.t('fc6, fc7 and fc8 each')],
			[l10n.t('Classes'), classesText(report)],
			[
				l10n.t('Input'),
				l10n.t(
					'{0}, mean {1}; logits resized with align_corners {2}',
					preprocessing.channelOrder,
					preprocessing.mean.join(', '),
					String(preprocessing.alignCorners),
				),
			],
			[l10n.t('Numbers read'), new Intl.NumberFormat('en').format(report.parameters)],
		],
		notes: notes(report),
	};
}

function notes(report: ImportReport): string[] {
	const found: string[] = [];
	if (report.through.length > 0) {
		found.push(l10n.t('The weights were under “{0}”.', report.through.join('”, “')));
	}
	if (report.otherPrefixes.length > 0) {
		found.push(
			l10n.t(
				'The file holds several networks; the one named “{0}” was taken, not “{1}”.',
				report.prefix,
				report.otherPrefixes.join('”, “'),
			),
		);
	}
	if (report.heads.main.length > 1) {
		found.push(l10n.t('The outputs of the heads {0} are added.', report.heads.main.join(', ')));
	}
	if (report.heads.auxiliary.length > 0) {
		found.push(l10n.t('The head {0} is of training alone and was left out.', report.heads.auxiliary.join(', ')));
	}
	if (report.outputStride !== trainedStride) {
		found.push(...strideNotes(report));
	}
	const without = report.branches.filter(({ summed }) => !summed).map(({ rate }) => rate);
	if (without.length > 0) {
		found.push(l10n.t('The branches with rate {0} were left out, as was asked for.', without.join(', ')));
	}
	if (report.suggestedSum) {
		const untrained = report.branches.filter((branch) => branch.untrained).map(({ rate }) => rate);
		found.push(
			l10n.t(
				'The branches with rate {0} look as if they had never been trained. Several code bases add up only the others; if yours is one, import with the sum {1}.',
				untrained.join(', '),
				report.suggestedSum.join(','),
			),
		);
	}
	if (report.left.length > 0) {
		const some = report.left.slice(0, 3).join('”, “');
		found.push(
			report.left.length > 3
				? l10n.t('{0} tensors have no part in the network: “{1}” and others.', report.left.length, some)
				: l10n.t('Tensors that have no part in the network: “{0}”.', some),
		);
	}
	return found;
}

function strideNotes({ outputStride, modelRates, branches }: ImportReport): string[] {
	const rounded = roundedRates(
		branches.flatMap(({ rate, summed }) => (summed ? [rate] : [])),
		outputStride,
	);
	const notes = [
		l10n.t(
			'At output stride {0} the taps stay where they are in the picture with the dilation rates {1}.',
			outputStride,
			modelRates.join(', '),
		),
	];
	return rounded.length === 0
		? notes
		: [...notes, l10n.t('The rates {0} do not divide and were rounded: those taps move.', rounded.join(', '))];
}

export function classesText({ classes: count, classSet, classesFrom }: ImportReport): string {
	switch (classesFrom) {
		case 'given':
			return classSet
				? l10n.t('{0}, those of {1}', count, classSetName(classSet))
				: l10n.t('{0}, named as given', count);
		case 'count':
			return l10n.t('{0}, by their number those of {1}', count, classSet ? classSetName(classSet) : '');
		case 'numbers':
			return l10n.t('{0}, numbered, since no data set known here has as many', count);
		default: {
			const unknown: never = classesFrom;
			throw new Error(`unknown source ${String(unknown)}`);
		}
	}
}

export function ratesSource(from: ImportReport['ratesFrom']): string {
	switch (from) {
		case 'file':
			return l10n.t('from the file');
		case 'paper':
			return l10n.t('the paper’s; the file does not say');
		case 'given':
			return l10n.t('as given');
		default: {
			const unknown: never = from;
			throw new Error(`unknown source ${String(unknown)}`);
		}
	}
}

export function formatName(format: CheckpointFormat): string {
	switch (format) {
		case 'caffe':
			return l10n.t('Caffe model');
		case 'torch.zip':
			return l10n.t('PyTorch checkpoint');
		case 'torch.legacy':
			return l10n.t('PyTorch checkpoint of before 1.6');
		case 'safetensors':
			return l10n.t('safetensors');
		case 'npz':
			return l10n.t('NumPy archive');
		case 'npy':
			return l10n.t('NumPy file with a dict of arrays');
		default: {
			const unknown: never = format;
			throw new Error(`unknown format ${String(unknown)}`);
		}
	}
}

/** Names of repositories are no words to translate. */
export function familyName(family: Family): string {
	switch (family) {
		case 'caffe':
			return l10n.t('DeepLabv2’s own release');
		case 'tensorflow':
			return 'DrSleep/tensorflow-deeplab-resnet';
		case 'kazuto':
			return 'kazuto1011/deeplab-pytorch';
		case 'kazuto.old':
			return l10n.t('{0} before 2019', 'kazuto1011/deeplab-pytorch');
		case 'isht7':
			return 'isht7/pytorch-deeplab-resnet';
		case 'torchvision':
			return l10n.t('speedinghzl/Pytorch-Deeplab, AdaptSegNet, ADVENT and others');
		default: {
			const unknown: never = family;
			throw new Error(`unknown family ${String(unknown)}`);
		}
	}
}

export function classSetName(id: ClassSetId): string {
	switch (id) {
		case 'voc':
			return 'PASCAL VOC';
		case 'cityscapes':
			return 'Cityscapes';
		case 'coco-stuff':
			return 'COCO-Stuff';
		case 'pascal-context':
			return 'PASCAL-Context';
		case 'person-part':
			return 'PASCAL-Person-Part';
		default: {
			const unknown: never = id;
			throw new Error(`unknown class set ${String(unknown)}`);
		}
	}
}
