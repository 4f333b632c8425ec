/** What the fake host shows: runs of the sample picture where its reference tensors are at hand, else made ones. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { decode, encode } from 'fast-png';
import { classSet } from '../../../src/core/classSets';
import { decodeOnnx } from '../../../src/core/onnx/decode';
import { describeNetwork } from '../../../src/core/onnx/describe';
import type { InspectorRun } from '../../../src/shared/protocol/inspector';
import type { RunListItem } from '../../../src/shared/protocol/sideViews';
import type { ModelMetadata, NetworkDescription, RunInfo } from '../../../src/shared/protocol/types';
import { root } from './openPage';

const shared = path.resolve(root, '../shared');
const reference = path.join(shared, 'models/reference/chelsea-305x457');
export const hasReference = existsSync(`${reference}-logits.npy`);

const names = classSet('voc').map(({ name }) => name);

/** VOC's palette: bits 0, 1, 2 of the label go to the highest bit of red, green, blue, bits 3, 4, 5 to the next. */
function vocColor(label: number): [number, number, number] {
	const channel = (index: number) =>
		[0, 1, 2].reduce((value, step) => value | (((label >> (3 * step + index)) & 1) << (7 - step)), 0);
	return [channel(0), channel(1), channel(2)];
}

export const metadata: ModelMetadata = {
	name: 'deeplabv2-mobilenetv2-voc',
	family: 'deeplabv2',
	backbone: 'mobilenetv2',
	outputStride: 8,
	preprocessing: {
		channelOrder: 'RGB',
		mean: [128, 128, 128],
		std: [128, 128, 128],
		padValue: [127.5, 127.5, 127.5],
		longestSide: 513,
		padMultiple: 8,
		alignCorners: true,
	},
	classes: names.map((name, label) => ({ name, color: vocColor(label) })),
	ignoreLabel: 255,
	branches: [6, 12, 18, 24].map((rate) => ({ rate, output: `aspp.${rate}` })),
	linearHead: true,
};

function classShares(labels: Uint8Array): RunInfo['classes'] {
	const counts = new Map<number, number>();
	for (const label of labels) {
		counts.set(label, (counts.get(label) ?? 0) + 1);
	}
	return [...counts]
		.map(([label, pixels]) => ({ label, pixels, share: pixels / labels.length }))
		.sort((a, b) => b.pixels - a.pixels);
}

function runInfo(id: string, name: string, width: number, height: number, labels: Uint8Array): RunInfo {
	const scale = Math.min(1, 513 / Math.max(width, height));
	const resizedWidth = Math.max(1, Math.round(width * scale));
	const resizedHeight = Math.max(1, Math.round(height * scale));
	const padded = (size: number) => Math.ceil((size - 1) / 8) * 8 + 1;
	return {
		id,
		pictureName: name,
		pictureUri: `file:///pictures/${name}`,
		pictureFormat: 'png',
		createdAt: Date.UTC(2024, 0, 1),
		model: metadata,
		geometry: {
			pictureWidth: width,
			pictureHeight: height,
			resizedWidth,
			resizedHeight,
			inputWidth: padded(resizedWidth),
			inputHeight: padded(resizedHeight),
			gridWidth: (padded(resizedWidth) - 1) / 8 + 1,
			gridHeight: (padded(resizedHeight) - 1) / 8 + 1,
			alignCorners: true,
		},
		classes: classShares(labels),
		timings: [
			{ stage: 'decode', milliseconds: 12.4 },
			{ stage: 'model', milliseconds: 41 },
			{ stage: 'network', milliseconds: 783 },
			{ stage: 'upsample', milliseconds: 8.7 },
		],
		backend: { name: 'wasm', threads: 2 },
	};
}

/** Values of a little-endian float32 .npy of any shape. */
export function readNpy(file: string): Float32Array {
	const bytes = readFileSync(file);
	const start = 10 + bytes.readUInt16LE(8);
	return new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
}

/** The sample picture with PyTorch's logits and labels; without them, a made run of the same size. */
export function chelseaRun(): InspectorRun {
	const [width, height] = [451, 300];
	if (!hasReference) {
		return madeRun({ width, height, name: 'chelsea.png', classes: 4 });
	}
	const picture = decode(readFileSync(path.join(shared, 'samples/chelsea.png')));
	const padded = decode(readFileSync(`${reference}-labels.png`));
	const labels = new Uint8Array(width * height);
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			labels[y * width + x] = Number(padded.data[y * padded.width + x]);
		}
	}
	return {
		info: runInfo('chelsea', 'chelsea.png', width, height, labels),
		rgb: rgbOf(picture.data, picture.channels),
		labels,
		displayStep: 1,
		displayWidth: width,
		displayHeight: height,
		logits: { channels: 21, height: 39, width: 58, data: readNpy(`${reference}-logits.npy`) },
	};
}

function rgbOf(data: ArrayLike<number>, channels: number): Uint8Array {
	const rgb = new Uint8Array((data.length / channels) * 3);
	for (let pixel = 0; pixel * 3 < rgb.length; pixel++) {
		for (let channel = 0; channel < 3; channel++) {
			rgb[pixel * 3 + channel] = data[pixel * channels + channel]!;
		}
	}
	return rgb;
}

export interface MadeRun {
	readonly width: number;
	readonly height: number;
	readonly name?: string;
	/** So many classes share the picture, as bands of blobs. */
	readonly classes: number;
	readonly displayStep?: number;
}

/** A picture of gradients with blobs of classes in it. */
export function madeRun({ width, height, name = 'made.png', classes, displayStep = 1 }: MadeRun): InspectorRun {
	const [shownWidth, shownHeight] = [Math.ceil(width / displayStep), Math.ceil(height / displayStep)];
	const rgb = new Uint8Array(shownWidth * shownHeight * 3);
	const labels = new Uint8Array(shownWidth * shownHeight);
	for (let y = 0, index = 0; y < shownHeight; y++) {
		for (let x = 0; x < shownWidth; x++, index++) {
			const [u, v] = [x / shownWidth, y / shownHeight];
			rgb[index * 3] = 90 + 100 * u + 30 * Math.sin(v * 20);
			rgb[index * 3 + 1] = 110 + 60 * v + 30 * Math.sin(u * 24);
			rgb[index * 3 + 2] = 150 - 60 * u;
			const wave = u * classes + 0.6 * Math.sin(v * 9 + u * 4) + 0.25 * Math.sin(v * 31);
			labels[index] = classes === 1 ? 15 : ((Math.floor(wave) % classes) + classes) % classes;
		}
	}
	const info = runInfo(`${name}-${classes}`, name, width, height, labels);
	const { gridWidth, gridHeight } = info.geometry;
	const data = new Float32Array(21 * gridWidth * gridHeight);
	for (let y = 0; y < gridHeight; y++) {
		for (let x = 0; x < gridWidth; x++) {
			const at =
				Math.min(shownHeight - 1, Math.floor((y / gridHeight) * shownHeight)) * shownWidth +
				Math.min(shownWidth - 1, Math.floor((x / gridWidth) * shownWidth));
			data[(labels[at]! * gridHeight + y) * gridWidth + x] = 6;
		}
	}
	return {
		info,
		rgb,
		labels,
		displayStep,
		displayWidth: shownWidth,
		displayHeight: shownHeight,
		logits: { channels: 21, height: gridHeight, width: gridWidth, data },
	};
}

/** A thumbnail of a run: every nth pixel, with the mask at 0.6. */
function thumbnail(run: InspectorRun): string {
	const scale = 96 / Math.max(run.displayWidth, run.displayHeight);
	const [width, height] = [
		Math.max(1, Math.round(run.displayWidth * scale)),
		Math.max(1, Math.round(run.displayHeight * scale)),
	];
	const data = new Uint8Array(width * height * 3);
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			const at = Math.floor(y / scale) * run.displayWidth + Math.floor(x / scale);
			const label = run.labels[at]!;
			for (let channel = 0; channel < 3; channel++) {
				const value = run.rgb[at * 3 + channel]!;
				const color = run.info.model.classes[label]!.color[channel]!;
				data[(y * width + x) * 3 + channel] = label === 0 ? value : 0.4 * value + 0.6 * color;
			}
		}
	}
	return `data:image/png;base64,${Buffer.from(encode({ width, height, data, channels: 3, depth: 8 })).toString('base64')}`;
}

/** Runs as the Runs view lists them, the last first. */
export function runList(now: number): readonly RunListItem[] {
	const item = (id: string, run: InspectorRun, seconds: number, folder: string, classes: readonly string[]) => ({
		id,
		pictureName: run.info.pictureName,
		pictureFolder: folder,
		modelName: run.info.model.name,
		createdAt: now - seconds * 1000,
		duration: 845,
		thumbnail: thumbnail(run),
		classes,
	});
	const street = madeRun({ width: 400, height: 300, name: 'street with a very long name, 2019-05-04.jpg', classes: 6 });
	return [
		item('1', chelseaRun(), 8, 'pictures/cats', ['cat']),
		item('2', street, 300, 'pictures', ['person', 'bicycle', 'car', 'bus', 'dog']),
		item('3', madeRun({ width: 300, height: 500, name: 'tall.webp', classes: 3 }), 7300, 'pictures', [
			'horse',
			'person',
		]),
		item('4', { ...chelseaRun() }, 90_000, 'archive', []),
		item('5', madeRun({ width: 1200, height: 90, name: 'panorama.png', classes: 5 }), 400_000, '', ['sheep', 'cow']),
	];
}

/** The bundled model as the core describes it, at the sample's input size. */
export function network(): NetworkDescription {
	const file = path.join(root, 'models/deeplabv2-mobilenetv2-voc.onnx');
	const bytes = new Uint8Array(readFileSync(file));
	return describeNetwork(decodeOnnx(bytes, path.basename(file)), bytes.length, path.basename(file), [305, 457]);
}
