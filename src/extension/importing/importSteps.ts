import * as l10n from '@vscode/l10n';
import { outputStrides } from '../../core/onnx/networks/outputStride';
import { parseMean, parseRates } from '../../shared/importInput';
import type { ImportOverrides, ImportReport } from '../../shared/protocol/import';
import { askClasses } from './classSteps';
import type { ImportMenu, ImportSetting } from './importMenu';
import { askText, type Choice, pickOne, pickSome, yesOrNo } from './steps';

/**
 * Asks for one setting.
 * @returns what changes; undefined where the user goes back
 * @throws InspectorError `usage` where a file of names cannot be read
 */
export async function askSetting(
	setting: Exclude<ImportSetting, 'target'>,
	{ findings: { report }, overrides, name }: ImportMenu,
): Promise<Partial<ImportOverrides> | undefined> {
	switch (setting) {
		case 'name':
			return changed(
				'name',
				await askText({ title: l10n.t('Name'), placeholder: l10n.t('What the model is called') }, name, (text) =>
					text.trim() === '' ? l10n.t('Give it a name') : undefined,
				),
			);
		case 'classes':
			return changed('classes', await askClasses(report.classes, report.classSet ?? 'numbers'));
		case 'rates':
			return await askRates(report);
		case 'sum':
			return changed('sum', await askSum(report));
		case 'outputStride':
			return changed('outputStride', await askStride(report));
		case 'mean':
			return changed('mean', await askMean(report));
		case 'channelOrder':
			return changed(
				'channelOrder',
				await pickOne<'BGR' | 'RGB'>({
					title: l10n.t('Channel order'),
					placeholder: l10n.t('Of the network’s input, and of the mean'),
					choices: (['BGR', 'RGB'] as const).map((value) => ({ label: value, value })),
					active: report.preprocessing.channelOrder,
					back: true,
				}),
			);
		case 'alignCorners':
			return truth(
				'alignCorners',
				await askTruth(
					'align_corners',
					yesOrNo(
						l10n.t('the corners of the logit grid lie on those of the picture, as in Caffe'),
						l10n.t('cells are spread evenly, as in PyTorch since 0.4'),
					),
					report.preprocessing.alignCorners,
				),
			);
		case 'keepBatchNorm':
			return truth(
				'keepBatchNorm',
				await askTruth(
					l10n.t('Keep batch norms'),
					yesOrNo(l10n.t('layers of their own'), l10n.t('folded into their convolutions: the same numbers, faster')),
					overrides.keepBatchNorm === true,
				),
			);
		case 'pool5a':
			return truth(
				'pool5a',
				await askTruth(
					l10n.t('Average pool before fc6'),
					yesOrNo(l10n.t('as in the first LargeFOV'), l10n.t('pool5 is what fc6 reads')),
					report.pool5a === true,
				),
			);
		default: {
			const unknown: never = setting;
			throw new Error(`unknown setting ${String(unknown)}`);
		}
	}
}

function changed<K extends keyof ImportOverrides>(
	key: K,
	value: ImportOverrides[K] | undefined,
): Partial<ImportOverrides> | undefined {
	return value === undefined ? undefined : { [key]: value };
}

function truth(
	key: 'alignCorners' | 'keepBatchNorm' | 'pool5a',
	answer: 'yes' | 'no' | undefined,
): Partial<ImportOverrides> | undefined {
	return answer && { [key]: answer === 'yes' };
}

async function askTruth(
	title: string,
	choices: readonly Choice<'yes' | 'no'>[],
	now: boolean,
): Promise<'yes' | 'no' | undefined> {
	return await pickOne({ title, placeholder: '', choices, active: now ? 'yes' : 'no', back: true });
}

/** Which branches are added up is told by their rates: with other rates all are, until it is said anew. */
async function askRates({ branches }: ImportReport): Promise<Partial<ImportOverrides> | undefined> {
	const count = branches.length;
	const text = await askText(
		{
			title: l10n.t('Dilation rates'),
			placeholder: l10n.t('Of each branch, in the order of the file, at output stride 8'),
		},
		branches.map(({ rate }) => rate).join(', '),
		(value) => {
			const rates = parseRates(value);
			if (!rates) {
				return l10n.t('Whole numbers with commas between, such as 6, 12, 18, 24');
			}
			if (rates.length !== count) {
				return l10n.t('The head has {0} branches', count);
			}
			return new Set(rates).size === count ? undefined : l10n.t('Two branches have the same rate');
		},
	);
	const rates = text === undefined ? undefined : parseRates(text);
	return rates && { rates, sum: undefined };
}

async function askSum({ branches }: ImportReport): Promise<readonly number[] | undefined> {
	return await pickSome(
		{
			title: l10n.t('Branches that are added up'),
			placeholder: l10n.t('The others are left out of the model'),
		},
		branches.map(({ rate, summed, untrained }) => ({
			label: l10n.t('Rate {0}', rate),
			...(untrained ? { description: l10n.t('looks as if it had never been trained') } : {}),
			picked: summed,
			value: rate,
		})),
	);
}

async function askStride({ outputStride }: ImportReport): Promise<(typeof outputStrides)[number] | undefined> {
	const details = {
		8: l10n.t('As trained and released'),
		16: l10n.t('A quarter of the cells: faster, less memory'),
		32: l10n.t('A sixteenth of the cells; rates that do not divide by 4 are rounded'),
	} as const;
	return await pickOne({
		title: l10n.t('Output stride'),
		placeholder: l10n.t('Input pixels a step of the logit grid; the weights are the same'),
		choices: outputStrides.map((value) => ({ label: String(value), description: details[value], value })),
		active: outputStride,
		back: true,
	});
}

async function askMean({ preprocessing }: ImportReport): Promise<readonly [number, number, number] | undefined> {
	const text = await askText(
		{
			title: l10n.t('Mean'),
			placeholder: l10n.t('Subtracted from 0…255, in the order {0}', preprocessing.channelOrder),
		},
		preprocessing.mean.join(', '),
		(value) => (parseMean(value) ? undefined : l10n.t('Three numbers from 0 to 255 with commas between')),
	);
	return text === undefined ? undefined : parseMean(text);
}
