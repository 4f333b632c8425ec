import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { choiceId, type DoctorChoice, doctorInputs, isOwnChoice } from '../../core/doctor/choices';
import { type Agreement, type Confidence, classCountOf, confidenceOf, ranked } from '../../core/doctor/judge';
import { compareWithTruth, type Truth } from '../../core/doctor/truth';
import { decodeLabelPng, encodePalettePng } from '../../core/image/palettePng';
import type { ModelMetadata } from '../../core/model';
import { decodeOnnx } from '../../core/onnx/decode';
import { adoptModel } from '../../core/onnx/discover/adopt';
import { encodeOnnx } from '../../core/onnx/encode';
import { readMetadata } from '../../core/onnx/metadata';
import { toProblem } from '../../core/problem';
import { upsampleLabels } from '../../core/segmentation/upsampleLabels';
import type { InferenceClient, ModelHandle } from '../../worker/client/client';
import type { DoctorCommand } from '../commandLine/commands';
import { makeFolder, readModel, readPicture, writeWhole } from '../platform/files.node';
import { inferenceClient } from '../platform/inference.node';
import { bundledModelFile } from '../platform/product.node';
import type { Terminal } from '../terminal';
import { formatTable } from '../text/table';

/** One choice and what came of it. */
export interface JudgedChoice extends DoctorChoice {
	/** Whether it is what the model's own metadata says. */
	readonly own: boolean;
	/** Undefined without ground truth. */
	readonly agreement: Agreement | undefined;
	readonly confidence: Confidence;
	/** Classes in the mask. */
	readonly classes: number;
	/** File of the mask; undefined where none was asked for. */
	readonly mask: string | undefined;
}

/** What `--json` prints. */
export interface DoctorReport {
	readonly model: string;
	readonly image: string;
	readonly truth: string | undefined;
	readonly sortedBy: 'agreement' | 'probability';
	/** The best first. */
	readonly choices: readonly JudgedChoice[];
}

/**
 * Runs one picture under the likely preprocessings and compares the masks.
 * @returns exit code
 * @throws InspectorError with the problem of the model, a picture or the place to write to
 */
export async function doctor(command: DoctorCommand, terminal: Terminal, signal: AbortSignal): Promise<number> {
	const { image, out, truth } = command;
	const { handle, metadata, adopted } = await openedModel(command.model ?? bundledModelFile);
	const mask = truth === undefined ? undefined : { name: truth, ...decodeLabelPng(await readPicture(truth), truth) };
	const bytes = await readPicture(image);
	if (out !== undefined) {
		await makeFolder(out);
	}
	const client = inferenceClient(command.threads);
	try {
		const examine = examination(command, { client, handle, metadata, adopted, bytes, mask, signal });
		const judged: JudgedChoice[] = [];
		for (const input of doctorInputs(metadata.preprocessing)) {
			judged.push(...(await examine(input)));
		}
		const report: DoctorReport = {
			model: handle.name,
			image,
			truth,
			sortedBy: mask ? 'agreement' : 'probability',
			choices: ranked(judged),
		};
		for (const line of command.json ? [JSON.stringify(report, null, '\t')] : reportLines(report)) {
			terminal.out(line);
		}
	} finally {
		await client.dispose();
	}
	return 0;
}

interface OpenedModel {
	readonly handle: ModelHandle;
	readonly metadata: ModelMetadata;
	/** It does not describe itself, so no choice is its own. */
	readonly adopted: boolean;
}

async function openedModel(file: string): Promise<OpenedModel> {
	const bytes = await readModel(file);
	const model = decodeOnnx(bytes, file);
	const handleOf = (content: Uint8Array): ModelHandle => ({
		key: file,
		name: file,
		load: () => Promise.resolve(content),
	});
	try {
		return { handle: handleOf(bytes), metadata: readMetadata(model, file), adopted: false };
	} catch (error) {
		if (toProblem(error).code !== 'model.foreign') {
			throw error;
		}
		const { model: adopted, report } = adoptModel(model, file);
		return { handle: handleOf(encodeOnnx(adopted)), metadata: report.metadata, adopted: true };
	}
}

interface Patient extends OpenedModel {
	readonly client: InferenceClient;
	readonly bytes: Uint8Array;
	readonly mask: Truth | undefined;
	readonly signal: AbortSignal;
}

/** One inference, and the two masks that its logits give. */
function examination(
	{ image, out, longestSide }: DoctorCommand,
	{ client, handle, metadata, adopted, bytes, mask, signal }: Patient,
): (input: ReturnType<typeof doctorInputs>[number]) => Promise<readonly JudgedChoice[]> {
	const classCount = metadata.classes.length;
	const colors = metadata.classes.map(({ color }) => color);
	return async ({ preprocessing, choices }) => {
		const { info, tensors } = await client.segment(
			{ picture: { name: image, bytes }, model: handle, preprocessing, longestSide },
			{ signal },
		);
		const { pictureWidth, pictureHeight } = info.geometry;
		const confidence = confidenceOf(tensors.logits, info.geometry);
		const judged: JudgedChoice[] = [];
		for (const choice of choices) {
			const labels = upsampleLabels(tensors.logits, { ...info.geometry, alignCorners: choice.alignCorners });
			const file = out === undefined ? undefined : path.join(out, `${choiceId(choice)}.png`);
			if (file !== undefined) {
				await writeWhole(file, encodePalettePng(labels, pictureWidth, pictureHeight, colors), signal);
			}
			judged.push({
				...choice,
				own: !adopted && isOwnChoice(preprocessing, choice, metadata.preprocessing),
				agreement: mask && compareWithTruth(labels, { width: pictureWidth, height: pictureHeight }, metadata, mask),
				confidence,
				classes: classCountOf(labels, classCount),
				mask: file,
			});
		}
		return judged;
	};
}

function reportLines({ choices, sortedBy, truth }: DoctorReport): string[] {
	const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
	const withTruth = sortedBy === 'agreement';
	const table = formatTable(
		[
			...(withTruth
				? ([
						{ title: l10n.t('Pixels that agree'), align: 'right' },
						{ title: l10n.t('Mean IoU'), align: 'right' },
					] as const)
				: []),
			{ title: l10n.t('Winning probability'), align: 'right' },
			{ title: l10n.t('Entropy'), align: 'right' },
			{ title: l10n.t('Classes'), align: 'right' },
			{ title: l10n.t('Channels'), align: 'left' },
			{ title: l10n.t('Values'), align: 'left' },
			{ title: l10n.t('Resize'), align: 'left' },
			{ title: l10n.t('align_corners'), align: 'left' },
			{ title: '', align: 'left' },
		],
		choices.map(({ agreement: agreed, confidence, classes, ...choice }) => [
			...(agreed ? [percent(agreed.pixels), percent(agreed.meanIoU)] : []),
			percent(confidence.probability),
			confidence.entropy.toFixed(3),
			String(classes),
			choice.channelOrder,
			choice.normalization,
			choice.resize,
			String(choice.alignCorners),
			choice.own ? l10n.t('the model’s own') : '',
		]),
	);
	return [
		...table,
		'',
		withTruth
			? l10n.t(
					'Sorted by the pixels that agree with {0}. One picture shows gross mistakes, not small ones.',
					truth ?? '',
				)
			: l10n.t(
					'Sorted by the mean winning probability, since there is no ground truth (--truth). A network that is sure may be wrong all the same: look at the masks.',
				),
	];
}
