/** An exam of the doctor: the sample picture under every choice, wrong ones with more of the mask missing. */
import { choiceId, inputsOwnFirst } from '../../../src/core/doctor/choices';
import type { DoctorExam, DoctorMask, DoctorProgress, DoctorTile } from '../../../src/shared/protocol/doctor';
import { chelseaRun, metadata } from './fixtures';

const run = chelseaRun();
const choices = inputsOwnFirst(metadata.preprocessing).flatMap((input) => input.choices);

function maskAt(side: number, missing: number): DoctorMask {
	const scale = side / Math.max(run.displayWidth, run.displayHeight);
	const [width, height] = [Math.round(run.displayWidth * scale), Math.round(run.displayHeight * scale)];
	const labels = new Uint8Array(width * height);
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			const at = Math.floor(y / scale) * run.displayWidth + Math.floor(x / scale);
			labels[y * width + x] = x / width < missing ? 3 : run.labels[at]!;
		}
	}
	return { width, height, labels };
}

/** How wrong a choice is, 0…1. */
const wrongness = (index: number) => (index < 2 ? 0 : 0.1 + (index % 7) / 10);

export const largeMask = maskAt(440, 0);

export interface ExamOptions {
	/** So many choices are computed. */
	readonly computed?: number;
	readonly running?: boolean;
	readonly truth?: string;
	readonly failure?: string;
	readonly adopting?: boolean;
	readonly pictureName?: string;
}

export function doctorProgress({
	computed = choices.length,
	running = false,
	truth,
	failure,
}: ExamOptions = {}): DoctorProgress {
	const tiles = choices.map((choice, index): DoctorTile => {
		const wrong = wrongness(index);
		const done = index < computed;
		return {
			id: choiceId(choice),
			choice,
			confidence: done ? { probability: 0.93 - wrong / 8, entropy: 0.05 + wrong / 6 } : undefined,
			agreement: done && truth ? { pixels: 0.985 - wrong, meanIoU: 0.9 - wrong } : undefined,
		};
	});
	const order = (tile: DoctorTile) => (tile.confidence ? tile.confidence.probability : -1);
	return {
		tiles: running ? tiles : tiles.toSorted((one, other) => order(other) - order(one)),
		current: choiceId(choices[0]!),
		running,
		failure,
		truth,
		since: Date.now() - 4200,
	};
}

export function doctorMasks(from = 0, to = choices.length): Record<string, DoctorMask> {
	return Object.fromEntries(
		choices.slice(from, to).map((choice, index) => [choiceId(choice), maskAt(256, wrongness(from + index))]),
	);
}

export function doctorExam(options: ExamOptions = {}): DoctorExam {
	return {
		id: 1,
		modelName: 'deeplabv2-mobilenetv2-voc.onnx',
		pictureName: options.pictureName ?? 'chelsea.png',
		adopting: options.adopting ?? false,
		classes: metadata.classes,
		ignoreLabel: 255,
		picture: { width: run.displayWidth, height: run.displayHeight, rgb: run.rgb },
		progress: doctorProgress(options),
		masks: doctorMasks(0, options.computed),
	};
}

/** Ids in the order in which they are computed. */
export const choiceIds = choices.map(choiceId);
