/** A run at other output strides, and the scales that won: made of its own logits. */
import { maskChanges } from '../../../src/core/crf/changes';
import { upsampleLabels } from '../../../src/core/segmentation/upsampleLabels';
import type { InspectorRun, InspectorScales } from '../../../src/shared/protocol/inspector';
import type {
	InspectorStrideMask,
	InspectorStrides,
	OutputStride,
	StridePair,
	StrideSide,
} from '../../../src/shared/protocol/strides';

/** What the shared positions alone give: every second (fourth) cell of the run's grid. */
export function maskAt(run: InspectorRun, stride: OutputStride): InspectorStrideMask {
	const step = stride / run.info.model.outputStride;
	const { channels, height, width, data } = run.logits;
	const [gridHeight, gridWidth] = [Math.ceil(height / step), Math.ceil(width / step)];
	const coarse = new Float32Array(channels * gridHeight * gridWidth);
	for (let channel = 0, to = 0; channel < channels; channel++) {
		for (let row = 0; row < gridHeight; row++) {
			for (let column = 0; column < gridWidth; column++, to++) {
				coarse[to] = data[(channel * height + row * step) * width + column * step]!;
			}
		}
	}
	const logits = { channels, height: gridHeight, width: gridWidth, data: coarse };
	const labels = step === 1 ? run.labels : upsampleLabels(logits, { ...run.info.geometry, gridWidth, gridHeight });
	return { runId: run.info.id, stride, labels };
}

const rates: Record<OutputStride, readonly number[]> = { 8: [6, 12, 18, 24], 16: [3, 6, 9, 12], 32: [2, 3, 5, 6] };

function sideAt(run: InspectorRun, stride: OutputStride): StrideSide {
	const step = stride / 8;
	return {
		stride,
		gridWidth: Math.ceil(run.logits.width / step),
		gridHeight: Math.ceil(run.logits.height / step),
		rates: rates[stride],
		rounded: stride === 32 ? [6, 18] : [],
		milliseconds: 783 / step ** 1.6,
		own: stride === 8,
	};
}

export function stridesOf(
	run: InspectorRun,
	pair: StridePair = [8, 16],
	change: Partial<InspectorStrides> = {},
): InspectorStrides {
	const [before, after] = pair.map((stride) => maskAt(run, stride).labels) as [Uint8Array, Uint8Array];
	return {
		runId: run.info.id,
		pair,
		sides: pair.map((stride) => sideAt(run, stride)),
		effect: maskChanges(before, after),
		activity: { kind: 'idle' },
		...change,
	};
}

/** The run as one of three scales, and which of them won where: bands from the middle outwards. */
export function multiScaleRun(run: InspectorRun): { readonly run: InspectorRun; readonly scales: InspectorScales } {
	const { displayWidth: width, displayHeight: height } = run;
	const scales = new Uint8Array(width * height);
	const counts = [0, 0, 0];
	for (let y = 0, at = 0; y < height; y++) {
		for (let x = 0; x < width; x++, at++) {
			const wave = Math.hypot(x / width - 0.5, y / height - 0.5) * 5 + Math.sin(x / 30) * 0.4;
			scales[at] = Math.min(2, Math.floor(Math.abs(wave)));
			counts[scales[at]!]!++;
		}
	}
	const multiScale = {
		rule: 'caffe',
		scales: [1, 0.75, 0.5],
		shares: counts.map((count) => count / scales.length),
	} as const;
	const id = `${run.info.id}-msc`;
	return { run: { ...run, info: { ...run.info, id, multiScale } }, scales: { runId: id, scales } };
}
