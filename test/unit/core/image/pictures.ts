/** The picture fixtures and what they must decode to (written by test/fixtures/pictures/make.py). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decodeNpy } from '../../../../src/core/checkpoint/npy';
import { createPictureDecoder } from '../../../../src/core/image/decode';

const folder = path.resolve('test/fixtures/pictures');

export interface Fixture {
	readonly file: string;
	/** Array file of height x width x 3 bytes. */
	readonly expected: string;
	/** Largest difference allowed, in levels. */
	readonly tolerance: number;
}

export const fixtures: readonly Fixture[] = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'));

export function readFixture(file: string): Uint8Array {
	return new Uint8Array(readFileSync(path.join(folder, file)));
}

export function readPixels(file: string): { width: number; height: number; rgb: Uint8Array } {
	const { shape, data } = decodeNpy(readFixture(file), file);
	return { height: shape[0]!, width: shape[1]!, rgb: data as Uint8Array };
}

const assets: Readonly<Record<string, string>> = {
	'mozjpeg_dec.wasm': 'node_modules/@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm',
	'webp_dec.wasm': 'node_modules/@jsquash/webp/codec/dec/webp_dec.wasm',
};

export async function loadAsset(file: string): Promise<Uint8Array> {
	return readFileSync(path.resolve(assets[file]!));
}

export const decoder = createPictureDecoder(loadAsset);

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
	if (a.length !== b.length) {
		return Number.POSITIVE_INFINITY;
	}
	let largest = 0;
	for (let i = 0; i < a.length; i++) {
		largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
	}
	return largest;
}
