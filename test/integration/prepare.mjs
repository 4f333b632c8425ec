/** What the launchers of the integration suite share: its bundle, its workspace and its results. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import esbuild from 'esbuild';
import { outputFolder, root, samplesFolder } from '../../scripts/lib/paths.mjs';

/** The suite writes its counts here: `DEEPLAB_TEST_RESULTS` in the extension host's environment. */
export const resultsFile = path.join(outputFolder, 'integration.json');

const suiteFolder = path.join(root, 'test/integration');

/** @type {import('esbuild').BuildOptions} */
const common = {
	entryPoints: [path.join(suiteFolder, 'index.ts')],
	bundle: true,
	format: 'cjs',
	external: ['vscode'],
	sourcemap: 'inline',
	logLevel: 'error',
	// mocha is an ES module with a default export; the host wants `run` on the CommonJS exports.
	footer: { js: 'module.exports = { run };' },
};

/** @returns {Promise<string>} the path of the bundle for Node's extension host */
export async function bundleSuite() {
	await rm(resultsFile, { force: true });
	const outfile = path.join(root, 'out/integration/index.cjs');
	await esbuild.build({
		...common,
		outfile,
		platform: 'node',
		target: 'node20',
		define: { 'import.meta.url': '__importMetaUrl' },
		banner: { js: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
	});
	return outfile;
}

/** What stands in a browser for what Node has. */
const webModules = /** @type {Record<string, string>} */ ({
	'./chosenHost': 'host.web.ts',
	'node:assert/strict': 'web/assert.ts',
	mocha: 'web/mocha.ts',
});

/**
 * @param {{ server: string, only: string, threads: number }} host what the suite is told of where it runs
 * @returns {Promise<string>} the path of the bundle for the web's extension host, from the root
 */
export async function bundleWebSuite({ server, only, threads }) {
	const outfile = 'out/integration-web/index.cjs';
	await esbuild.build({
		...common,
		absWorkingDir: root,
		outfile,
		platform: 'browser',
		target: 'es2022',
		define: {
			DEEPLAB_TEST_SERVER: JSON.stringify(server),
			DEEPLAB_TEST_ONLY: JSON.stringify(only),
			DEEPLAB_TEST_THREADS: String(threads),
			'import.meta.url': '""',
		},
		plugins: [
			{
				name: 'web',
				setup: (build) => {
					build.onResolve({ filter: /^(\.\/chosenHost|node:assert\/strict|mocha)$/ }, ({ path: name }) => ({
						path: path.join(suiteFolder, /** @type {string} */ (webModules[name])),
					}));
				},
			},
		],
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
 * @param {string} [file] the results
 * @returns {Promise<boolean>} whether tests ran and none failed
 */
export async function reportResults(file = resultsFile) {
	/** @type {{ passed: number, failed: number, skipped: number, results: { title: string, state: string, milliseconds: number, error?: string, reason?: string }[] }} */
	let read = { passed: 0, failed: 0, skipped: 0, results: [] };
	try {
		read = JSON.parse(await readFile(file, 'utf8'));
	} catch {
		console.log('The suite wrote no results.');
	}
	const { passed, failed, skipped, results } = read;
	for (const { title, state, milliseconds, error, reason } of results) {
		console.log(`${state.padEnd(7)} ${title} (${reason ?? `${milliseconds} ms`})${error ? `\n${error}` : ''}`);
	}
	console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
	return failed === 0 && passed > 0;
}
