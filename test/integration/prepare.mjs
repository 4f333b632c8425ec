/** What the launchers of the integration suite share: its bundle, its workspace and its results. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import esbuild from 'esbuild';
import { outputFolder, root, samplesFolder } from '../../scripts/lib/paths.mjs';

/** The suite writes its counts here: `DEEPLAB_TEST_RESULTS` in the extension host's environment. */
export const resultsFile = path.join(outputFolder, 'integration.json');

/** @typedef {import('./host').TestForm & { name: string }} Form */

/**
 * The suite's forms of a host: all of it on WASM, then all of it on WebGPU, with inputs that are small enough for a GPU that
 * is played by the CPU.
 */
export const forms = {
	wasm: /** @type {Form} */ ({
		name: 'WASM',
		backend: 'wasm',
		settings: {},
		only: process.env.DEEPLAB_TEST_ONLY ?? '',
	}),
	webgpu: /** @type {Form} */ ({
		name: 'WebGPU',
		backend: 'webgpu',
		settings: { backend: 'webgpu', longestSide: 65 },
		only: process.env.DEEPLAB_TEST_ONLY ?? '',
	}),
};

/**
 * The forms that are asked for, by `DEEPLAB_TEST_FORM`; else all.
 * @template {Form} F
 * @param {readonly F[]} all
 * @returns {readonly F[]}
 */
export function wantedForms(all) {
	const wanted = process.env.DEEPLAB_TEST_FORM;
	return all.filter(({ name }) => !wanted || name === wanted);
}

/** @typedef {{ title: string, state: string, milliseconds: number, error?: string, reason?: string }} TestResult */
/** @typedef {{ passed: number, failed: number, skipped: number, results: TestResult[] }} Results */

/**
 * Runs the suite in its forms and writes all their results, the form's name before each title.
 * @template {Form} F
 * @param {string} file
 * @param {readonly F[]} all
 * @param {(form: F) => Promise<Results>} runSuite
 */
export async function runForms(file, all, runSuite) {
	/** @type {Results} */
	const sum = { passed: 0, failed: 0, skipped: 0, results: [] };
	for (const form of all) {
		const started = Date.now();
		const { passed, failed, skipped, results } = await runSuite(form);
		console.log(`${form.name}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
		sum.passed += passed;
		sum.failed += failed;
		sum.skipped += skipped;
		sum.results.push(...results.map((result) => ({ ...result, title: `${form.name}: ${result.title}` })));
	}
	await writeFile(file, JSON.stringify(sum, undefined, '\t'));
}

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
 * @param {{ server: string, form: Form, threads: number }} host what the suite is told of where it runs
 * @returns {Promise<string>} the path of the bundle for the web's extension host, from the root
 */
export async function bundleWebSuite({ server, form, threads }) {
	const outfile = 'out/integration-web/index.cjs';
	await esbuild.build({
		...common,
		absWorkingDir: root,
		outfile,
		platform: 'browser',
		target: 'es2022',
		define: {
			DEEPLAB_TEST_SERVER: JSON.stringify(server),
			DEEPLAB_TEST_FORM: JSON.stringify(form),
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
	/** @type {Results} */
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
