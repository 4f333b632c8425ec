import path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { BackendInfo, BackendRefusal } from '../../core/backend';
import { encodeNpz } from '../../core/checkpoint/npz';
import { encodePalettePng } from '../../core/image/palettePng';
import { InspectorError, type Problem, toProblem } from '../../core/problem';
import { countClasses } from '../../core/segmentation/countClasses';
import type { MultiScaleNote } from '../../core/segmentation/multiScale';
import { describeFallback, describeRefusal, refusalWarning } from '../../shared/describeBackend';
import { describeProblem } from '../../shared/describeProblem';
import type { SegmentResult } from '../../shared/protocol/worker';
import type { InferenceClient } from '../../worker/client/client';
import type { SegmentCommand } from '../commandLine/commands';
import { makeFolder, readPicture, writeWhole } from '../platform/files.node';
import { inferenceClient, modelHandle } from '../platform/inference.node';
import type { Terminal } from '../terminal';
import { outputNames } from './outputNames.node';
import { type CrfReportOfRun, type Refined, refineMask } from './segmentCrf.node';
import { profileText } from './segmentProfile.node';

/** What `--json` prints. */
export interface SegmentReport {
	readonly runs: readonly ReportedRun[];
	/** Why WebGPU did not run the last picture, though it might have; absent where it did, or WASM was chosen. */
	readonly webgpuRefused?: BackendRefusal & { readonly message: string };
	readonly failures: readonly {
		readonly image: string;
		readonly code: Problem['code'];
		readonly message: string;
	}[];
}

interface ReportedRun {
	readonly image: string;
	readonly mask: string;
	readonly npz?: string;
	readonly profile?: string;
	readonly width: number;
	readonly height: number;
	/** The network input, padding included. */
	readonly input: { readonly width: number; readonly height: number };
	readonly grid: { readonly width: number; readonly height: number };
	/** With --multi-scale: the share of the pixels that each scale won. Absent where there was one scale. */
	readonly multiScale?: MultiScaleNote;
	readonly classes: readonly {
		readonly label: number;
		readonly name: string;
		readonly pixels: number;
		readonly share: number;
	}[];
	/** Milliseconds a stage. */
	readonly timings: Readonly<Record<string, number>>;
	readonly backend: BackendInfo;
	readonly crf?: CrfReportOfRun;
}

/**
 * Segments the pictures one after the other; a bad one does not stop the others.
 * @returns exit code
 * @throws InspectorError `cancelled`, or `output.unwritable` where the folder cannot be made
 */
export async function segment(command: SegmentCommand, terminal: Terminal, signal: AbortSignal): Promise<number> {
	await makeFolder(command.out);
	const names = outputNames(command.images, command.out, command.crf ? ['', beforeEnding] : undefined);
	const runs: ReportedRun[] = [];
	const failures: { image: string; code: Problem['code']; message: string }[] = [];
	let webgpuRefused: SegmentReport['webgpuRefused'];
	let warned = false;
	const client = inferenceClient(command.threads, {
		backend: command.backend,
		onBackend: (status) => {
			const refused = status.chosen === 'wasm' ? undefined : status.webgpuRefused;
			webgpuRefused = refused && { ...refused, message: describeRefusal(refused) };
			const warning = refusalWarning(status);
			if (warning !== undefined && !warned) {
				warned = true;
				terminal.error(warning);
			}
		},
		onFallback: (problem, modelName) =>
			terminal.error(describeFallback('detail' in problem ? problem.detail : '', modelName)),
	});
	try {
		let hopeless: Problem | undefined;
		for (const [i, image] of command.images.entries()) {
			try {
				if (hopeless) {
					throw new InspectorError(hopeless);
				}
				const run = await segmentOne(client, command, image, names[i]!, signal);
				runs.push(run);
				if (!command.json) {
					terminal.out(describeRun(run));
				}
			} catch (error) {
				const problem = toProblem(error);
				if (problem.code === 'cancelled' || signal.aborted) {
					throw new InspectorError({ code: 'cancelled' });
				}
				const message = describeProblem(problem);
				failures.push({ image, code: problem.code, message });
				if (!hopeless) {
					terminal.error(message);
				}
				hopeless ??= failsForAll(problem) ? problem : undefined;
			}
		}
	} finally {
		await client.dispose();
	}
	if (command.json) {
		terminal.out(
			JSON.stringify(
				{ runs, ...(webgpuRefused ? { webgpuRefused } : {}), failures } satisfies SegmentReport,
				null,
				'\t',
			),
		);
	}
	return failures.length > 0 ? 1 : 0;
}

async function segmentOne(
	client: InferenceClient,
	command: SegmentCommand,
	image: string,
	name: string,
	signal: AbortSignal,
): Promise<ReportedRun> {
	const bytes = await readPicture(image);
	const result = await client.segment(
		{
			picture: { name: image, bytes },
			model: modelHandle(command.model, command.outputStride),
			longestSide: command.longestSide,
			multiScale: command.multiScale,
		},
		{ signal },
	);
	const { geometry, model, multiScale, timings, backend } = result.info;
	const { pictureWidth: width, pictureHeight: height } = geometry;
	const mask = path.join(command.out, `${name}.png`);
	const maskBefore = path.join(command.out, `${name}${beforeEnding}.png`);
	const npz = path.join(command.out, `${name}.npz`);
	const refined = command.crf && (await refineMask(client, command.crf, result, image, maskBefore, signal));
	if (command.npz) {
		await writeWhole(npz, npzBytes(result, refined), signal);
	}
	const colors = model.classes.map(({ color }) => color);
	const writeMask = (file: string, labels: Uint8Array) =>
		writeWhole(file, encodePalettePng(labels, width, height, colors), signal);
	if (refined) {
		await writeMask(maskBefore, result.tensors.labels);
	}
	const labels = refined?.labels ?? result.tensors.labels;
	await writeMask(mask, labels);
	const profile = path.join(command.out, `${name}-profile.json`);
	if (command.profile) {
		await writeWhole(profile, new TextEncoder().encode(await profileText(command, image, bytes, signal)), signal);
	}
	return {
		image,
		mask,
		...(command.npz ? { npz } : {}),
		...(command.profile ? { profile } : {}),
		width,
		height,
		input: { width: geometry.inputWidth, height: geometry.inputHeight },
		grid: { width: geometry.gridWidth, height: geometry.gridHeight },
		...(multiScale ? { multiScale } : {}),
		classes: countClasses(labels, model.classes.length).map(({ label, pixels, share }) => ({
			label,
			name: model.classes[label]?.name ?? String(label),
			pixels,
			share,
		})),
		timings: Object.fromEntries(timings.map(({ stage, milliseconds }) => [stage, milliseconds])),
		backend,
		...(refined ? { crf: refined.report } : {}),
	};
}

/** Of the network's own mask, beside the one after the CRF. */
const beforeEnding = '-before';

/**
 * `labels` is what the mask's file holds; with a CRF, `labels_before` is the network's own. With several scales `logits`
 * are the fused ones, branches and features those of the full scale, and `winning_scales` has an index into `scales` a
 * picture pixel.
 */
function npzBytes({ tensors, info }: SegmentResult, refined: Refined | undefined): Uint8Array {
	const { logits, features, branches, labels, winningScales } = tensors;
	const { pictureHeight, pictureWidth } = info.geometry;
	const entry = (map: typeof logits) => ({ shape: [1, map.channels, map.height, map.width], data: map.data });
	return encodeNpz({
		logits: entry(logits),
		...Object.fromEntries(branches.map((branch) => [`aspp.${branch.rate}`, entry(branch)])),
		features: entry(features),
		labels: { shape: [pictureHeight, pictureWidth], data: refined?.labels ?? labels },
		...(winningScales && info.multiScale
			? {
					winning_scales: { shape: [pictureHeight, pictureWidth], data: winningScales },
					scales: { shape: [info.multiScale.scales.length], data: Float32Array.from(info.multiScale.scales) },
				}
			: {}),
		...(refined ? { labels_before: { shape: [pictureHeight, pictureWidth], data: labels } } : {}),
	});
}

/** Whether no other picture can do better. */
function failsForAll(problem: Problem): boolean {
	const { code } = problem.code === 'backend.bothFailed' ? problem.wasm : problem;
	return code.startsWith('model.') || code === 'runtime.unavailable';
}

function describeRun(run: ReportedRun): string {
	const percent = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
	const classes = run.classes.map(({ name, share }) => `${name} ${percent.format(share * 100)} %`).join(', ');
	const stages: [string, number][] = Object.entries(run.timings);
	if (run.crf) {
		const { prepare, lattice, iterations } = run.crf.timings;
		stages.push(['crf', prepare + lattice + iterations]);
	}
	const total = stages.reduce((sum, [, milliseconds]) => sum + milliseconds, 0);
	const times = stages.map(([stage, milliseconds]) => `${stage} ${milliseconds.toFixed(0)}`).join(', ');
	const scales = run.multiScale && describeScales(run.multiScale, percent);
	const written = [run.mask, run.crf?.maskBefore, run.npz, run.profile].filter((file) => file !== undefined).join(', ');
	return l10n.t(
		'{0}  {1} x {2}  {3}  {4} ms ({5})  → {6}',
		run.image,
		run.width,
		run.height,
		scales === undefined ? classes : `${classes}  ${scales}`,
		total.toFixed(0),
		times,
		written,
	);
}

/** Which scale won how much of the picture. */
function describeScales({ scales, shares }: MultiScaleNote, percent: Intl.NumberFormat): string {
	const parts = scales.map((scale, index) => `${scale}: ${percent.format((shares[index] ?? 0) * 100)} %`);
	return l10n.t('won by scale {0}', parts.join(', '));
}
