/** What both launchers of the integration suite share: its bundle, its workspace and its results. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import esbuild from 'esbuild';
import { outputFolder, root, samplesFolder } from '../../scripts/lib/paths.mjs';

/** The suite writes its counts here: `DEEPLAB_TEST_RESULTS` in the extension host's environment. */
export const resultsFile = path.join(outputFolder, 'integration.json');

/** @returns {Promise<string>} the bundle's path */
export async function bundleSuite() {
	await rm(resultsFile, { force: true });
	const outfile = path.join(root, 'out/integration/index.cjs');
	await esbuild.build({
		entryPoints: [path.join(root, 'test/integration/index.ts')],
		outfile,
		bundle: true,
		format: 'cjs',
		platform: 'node',
		target: 'node20',
		external: ['vscode'],
		sourcemap: 'inline',
		logLevel: 'error',
		define: { 'import.meta.url': '__importMetaUrl' },
		banner: { js: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
		// mocha is an ES module with a default export; the host wants `run` on the CommonJS exports.
		footer: { js: 'module.exports = { run };' },
	});
	return outfile;
}

/** A folder of sample pictures that the suite may write into. */
export async function makeWorkspace() {
	const folder = await mkdtemp(path.join(os.tmpdir(), 'deeplab-integration-'));
	await cp(samplesFolder, folder, { recursive: true });
	return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }) };
}

/**
 * Prints each test and the counts.
 * @returns {Promise<boolean>} whether tests ran and none failed
 */
export async function reportResults() {
	/** @type {{ passed: number, failed: number, skipped: number, results: { title: string, state: string, milliseconds: number, error?: string }[] }} */
	let read = { passed: 0, failed: 0, skipped: 0, results: [] };
	try {
		read = JSON.parse(await readFile(resultsFile, 'utf8'));
	} catch {
		console.log('The suite wrote no results.');
	}
	const { passed, failed, skipped, results } = read;
	for (const { title, state, milliseconds, error } of results) {
		console.log(`${state.padEnd(7)} ${title} (${milliseconds} ms)${error ? `\n${error}` : ''}`);
	}
	console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
	return failed === 0 && passed > 0;
}
