import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type * as vscode from 'vscode';
import type { FeatureMap, Run } from '../../../src/core/run';
import type { RunStoreOptions } from '../../../src/extension/runs/runStore';

/** The part of `vscode.Uri` that the store uses, over a path of this machine. */
export function uriOf(fsPath: string): vscode.Uri {
	return { fsPath, path: fsPath, toString: () => `file://${fsPath}` } as unknown as vscode.Uri;
}

export const joinPath: RunStoreOptions['joinPath'] = (base, ...parts) => uriOf(path.join(base.fsPath, ...parts));

/** VS Code's disk file system, over Node's. */
export const diskFiles: RunStoreOptions['fs'] = {
	readFile: async ({ fsPath }) => new Uint8Array(await readFile(fsPath)),
	writeFile: async ({ fsPath }, content) => await writeFile(fsPath, content),
	readDirectory: async ({ fsPath }) =>
		(await readdir(fsPath, { withFileTypes: true })).map((entry) => [entry.name, entry.isDirectory() ? 2 : 1]),
	createDirectory: async ({ fsPath }) => void (await mkdir(fsPath, { recursive: true })),
	delete: async ({ fsPath }, options) => await rm(fsPath, { recursive: options?.recursive ?? false }),
	rename: async (from, to) => await rename(from.fsPath, to.fsPath),
};

function map(channels: number, height: number, width: number, start: number): FeatureMap {
	const data = Float32Array.from({ length: channels * height * width }, (_, i) => start + i / 7);
	return { channels, height, width, data };
}

/** A small run whose every tensor has other values. */
export function makeRun(id: string, { width = 5, height = 4, createdAt = 1 } = {}): Run {
	const pixels = width * height;
	return {
		info: {
			id,
			pictureName: `${id}.png`,
			pictureUri: `file:///pictures/${id}.png`,
			pictureFormat: 'png',
			createdAt,
			model: {
				name: 'test net',
				family: 'deeplabv2',
				backbone: 'none',
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
				classes: [
					{ name: 'background', color: [0, 0, 0] },
					{ name: 'cat', color: [64, 0, 0] },
				],
				ignoreLabel: 255,
				branches: [6, 12].map((rate) => ({ rate, output: `aspp.${rate}` })),
				linearHead: true,
			},
			geometry: {
				pictureWidth: width,
				pictureHeight: height,
				resizedWidth: width,
				resizedHeight: height,
				inputWidth: 9,
				inputHeight: 9,
				gridWidth: 2,
				gridHeight: 3,
				alignCorners: true,
			},
			classes: [{ label: 1, pixels, share: 1 }],
			timings: [{ stage: 'network', milliseconds: 12.5 }],
			backend: { name: 'wasm', threads: 1 },
		},
		tensors: {
			rgb: Uint8Array.from({ length: pixels * 3 }, (_, i) => (i * 31) % 256),
			labels: Uint8Array.from({ length: pixels }, (_, i) => i % 2),
			logits: map(2, 3, 2, 100),
			branches: [6, 12].map((rate) => ({ rate, ...map(2, 3, 2, rate) })),
			features: map(4, 3, 2, 1000),
		},
	};
}
