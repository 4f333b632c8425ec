/** What the ASPP views are told of a run: the sample picture's own head where its reference tensors are at hand, else smooth fields. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { classMap, sumBranches } from '../../../src/core/aspp/branches';
import { cellView, nearestCell } from '../../../src/core/aspp/cellView';
import { dominantBranches } from '../../../src/core/aspp/dominance';
import { bestLabel, decidingBranch, explainPixel, runnerUpAt, type ShareSource } from '../../../src/core/aspp/explain';
import type { AsppHead, TapMaps } from '../../../src/core/aspp/types';
import { decodeSafetensors } from '../../../src/core/checkpoint/safetensors';
import { maskChanges } from '../../../src/core/crf/changes';
import type { FeatureMap } from '../../../src/core/run';
import { logitsAt } from '../../../src/core/segmentation/probabilities';
import { upsampleLabels } from '../../../src/core/segmentation/upsampleLabels';
import type {
	AsppExplanation,
	AsppMaps,
	AsppRunView,
	EffectiveField,
	InspectorBranches,
	InspectorDominance,
	InspectorFields,
	MeasuredField,
	ReceptiveFieldRunView,
} from '../../../src/shared/protocol/aspp';
import type { InspectorRun, Probe } from '../../../src/shared/protocol/inspector';
import { hasReference, readNpy } from './fixtures';
import { root } from './openPage';

/** A run with its head: what the host computes from. */
export interface AsppScene {
	readonly run: InspectorRun;
	readonly head: AsppHead;
	readonly taps: TapMaps;
}

const backboneField = { size: [467, 467], stride: [8, 8], offset: [-233, -233] } as const;

export function headOf(rates: readonly number[], classes: number, linear = true): AsppHead {
	return {
		classes,
		channels: 256,
		linear,
		features: backboneField,
		branches: rates.map((rate, index) => ({
			rate,
			output: rates.indexOf(rate) === index ? `aspp.${rate}` : `aspp.${rate}.${index}`,
			linear,
			receptiveField: {
				size: [467 + 16 * rate, 467 + 16 * rate],
				stride: [8, 8],
				offset: [-233 - 8 * rate, -233 - 8 * rate],
			},
		})),
	};
}

let chelsea: AsppScene | undefined;

/** The sample picture with the bundled weights' own tap maps. */
export function chelseaScene(run: InspectorRun): AsppScene {
	if (!hasReference) {
		return smoothScene(run, [6, 12, 18, 24]);
	}
	chelsea ??= { run, head: headOf([6, 12, 18, 24], 21), taps: bundledTaps() };
	return { ...chelsea, run };
}

function bundledTaps(): TapMaps {
	const [classes, channels, height, width] = [21, 256, 39, 58];
	const features = readNpy(path.join(root, '../shared/models/reference/chelsea-305x457-features.npy'));
	const file = path.join(root, 'models/deeplabv2-mobilenetv2-voc.safetensors');
	const weights = decodeSafetensors(new Uint8Array(readFileSync(file)), 'weights');
	const trainedRates = [6, 12, 18, 24];
	const plane = height * width;
	const taps = new Float32Array(trainedRates.length * 9 * classes * plane);
	const bias = new Float32Array(trainedRates.length * classes);
	for (const [branch, rate] of trainedRates.entries()) {
		const kernel = weights.get(`aspp.${rate}.weight`)!.data as Float32Array;
		bias.set(weights.get(`aspp.${rate}.bias`)!.data as Float32Array, branch * classes);
		for (let tap = 0; tap < 9; tap++) {
			for (let label = 0; label < classes; label++) {
				const to = ((branch * 9 + tap) * classes + label) * plane;
				for (let channel = 0; channel < channels; channel++) {
					const weight = kernel[(label * channels + channel) * 9 + tap]!;
					const from = channel * plane;
					for (let cell = 0; cell < plane; cell++) {
						taps[to + cell]! += weight * features[from + cell]!;
					}
				}
			}
		}
	}
	return { trainedRates, classes, height, width, taps, bias };
}

/** Tap maps of smooth waves, higher where the run's own logits are. */
export function smoothScene(run: InspectorRun, rates: readonly number[], linear = true): AsppScene {
	const { gridWidth: width, gridHeight: height } = run.info.geometry;
	const classes = run.info.model.classes.length;
	const plane = width * height;
	const taps = new Float32Array(rates.length * 9 * classes * plane);
	for (let branch = 0; branch < rates.length; branch++) {
		for (let tap = 0; tap < 9; tap++) {
			for (let label = 0; label < classes; label++) {
				const to = ((branch * 9 + tap) * classes + label) * plane;
				const own = run.logits.data.subarray(label * plane, (label + 1) * plane);
				for (let cell = 0; cell < plane; cell++) {
					const [x, y] = [(cell % width) / width, Math.floor(cell / width) / height];
					const wave = Math.sin(x * (5 + branch) + label + tap) * Math.cos(y * (4 + branch) - tap);
					taps[to + cell] = (0.5 * wave + 0.25 * ((own[cell] ?? 0) - 1)) / (rates.length * 2);
				}
			}
		}
	}
	const bias = Float32Array.from({ length: rates.length * classes }, (_, index) => 0.02 * ((index % classes) % 5));
	return {
		run,
		head: headOf(rates, classes, linear),
		taps: { trainedRates: rates, classes, height, width, taps, bias },
	};
}

export interface Settings {
	readonly rates?: readonly number[];
	readonly on?: readonly boolean[];
	readonly label?: number;
	readonly probe?: Probe | undefined;
}

function sourceOf({ taps, head }: AsppScene, rates: readonly number[]): ShareSource {
	return head.linear ? { kind: 'taps', taps, rates } : { kind: 'maps', maps: logitMaps(taps, rates), rates };
}

function logitMaps(taps: TapMaps, rates: readonly number[]): readonly FeatureMap[] {
	const { classes, height, width } = taps;
	return rates.map((rate, branch) => {
		const data = new Float32Array(classes * height * width);
		for (let label = 0; label < classes; label++) {
			data.set(classMap(taps, branch, rate, label), label * height * width);
		}
		return { channels: classes, height, width, data };
	});
}

/** One class's maps, as the host answers them. */
export function mapsOf(scene: AsppScene, label: number, rates = scene.taps.trainedRates): AsppMaps {
	const { height, width } = scene.taps;
	const branches = new Float32Array(rates.length * height * width);
	let scale = 0;
	for (const [branch, rate] of rates.entries()) {
		branches.set(classMap(scene.taps, branch, rate, label), branch * height * width);
	}
	for (let cell = 0; cell < height * width; cell++) {
		let sum = 0;
		for (let branch = 0; branch < rates.length; branch++) {
			const value = branches[branch * height * width + cell]!;
			scale = Math.max(scale, Math.abs(value));
			sum += value;
		}
		scale = Math.max(scale, Math.abs(sum));
	}
	return { runId: scene.run.info.id, label, height, width, branches, scale };
}

export function explanationOf(scene: AsppScene, settings: Settings = {}): AsppExplanation | undefined {
	const { run, taps, head } = scene;
	const { geometry } = run.info;
	const rates = settings.rates ?? taps.trainedRates;
	const on = settings.on ?? rates.map(() => true);
	const probe = 'probe' in settings ? settings.probe : { x: 212, y: 133 };
	if (!probe) {
		return undefined;
	}
	const { x, y } = probe;
	const logits = sumBranches(logitMaps(taps, rates), on);
	const winner = bestLabel(logitsAt(logits, geometry, x, y)) ?? 0;
	const label = settings.label ?? winner;
	const rival = label === winner ? runnerUpAt(logits, geometry, { x, y, label }) : winner;
	const source = sourceOf(scene, rates);
	const chosen = explainPixel(source, geometry, { x, y, label, on });
	const runnerUp = rival === undefined ? undefined : explainPixel(source, geometry, { x, y, label: rival, on });
	const cell = nearestCell(geometry, x, y);
	return {
		x,
		y,
		cell: cellView(head, rates, geometry, cell.row, cell.column),
		chosen,
		runnerUp,
		deciding: runnerUp && decidingBranch(chosen, runnerUp, on),
	};
}

export function branchesOf(
	scene: AsppScene,
	on: readonly boolean[],
	rates = scene.taps.trainedRates,
): InspectorBranches {
	const logits = sumBranches(logitMaps(scene.taps, rates), on);
	const labels = upsampleLabels(logits, scene.run.info.geometry);
	return {
		runId: scene.run.info.id,
		labels,
		logits,
		rates: rates.filter((_, branch) => on[branch]),
		...maskChanges(scene.run.labels, labels),
	};
}

export function dominanceOf(scene: AsppScene): InspectorDominance {
	const { run, taps } = scene;
	const found = dominantBranches(
		logitMaps(taps, taps.trainedRates),
		taps.trainedRates.map(() => true),
		run.labels,
		run.info.geometry,
	);
	return { runId: run.info.id, rates: taps.trainedRates, ...found };
}

/** The ASPP Branches view of a run. */
export function asppViewOf(scene: AsppScene, settings: Settings = {}): AsppRunView {
	const { run, head, taps } = scene;
	const rates = settings.rates ?? taps.trainedRates;
	const on = settings.on ?? rates.map(() => true);
	const explanation = explanationOf(scene, settings);
	const altered = on.includes(false) || rates.some((rate, branch) => rate !== taps.trainedRates[branch]);
	const effect = altered ? branchesOf(scene, on, rates) : undefined;
	const present = run.info.classes.map(({ label }) => label);
	return {
		runId: run.info.id,
		pictureName: run.info.pictureName,
		geometry: run.info.geometry,
		classes: run.info.model.classes,
		head,
		rates,
		on,
		label: settings.label ?? explanation?.chosen.label ?? present[0] ?? 0,
		labelIsChosen: settings.label !== undefined,
		present,
		probe: explanation && { x: explanation.x, y: explanation.y },
		explanation,
		effect: effect && { changedPixels: effect.changedPixels, changes: effect.changes },
		dominance: undefined,
		busy: false,
		problem: undefined,
	};
}

export function fieldsOf(
	scene: AsppScene,
	settings: Settings & { readonly highlighted?: number; readonly tap?: number } = {},
): InspectorFields | undefined {
	const explanation = explanationOf(scene, settings);
	if (!explanation) {
		return undefined;
	}
	const tapShares = explanation.chosen.branches.map(({ taps }) => taps);
	return {
		runId: scene.run.info.id,
		cell: explanation.cell,
		highlighted: settings.highlighted,
		tap: settings.tap,
		tapShares,
		largestTapShare: Math.max(0, ...tapShares.flatMap((shares) => (shares ?? []).map(Math.abs))),
	};
}

/** A field that falls off from a centre, with the grain that gradients have. */
export function effectiveFieldOf(run: InspectorRun, { x, y }: Probe, spread = 0.14): EffectiveField {
	const { resizedWidth: width, resizedHeight: height, pictureWidth } = run.info.geometry;
	const scale = width / pictureWidth;
	const sigma = spread * width;
	const values = new Uint8Array(width * height);
	for (let row = 0; row < height; row++) {
		for (let column = 0; column < width; column++) {
			const distance = Math.hypot(column - x * scale, row - y * scale) / sigma;
			const grain = 0.55 + 0.45 * Math.sin(column * 1.7 + row * 0.6) * Math.sin(row * 1.3 - column * 0.4);
			values[row * width + column] = Math.round(255 * Math.exp(-0.5 * distance ** 2) * grain);
		}
	}
	return {
		width,
		height,
		values,
		largest: 0.0123,
		x: x + 0.5,
		y: y + 0.5,
		radius50: (1.18 * sigma) / scale,
		radius90: (2.15 * sigma) / scale,
		logit: 7.31,
		milliseconds: 1240,
	};
}

export function measuredOf(label: number): readonly MeasuredField[] {
	return [
		{ branch: undefined, over: 'cell', label, radius50: 41.2, radius90: 98.4, ratio: 0.231, milliseconds: 1240 },
		{ branch: 0, over: 'cell', label, radius50: 33.9, radius90: 74.1, ratio: 0.263, milliseconds: 1180 },
		{ branch: 3, over: 'cell', label, radius50: 120.3, radius90: 201.7, ratio: 0.474, milliseconds: 1205 },
		{ branch: undefined, over: 'object', label, radius50: 66.4, radius90: 139.5, ratio: undefined, milliseconds: 2260 },
	];
}

export function receptiveFieldViewOf(scene: AsppScene, settings: Settings = {}): ReceptiveFieldRunView {
	const view = asppViewOf(scene, settings);
	const { runId, pictureName, geometry, classes, head, rates, on, label, probe, explanation } = view;
	return {
		runId,
		pictureName,
		geometry,
		classes,
		head,
		rates,
		on,
		label,
		probe,
		explanation,
		drawn: true,
		measured: [],
		shownField: undefined,
		activity: { kind: 'idle' },
	};
}
