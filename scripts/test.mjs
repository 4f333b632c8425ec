/**
 * `npm test`: sets up what is missing and runs every check, each with its log in test-output/. A failure does not stop
 * the rest. `npm test -- unit e2e` runs only what is named. The last line is `N passed, N failed`, with `, N skipped`
 * where there are any.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { outputFolder, root } from './lib/paths.mjs';
import { run } from './lib/processes.mjs';
import { setUp } from './setup.mjs';

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {object} Step
 * @property {string} name also of its log
 * @property {readonly string[]} args of Node
 * @property {number} minutes it is stopped after
 * @property {Record<string, string>} [env]
 * @property {(report: string) => Counts} [count] reads the step's JSON report; without it the step counts as one test
 */

/** @param {string} name */
const report = (name) => path.join(outputFolder, `${name}.json`);

const vitest = 'node_modules/vitest/vitest.mjs';
const playwright = 'node_modules/@playwright/test/cli.js';

/** @type {Step[]} */
const steps = [
	{ name: 'build', args: ['scripts/build.mjs'], minutes: 5 },
	{ name: 'lint', args: ['node_modules/@biomejs/biome/bin/biome', 'ci', '.'], minutes: 2 },
	{ name: 'typecheck', args: ['scripts/typecheck.mjs'], minutes: 3 },
	{
		name: 'unit',
		args: [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report('unit')}`],
		minutes: 15,
		count: countVitest,
	},
	{
		name: 'webgpu',
		args: ['test/webgpu/run.mjs', '--reporter=default', '--reporter=json', `--outputFile.json=${report('webgpu')}`],
		minutes: 12,
		count: countVitest,
	},
	{
		name: 'pages',
		args: [playwright, 'test', '--config', 'test/pages/playwright.config.ts', '--reporter=list,json'],
		env: { PLAYWRIGHT_JSON_OUTPUT_NAME: report('pages') },
		minutes: 10,
		count: countPlaywright,
	},
	{ name: 'package', args: ['scripts/package.mjs'], minutes: 5 },
	{ name: 'integration', args: ['test/integration/run.mjs'], minutes: 30, count: countOwn },
	{ name: 'integration-web', args: ['test/integration/runWeb.mjs'], minutes: 30, count: countOwn },
	{
		name: 'e2e',
		args: [playwright, 'test', '--config', 'test/e2e/playwright.config.ts', '--reporter=list,json'],
		env: { PLAYWRIGHT_JSON_OUTPUT_NAME: report('e2e') },
		minutes: 20,
		count: countPlaywright,
	},
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
/** @type {Counts} */
const total = { passed: 0, failed: 0, skipped: 0 };
if (unknown.length > 0) {
	console.error(`Unknown: ${unknown.join(', ')}. Choose of ${steps.map(({ name }) => name).join(', ')}.`);
	total.failed++;
} else {
	await runAll();
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;

async function runAll() {
	/** @type {string | undefined} */
	let chromium;
	try {
		({ chromium } = await setUp({ chromium: true, workbench: true, webWorkbench: true }));
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		total.failed++;
		return;
	}
	if (wanted.length === 0) {
		await rm(outputFolder, { recursive: true, force: true });
	}
	await mkdir(outputFolder, { recursive: true });
	for (const step of steps) {
		if (wanted.length > 0 && !wanted.includes(step.name)) {
			continue;
		}
		add(
			await runStep(step, {
				...process.env,
				NO_COLOR: '1',
				FORCE_COLOR: undefined,
				...step.env,
				...(chromium ? { CHROMIUM_PATH: chromium } : {}),
			}),
		);
	}
}

/**
 * @param {Step} step
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Counts>}
 */
async function runStep(step, env) {
	const log = path.join(outputFolder, `${step.name}.log`);
	await rm(log, { force: true });
	await rm(report(step.name), { force: true });
	const started = Date.now();
	const { status, output } = await run(process.execPath, step.args, {
		cwd: root,
		env,
		log,
		quiet: true,
		timeoutSeconds: step.minutes * 60,
	});
	const counts = step.count ? await readCounts(step.name, step.count) : { passed: 1, failed: 0, skipped: 0 };
	if (!step.count && status !== 0) {
		counts.passed = 0;
	}
	if (status !== 0 && counts.failed === 0) {
		counts.failed = 1;
	}
	if (counts.passed + counts.failed === 0) {
		counts.failed = 1;
		console.log(`${step.name} ran no test.`);
	}
	if (counts.failed > 0) {
		console.log(output.trim().slice(-8000));
	}
	const seconds = ((Date.now() - started) / 1000).toFixed(0);
	console.log(
		`${counts.failed > 0 ? 'FAILED' : 'ok    '} ${step.name.padEnd(15)} ${String(counts.passed).padStart(4)} passed, ${counts.failed} failed, ${counts.skipped} skipped  ${seconds} s  ${path.relative(root, log)}`,
	);
	return counts;
}

/** @param {Counts} counts */
function add(counts) {
	total.passed += counts.passed;
	total.failed += counts.failed;
	total.skipped += counts.skipped;
}

/**
 * @param {string} name
 * @param {(report: string) => Counts} count
 * @returns {Promise<Counts>}
 */
async function readCounts(name, count) {
	try {
		return count(await readFile(report(name), 'utf8'));
	} catch {
		return { passed: 0, failed: 0, skipped: 0 };
	}
}

/** @param {string} json @returns {Counts} */
function countVitest(json) {
	const result = JSON.parse(json);
	const broken = result.testResults.filter(
		(/** @type {{ status: string, assertionResults: unknown[] }} */ file) =>
			file.status === 'failed' && file.assertionResults.length === 0,
	).length;
	return {
		passed: result.numPassedTests,
		failed: result.numFailedTests + broken,
		skipped: result.numPendingTests + result.numTodoTests,
	};
}

/** @param {string} json @returns {Counts} */
function countPlaywright(json) {
	const { stats, errors } = JSON.parse(json);
	if (stats.flaky > 0) {
		console.log(`${stats.flaky} passed only at the second try: look for “flaky” in the log.`);
	}
	return {
		passed: stats.expected + stats.flaky,
		failed: stats.unexpected + errors.length,
		skipped: stats.skipped,
	};
}

/** @param {string} json @returns {Counts} */
function countOwn(json) {
	const { passed, failed, skipped } = JSON.parse(json);
	return { passed, failed, skipped };
}
