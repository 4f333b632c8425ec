/** Parts of the product for the scripts that measure it. */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import esbuild from 'esbuild';
import { cacheFolder, root } from './paths.mjs';

/**
 * Bundles a TypeScript entry and imports it; nothing of the bundle stays.
 * @param {string} entry relative to the repository
 * @returns {Promise<any>} the entry's exports; the caller gives their type
 */
export async function importBundled(entry) {
	const folder = path.join(cacheFolder, 'bundled');
	await mkdir(folder, { recursive: true });
	const outfile = path.join(folder, `${path.basename(entry, '.ts')}-${process.pid}.mjs`);
	try {
		await esbuild.build({
			entryPoints: [path.join(root, entry)],
			outfile,
			bundle: true,
			format: 'esm',
			platform: 'node',
			packages: 'external',
			logLevel: 'warning',
		});
		return await import(pathToFileURL(outfile).href);
	} finally {
		await rm(outfile, { force: true });
	}
}
