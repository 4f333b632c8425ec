/** The steps in which a user says of a model of another tool what its graph does not tell. */
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { type ChannelOrder, channelOrders, normalization } from '../../core/image/normalizations';
import type { AdoptOptions, AdoptReport } from '../../core/onnx/discover/adopt';
import { padText, parseDeviation, parseMean, parsePad } from '../../shared/importInput';
import { askClasses } from '../importing/classSteps';
import { inSteps, type Step } from '../importing/inSteps';
import { askText, type Choice, pickOne, yesOrNo } from '../importing/steps';
import { defaultValues, orderFor, type ValuesChoice, valuesChoices } from './adoptValues';

/** What the user says of a model; with `doctor` how pictures reach it is left to the doctor. */
export interface AdoptionChoice {
	readonly kind: 'said' | 'doctor';
	readonly adoption: AdoptOptions;
}

/** What has been answered so far. */
interface Answers {
	readonly values?: ValuesChoice | 'doctor';
	readonly channelOrder?: ChannelOrder;
	readonly mean?: string;
	readonly std?: string;
	readonly classes?: NonNullable<AdoptOptions['classes']>;
	readonly resize?: 'fit' | 'stretch';
	/** As the terminal's `--pad`; `custom` goes on to `customPad`. */
	readonly pad?: string;
	readonly customPad?: string;
	readonly alignCorners?: 'yes' | 'no';
}

/**
 * Asks one thing after the other, with a way back.
 * @param found what the model says itself, as it is taken without an answer
 * @returns undefined where the user gives up
 * @throws InspectorError `usage` where a file of names cannot be read
 */
export async function askAdoption(found: AdoptReport): Promise<AdoptionChoice | undefined> {
	const answers = await inSteps<Answers>({}, (given) => stepsOf(found, given));
	return answers && choiceOf(answers);
}

function stepsOf(found: AdoptReport, { values, resize, pad }: Answers): Step<Answers>[] {
	const classes = askClassesOf(found);
	if (values === 'doctor') {
		return [askValues(found), classes];
	}
	const isPadded = resize !== 'stretch' && !found.metadata.preprocessing.inputSize;
	return [
		askValues(found),
		askChannelOrder(found),
		...(values === 'custom' ? [askMean, askStd] : []),
		classes,
		askResize,
		...(isPadded ? [askPad(found)] : []),
		...(isPadded && pad === 'custom' ? [askCustomPad(found)] : []),
		...(found.alignCornersFrom === 'assumed' ? [askAlignCorners] : []),
	];
}

function choiceOf(answers: Answers): AdoptionChoice {
	const { values = defaultValues, channelOrder = 'RGB', mean, std, classes, resize, pad, customPad } = answers;
	if (values === 'doctor') {
		return { kind: 'doctor', adoption: { classes } };
	}
	const custom = values === 'custom' ? { mean: parseMean(mean ?? ''), std: parseDeviation(std ?? '') } : undefined;
	const none = values === 'none' ? ({ mean: [0, 0, 0], std: [1, 1, 1] } as const) : undefined;
	const preset = values === 'custom' || values === 'none' ? undefined : { normalization: values };
	// A step that an earlier answer has taken away may have been answered before.
	const padding = resize === 'stretch' ? undefined : parsePad((pad === 'custom' ? customPad : pad) ?? '');
	return {
		kind: 'said',
		adoption: {
			channelOrder,
			...custom,
			...none,
			...preset,
			classes,
			resize,
			...(padding ? { pad: padding } : {}),
			...(answers.alignCorners ? { alignCorners: answers.alignCorners === 'yes' } : {}),
		},
	};
}

function askValues(found: AdoptReport): Step<Answers> {
	const stated = found.stated.values;
	return async (answers, place) => {
		const values = await pickOne<ValuesChoice | 'doctor'>({
			title: l10n.t('How do pictures reach the model?'),
			placeholder: l10n.t('What its input has in place of 0…255'),
			choices: [
				...valuesChoices(stated),
				{ label: '', kind: vscode.QuickPickItemKind.Separator },
				{
					label: l10n.t('Compare on a Picture…'),
					iconPath: new vscode.ThemeIcon('beaker'),
					description: l10n.t('Preprocessing Doctor'),
					value: 'doctor',
				},
			],
			active: answers.values ?? stated ?? defaultValues,
			place,
		});
		// Other values have another usual order.
		const { channelOrder: _, ...others } = answers;
		return values && (values === answers.values ? answers : { ...others, values });
	};
}

function askChannelOrder({ stated }: AdoptReport): Step<Answers> {
	return async (answers, place) => {
		const usual = stated.channelOrder ?? orderFor(answers.values);
		const channelOrder = await pickOne<ChannelOrder>({
			title: l10n.t('Channel order'),
			placeholder: l10n.t('Of the network’s input, and of its mean'),
			choices: channelOrders.map((value) => ({
				label: value,
				description:
					value === stated.channelOrder
						? l10n.t('as the file says')
						: value === usual
							? l10n.t('usual with these values')
							: '',
				value,
			})),
			active: answers.channelOrder ?? usual,
			place,
		});
		return channelOrder && { ...answers, channelOrder };
	};
}

const askMean: Step<Answers> = async (answers, place) => {
	const { channelOrder = 'RGB' } = answers;
	const mean = await askText(
		{ title: l10n.t('Mean'), placeholder: l10n.t('Subtracted from 0…255, in the order {0}', channelOrder), place },
		answers.mean ?? normalization('imagenet', channelOrder).mean.join(', '),
		(text) => (parseMean(text) ? undefined : l10n.t('Three numbers from 0 to 255 with commas between')),
		(text) => scaleDoubt(parseMean(text)),
	);
	return mean === undefined ? undefined : { ...answers, mean };
};

const askStd: Step<Answers> = async (answers, place) => {
	const { channelOrder = 'RGB' } = answers;
	const std = await askText(
		{
			title: l10n.t('Deviation'),
			placeholder: l10n.t(
				'What 0…255 minus the mean is divided by, in the order {0}; 1, 1, 1 for nothing',
				channelOrder,
			),
			place,
		},
		answers.std ?? normalization('imagenet', channelOrder).std.join(', '),
		(text) => (parseDeviation(text) ? undefined : l10n.t('Three numbers above 0 and up to 255 with commas between')),
		(text) => scaleDoubt(parseDeviation(text)),
	);
	return std === undefined ? undefined : { ...answers, std };
};

/** Code for PyTorch writes mean and deviation for 0…1. */
function scaleDoubt(numbers: readonly number[] | undefined): string | undefined {
	if (!numbers?.every((number) => number < 1) || numbers.every((number) => number === 0)) {
		return undefined;
	}
	const scaled = numbers.map((number) => Number((number * 255).toFixed(3))).join(', ');
	return l10n.t('These look like numbers for 0…1. For 0…255 they are {0}', scaled);
}

function askClassesOf({ metadata, classSet }: AdoptReport): Step<Answers> {
	return async (answers, place) => {
		const { classes: now } = answers;
		const active = typeof now === 'string' ? now : now ? 'numbers' : (classSet ?? 'numbers');
		const classes = await askClasses(metadata.classes.length, active, place);
		return classes && { ...answers, classes };
	};
}

const askResize: Step<Answers> = async (answers, place) => {
	const resize = await pickOne<'fit' | 'stretch'>({
		title: l10n.t('How are pictures brought to its size?'),
		placeholder: '',
		choices: [
			{ label: l10n.t('Fitted'), description: l10n.t('the aspect ratio stays; the rest is padded'), value: 'fit' },
			{ label: l10n.t('Stretched'), description: l10n.t('to its own height and width'), value: 'stretch' },
		],
		active: answers.resize ?? 'fit',
		place,
	});
	return resize && { ...answers, resize };
};

/** What sides are padded to, besides what is found in the graph. */
const usualPads = ['8k+1', '16k+1', '32k+1', '8k', '16k', '32k'] as const;

function askPad(found: AdoptReport): Step<Answers> {
	const own = ownPad(found);
	const line = (value: string): Choice<string> => ({
		label: value,
		description: value.endsWith('+1')
			? l10n.t('{0}, …: the corners of the grid lie on those of the input', padExamples(value))
			: l10n.t('{0}, …', padExamples(value)),
		...(value === own ? { detail: ownPadReason(found) } : {}),
		value,
	});
	const choices: Choice<string>[] = [
		...[own, ...usualPads.filter((each) => each !== own)].map(line),
		...(own === '1k' ? [] : [{ label: l10n.t('Not at all'), description: l10n.t('1k: any sides'), value: '1k' }]),
		{ label: l10n.t('Custom…'), description: l10n.t('another multiple'), value: 'custom' },
	];
	return async (answers, place) => {
		const pad = await pickOne<string>({
			title: l10n.t('What are sides padded to?'),
			placeholder: l10n.t('Right and below, up to the next such number of pixels'),
			choices,
			active: answers.pad ?? own,
			place,
		});
		return pad === undefined ? undefined : { ...answers, pad };
	};
}

function askCustomPad(found: AdoptReport): Step<Answers> {
	return async (answers, place) => {
		const customPad = await askText(
			{
				title: l10n.t('What are sides padded to?'),
				placeholder: l10n.t('A multiple of up to three digits, with +1 where corners are aligned, such as 8k+1 or 64k'),
				place,
			},
			answers.customPad ?? ownPad(found),
			(text) => (parsePad(text) ? undefined : l10n.t('Such as 8k+1 or 32k')),
		);
		return customPad === undefined ? undefined : { ...answers, customPad };
	};
}

function ownPad({ metadata: { preprocessing } }: AdoptReport): string {
	return padText({ multiple: preprocessing.padMultiple, remainder: preprocessing.padRemainder ?? 1 });
}

function ownPadReason({ discovery, outputStrideKnown }: AdoptReport): string {
	if (!discovery.head) {
		return l10n.t('Default: usual for a network without an ASPP head');
	}
	return outputStrideKnown
		? l10n.t('Default: by the output stride of the graph')
		: l10n.t('Default: assumed, since the graph does not tell its output stride');
}

/** The first three sides from about a picture's. */
function padExamples(value: string): string {
	const { multiple, remainder } = parsePad(value)!;
	const from = Math.ceil(256 / multiple);
	return [0, 1, 2].map((more) => (from + more) * multiple + remainder).join(', ');
}

const askAlignCorners: Step<Answers> = async (answers, place) => {
	const alignCorners = await pickOne({
		title: 'align_corners',
		placeholder: l10n.t('How its logits are resized; the graph does not tell'),
		choices: yesOrNo(
			l10n.t('the corners of the logit grid lie on those of the picture, as in Caffe'),
			l10n.t('cells are spread evenly, as in PyTorch since 0.4'),
		),
		active: answers.alignCorners ?? 'no',
		place,
	});
	return alignCorners && { ...answers, alignCorners };
};
