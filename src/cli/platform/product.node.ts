/** Where the product's own files lie, seen from the bundle `dist/cli.mjs`. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

export const bundledModelFile = fileURLToPath(new URL('../models/deeplabv2-mobilenetv2-voc.onnx', import.meta.url));

export const workerScript = new URL('./worker.mjs', import.meta.url);

/** Of the threads that help with the dense CRF. */
export const crfThreadScript = new URL('./crfThread.mjs', import.meta.url);

export const distFolder = fileURLToPath(new URL('.', import.meta.url));

/** With a slash at its end. */
export const assetsFolder = new URL('./assets/', import.meta.url).href;

/** More than 8 threads gain little on maps of this size. */
export function defaultThreads(): number {
	return Math.min(availableParallelism(), 8);
}

/** From the manifest. */
export function productVersion(): string {
	const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
	return typeof manifest === 'object' && manifest && 'version' in manifest ? String(manifest.version) : '';
}
