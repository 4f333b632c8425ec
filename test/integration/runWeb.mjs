/**
 * Runs the integration suite inside VS Code for the Web, whose extension host is a worker of the browser: all of it in a
 * page as most are, without shared memory; then what computes in one that is cross-origin isolated, with threads; then all
 * of it on WebGPU. Ends with one line `N passed, N failed, N skipped`; details are in test-output/integration-web.json.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { chromiumArguments, ensureChromium } from '../../scripts/lib/chromium.mjs';
import { outputFolder, root } from '../../scripts/lib/paths.mjs';
import { ensureWebWorkbench, makeWebProfile, startWebWorkbench } from '../../scripts/lib/webWorkbench.mjs';
import { bundleWebSuite, forms, reportResults, runForms, wantedForms } from './prepare.mjs';
import { residentBytes } from './residentBytes.mjs';

const timeoutMinutes = 18;
const resultsFile = path.join(outputFolder, 'integration-web.json');

const executablePath = await ensureChromium(console.log);
await ensureWebWorkbench(console.log);
await mkdir(outputFolder, { recursive: true });
await rm(resultsFile, { force: true });
const log = createWriteStream(path.join(outputFolder, 'integration-web-window.log'));

/** The setting's own number where it is not set. */
const threads = Math.min(4, os.availableParallelism());

/** @typedef {import('./prepare.mjs').Form & { isolated: boolean, threads: number, arguments: string[] }} WebForm */

/** @type {WebForm[]} */
const all = [
	{ ...forms.wasm, name: 'one thread', isolated: false, threads: 1, arguments: [] },
	{
		...forms.wasm,
		name: 'isolated',
		only: forms.wasm.only || 'finds the (person|cat)|refines the sample|measures the ',
		isolated: true,
		threads,
		arguments: [],
	},
	{
		...forms.webgpu,
		isolated: false,
		threads: 1,
		arguments: [
			'--enable-unsafe-webgpu',
			'--use-webgpu-adapter=swiftshader',
			// Whose process may be killed again and again.
			'--disable-gpu-process-crash-limit',
			'--disable-domain-blocking-for-3d-apis',
		],
	},
];
await runForms(resultsFile, wantedForms(all), runSuite);
process.exit((await reportResults(resultsFile)) ? 0 : 1);

/**
 * @param {WebForm} form
 * @returns {Promise<import('./prepare.mjs').Results>}
 */
async function runSuite(form) {
	const { name } = form;
	const workbench = await startWebWorkbench({
		extension: root,
		development: true,
		isolated: form.isolated,
		tests: (server) => bundleWebSuite({ server, form, threads: form.threads }),
		onPost: async (what) => {
			switch (what) {
				case 'killGpu':
					await (await control)?.send('Browser.crashGpuProcess');
					return '';
				case 'memory':
					await collectGarbage(browser.pages());
					return String(await residentBytes(profile.folder));
				default:
					return '';
			}
		},
	});
	const profile = await makeWebProfile();
	const browser = await chromium.launchPersistentContext(profile.folder, {
		executablePath,
		args: [...chromiumArguments, ...form.arguments],
	});
	const control = browser.browser()?.newBrowserCDPSession();
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
		await page.screenshot({ path: path.join(outputFolder, `integration-web-${name}.png`) });
		console.log(`The suite (${name}) ended without results.`);
		return { passed: 0, failed: 1, skipped: 0, results: [] };
	} finally {
		await browser.close();
		await workbench.stop();
		await profile.remove();
	}
}

/**
 * What a browser has not collected yet says nothing of what is held.
 * @param {readonly import('@playwright/test').Page[]} pages
 */
async function collectGarbage(pages) {
	for (const page of pages) {
		const session = await page.context().newCDPSession(page);
		await session.send('HeapProfiler.collectGarbage');
		await session.send('Memory.simulatePressureNotification', { level: 'critical' });
		await session.detach();
	}
}
