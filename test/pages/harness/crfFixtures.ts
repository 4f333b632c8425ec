/** What a CRF might have made of a run: its mask with smoother borders, entropy along them, and figures to match. */
import { crfPresets } from '../../../src/core/crf/parameters';
import type {
	CrfClassChange,
	CrfOutcome,
	CrfProbe,
	CrfRunView,
	CrfSettings,
	CrfStepFigures,
	CrfTies,
	InspectorCrf,
} from '../../../src/shared/protocol/crf';
import type { InspectorRun } from '../../../src/shared/protocol/inspector';
import type { ClassInfo } from '../../../src/shared/protocol/types';

/** Those of DeepLabv2's release. */
export const settings: CrfSettings = {
	parameters: crfPresets.find(({ id }) => id === 'deeplabv2')!.parameters,
	resolution: 'picture',
};

/**
 * Each pixel's label becomes that of most pixels around it, at a place that is moved a little: borders shift and
 * smooth out, as a CRF's do.
 */
function refineLabels({ labels, displayWidth: width, displayHeight: height }: InspectorRun, radius: number) {
	const refined = new Uint8Array(labels.length);
	const counts = new Uint16Array(256);
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			const seen: number[] = [];
			let best = labels[y * width + x]!;
			for (let dy = -2; dy <= 2; dy++) {
				for (let dx = -2; dx <= 2; dx++) {
					const row = Math.min(height - 1, Math.max(0, y + Math.round((dy * radius) / 2) + 1));
					const column = Math.min(
						width - 1,
						Math.max(0, x + Math.round((dx * radius) / 2) + Math.round(radius * Math.sin(y / 17) * 0.7)),
					);
					const label = labels[row * width + column]!;
					seen.push(label);
					counts[label]!++;
					if (counts[label]! > counts[best]!) {
						best = label;
					}
				}
			}
			for (const label of seen) {
				counts[label] = 0;
			}
			refined[y * width + x] = best;
		}
	}
	return refined;
}

/** Near a border, undecided between its two classes. */
function borderEntropy(labels: Uint8Array, width: number, height: number, reach: number, classes: number): Uint8Array {
	const largest = Math.log(2) / Math.log(classes);
	const entropy = new Uint8Array(labels.length);
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			const own = labels[y * width + x]!;
			let nearest = reach + 1;
			for (let step = 1; step <= reach && nearest > reach; step++) {
				for (const [dx, dy] of [
					[step, 0],
					[-step, 0],
					[0, step],
					[0, -step],
				] as const) {
					const [column, row] = [x + dx, y + dy];
					if (column >= 0 && row >= 0 && column < width && row < height && labels[row * width + column] !== own) {
						nearest = step;
					}
				}
			}
			entropy[y * width + x] = Math.round(255 * largest * Math.max(0, 1 - (nearest - 1) / reach));
		}
	}
	return entropy;
}

function countChanges(run: InspectorRun, after: Uint8Array): { changes: CrfClassChange[]; changedPixels: number } {
	const area = run.displayStep ** 2;
	const byLabel = new Map<number, { before: number; after: number; gained: number; lost: number }>();
	const at = (label: number) => {
		const found = byLabel.get(label) ?? { before: 0, after: 0, gained: 0, lost: 0 };
		byLabel.set(label, found);
		return found;
	};
	let changedPixels = 0;
	for (const [index, from] of run.labels.entries()) {
		const to = after[index]!;
		at(from).before += area;
		at(to).after += area;
		if (from !== to) {
			at(from).lost += area;
			at(to).gained += area;
			changedPixels += area;
		}
	}
	const changes = [...byLabel].map(([label, counts]) => ({ label, ...counts }));
	return { changes: changes.sort((a, b) => b.after - a.after), changedPixels };
}

/** @param newClass a label that only the CRF brings, in a corner */
export function crfOf(run: InspectorRun, { newClass }: { newClass?: number } = {}): InspectorCrf {
	const { displayWidth: width, displayHeight: height } = run;
	const labels = refineLabels(run, Math.max(4, Math.round(width / 90)));
	if (newClass !== undefined) {
		for (let y = 0; y < height / 12; y++) {
			labels.fill(newClass, y * width, y * width + Math.floor(width / 12));
		}
	}
	const classes = run.info.model.classes.length;
	return {
		runId: run.info.id,
		settings,
		iteration: 10,
		labels,
		entropyBefore: borderEntropy(run.labels, width, height, 24, classes),
		entropyAfter: borderEntropy(labels, width, height, 6, classes),
		...countChanges(run, labels),
		milliseconds: 210,
	};
}

/** As strong as the picture's colour is near that of the pixel, within a Gaussian of the place. */
export function tiesOf(run: InspectorRun, x: number, y: number, kernel: CrfTies['kernel'] = 'bilateral'): CrfTies {
	const { displayWidth: width, displayHeight: height, rgb } = run;
	const values = new Uint8Array(width * height);
	const [sigmaXy, sigmaRgb] = kernel === 'bilateral' ? [49, 25] : [9, Number.POSITIVE_INFINITY];
	const channels = [0, 1, 2];
	for (let row = 0; row < height; row++) {
		for (let column = 0; column < width; column++) {
			const place = ((row - y) ** 2 + (column - x) ** 2) / (2 * sigmaXy ** 2);
			const color = channels.reduce(
				(sum, channel) => sum + (rgb[(row * width + column) * 3 + channel]! - rgb[(y * width + x) * 3 + channel]!) ** 2,
				0,
			);
			values[row * width + column] = Math.round(255 * Math.exp(-place - color / (2 * sigmaRgb ** 2)));
		}
	}
	values[y * width + x] = 255;
	return { kernel, x, y, width, height, values, largest: 0.0341 };
}

/** Figures that settle as those of a real picture do. */
export function steps(pixels: number, iterations: number): readonly CrfStepFigures[] {
	return Array.from({ length: iterations + 1 }, (_, iteration) => ({
		iteration,
		changedPixels: iteration === 0 ? 0 : Math.round(pixels * 0.028 * Math.exp(-0.95 * (iteration - 1))),
		meanEntropy: 0.082 + 0.19 * Math.exp(-0.8 * iteration),
		klDivergence: iteration === 0 ? 0 : 0.061 * Math.exp(-1.1 * (iteration - 1)),
		activeClasses: Math.max(2, 6 - iteration),
		milliseconds: iteration === 0 ? 4 : 11,
	}));
}

export function outcomeOf(run: InspectorRun, crf: InspectorCrf): CrfOutcome {
	const { pictureWidth: width, pictureHeight: height } = run.info.geometry;
	return {
		settings,
		steps: steps(width * height, settings.parameters.iterations),
		changes: crf.changes,
		changedPixels: crf.changedPixels,
		timings: { prepare: 8, lattice: 92, iterations: 110 },
		threads: 2,
		width,
		height,
	};
}

/** Two classes contend, the others are far off. */
export function probeOf(classes: readonly ClassInfo[], iteration: number, contenders = [8, 12]): CrfProbe {
	const [winner = 0, rival = 0] = contenders;
	const late = iteration > 0;
	const scores = classes.map((_, label) => {
		const unary = label === winner ? 0.94 : label === rival ? 0.51 : 5.2 + ((label * 7) % 11) * 0.4;
		const bilateral = late ? (label === winner ? 2.61 : label === rival ? 0.87 : 0.02 * (label % 3)) : 0;
		const spatial = late ? (label === winner ? 1.42 : label === rival ? 1.31 : 0.004) : 0;
		return { label, unary, bilateral, spatial, score: -unary + bilateral + spatial };
	});
	const largest = Math.max(...scores.map(({ score }) => score));
	const sum = scores.reduce((total, { score }) => total + Math.exp(score - largest), 0);
	return {
		x: 212,
		y: 133,
		iteration,
		color: [181, 124, 88],
		classes: scores.map(({ score, ...terms }) => ({ ...terms, q: Math.exp(score - largest) / sum })),
	};
}

/** The CRF view of a run, with its probe. */
export function crfViewOf(run: InspectorRun, crf = crfOf(run)): CrfRunView {
	return {
		runId: run.info.id,
		pictureName: run.info.pictureName,
		geometry: run.info.geometry,
		classes: run.info.model.classes,
		settings,
		presets: [
			...crfPresets.map((preset) => ({ ...preset, own: false })),
			{
				id: 'own-1',
				name: 'Thin structures',
				own: true,
				parameters: { ...settings.parameters, spatialSigma: 1.5, bilateralSigmaXy: 30 },
			},
		],
		outcome: outcomeOf(run, crf),
		ahead: undefined,
		activity: { kind: 'idle' },
		iteration: 10,
		layer: 'after',
		probe: probeOf(run.info.model.classes, 10),
		ties: undefined,
		largestTie: undefined,
	};
}
