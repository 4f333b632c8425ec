/**
 * Runs the integration suite inside VS Code for the Web, whose extension host is a worker of the browser: all of it in a
 * page as most are, without shared memory; then what computes in one that is cross-origin isolated, with threads. Ends with
 * one line `N passed, N failed, N skipped`; details are in test-output/integration-web.json.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { chromiumArguments, ensureChromium } from '../../scripts/lib/chromium.mjs';
import { outputFolder, root } from '../../scripts/lib/paths.mjs';
import { ensureWebWorkbench, makeWebProfile, startWebWorkbench } from '../../scripts/lib/webWorkbench.mjs';
import { bundleWebSuite, reportResults } from './prepare.mjs';

const timeoutMinutes = 6;
const resultsFile = path.join(outputFolder, 'integration-web.json');

const executablePath = await ensureChromium(console.log);
await ensureWebWorkbench(console.log);
await mkdir(outputFolder, { recursive: true });
await rm(resultsFile, { force: true });
const log = createWriteStream(path.join(outputFolder, 'integration-web-window.log'));

/** The setting's own number where it is not set. */
const threads = Math.min(4, os.availableParallelism());
const only = process.env.DEEPLAB_TEST_ONLY ?? '';
const form = process.env.DEEPLAB_TEST_WEB;
const runs = [
	{ name: 'one thread', isolated: false, threads: 1, only },
	{ name: 'isolated', isolated: true, threads, only: only || 'finds the |refines the sample|measures the' },
].filter(({ name }) => !form || name === form);

const all = { passed: 0, failed: 0, skipped: 0, results: /** @type {object[]} */ ([]) };
for (const run of runs) {
	const { passed, failed, skipped, results } = await runSuite(run);
	all.passed += passed;
	all.failed += failed;
	all.skipped += skipped;
	all.results.push(...results.map((result) => ({ ...result, title: `${run.name}: ${result.title}` })));
}
await writeFile(resultsFile, JSON.stringify(all, undefined, '\t'));
process.exit((await reportResults(resultsFile)) ? 0 : 1);

/**
 * @param {{ name: string, isolated: boolean, threads: number, only: string }} form
 * @returns {Promise<{ passed: number, failed: number, skipped: number, results: { title: string }[] }>}
 */
async function runSuite({ name, isolated, threads: expected, only: part }) {
	const workbench = await startWebWorkbench({
		extension: root,
		development: true,
		isolated,
		tests: (server) => bundleWebSuite({ server, only: part, threads: expected }),
	});
	const profile = await makeWebProfile();
	const browser = await chromium.launchPersistentContext(profile.folder, { executablePath, args: chromiumArguments });
	try {
		const page = browser.pages()[0] ?? (await browser.newPage());
		/** @type {Promise<undefined>} */
		const exit = new Promise((resolve) => {
			void page.exposeFunction('codeAutomationExit', () => resolve(undefined));
		});
		await page.exposeFunction('codeAutomationLog', (/** @type {string} */ type, /** @type {unknown[]} */ args) => {
			log.write(`${type} ${args.map(String).join(' ')}\n`);
		});
		await page.goto(workbench.address);
		const late = new Promise((resolve) => setTimeout(() => resolve(undefined), timeoutMinutes * 60_000).unref());
		const text = await Promise.race([workbench.results, exit, late]);
		if (typeof text === 'string') {
			return JSON.parse(text);
		}
		await page.screenshot({ path: path.join(outputFolder, `integration-web-${isolated ? 'isolated' : 'plain'}.png`) });
		console.log(`The suite (${name}) ended without results.`);
		return { passed: 0, failed: 1, skipped: 0, results: [] };
	} finally {
		await browser.close();
		await workbench.stop();
		await profile.remove();
	}
}
