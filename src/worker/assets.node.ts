import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { InspectorError } from '../core/problem';

/** @throws InspectorError `runtime.unavailable` */
export async function loadAsset(url: string): Promise<Uint8Array> {
	const path = fileURLToPath(url);
	return await readFile(path).catch((error: unknown) => Promise.reject(unavailable(path, error)));
}

/**
 * Makes sure of files of the assets folder: onnxruntime writes to standard error when its own are missing.
 * @returns the files' URLs
 * @throws InspectorError `runtime.unavailable`
 */
export async function presentAssets(files: readonly string[], assets: string): Promise<readonly string[]> {
	const urls = files.map((file) => new URL(file, assets));
	for (const path of urls.map((url) => fileURLToPath(url))) {
		await access(path).catch((error: unknown) => Promise.reject(unavailable(path, error)));
	}
	return urls.map((url) => url.href);
}

function unavailable(path: string, cause: unknown): InspectorError {
	const detail = `${path}: ${cause instanceof Error ? cause.message : String(cause)}`;
	return new InspectorError({ code: 'runtime.unavailable', detail }, { cause });
}
