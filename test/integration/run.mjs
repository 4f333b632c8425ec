/**
 * Runs the integration suite inside a real VS Code's Node extension host: code-server's workbench, driven by a headless
 * Chromium; on WASM, then on WebGPU. Ends with one line `N passed, N failed`; details are in test-output/integration.json.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { chromiumArguments, ensureChromium } from '../../scripts/lib/chromium.mjs';
import { outputFolder, root } from '../../scripts/lib/paths.mjs';
import { ensureSoftwareGpu } from '../../scripts/lib/softwareGpu.mjs';
import { ensureWorkbench, startWorkbench } from '../../scripts/lib/workbench.mjs';
import { bundleSuite, forms, makeWorkspace, reportResults, resultsFile, runForms, wantedForms } from './prepare.mjs';

const timeoutMinutes = 18;

const executablePath = await ensureChromium(console.log);
await ensureWorkbench(console.log);
await mkdir(outputFolder, { recursive: true });
const suite = await bundleSuite();
const gpu = await ensureSoftwareGpu(executablePath, console.log);
const log = createWriteStream(path.join(outputFolder, 'integration-window.log'));
await runForms(resultsFile, wantedForms([forms.wasm, forms.webgpu]), runSuite);
process.exit((await reportResults()) ? 0 : 1);

/**
 * @param {import('./prepare.mjs').Form} form
 * @returns {Promise<import('./prepare.mjs').Results>}
 */
async function runSuite(form) {
	const written = path.join(outputFolder, `integration-${form.name}.json`);
	await rm(written, { force: true });
	const workspace = await makeWorkspace();
	const workbench = await startWorkbench({
		testDriver: true,
		log: path.join(outputFolder, `integration-server-${form.name}.log`),
		env: {
			...(form.backend === 'webgpu' ? gpu : {}),
			DEEPLAB_TEST_RESULTS: written,
			DEEPLAB_TEST_FORM: JSON.stringify(form),
		},
	});
	const browser = await chromium.launch({ executablePath, args: chromiumArguments });
	try {
		const page = await browser.newPage();
		/** @type {Promise<undefined>} */
		const exit = new Promise((resolve) => {
			void page.exposeFunction('codeAutomationExit', () => resolve(undefined));
		});
		await page.exposeFunction('codeAutomationLog', (/** @type {string} */ type, /** @type {unknown[]} */ args) => {
			log.write(`${type} ${args.map(String).join(' ')}\n`);
		});
		await page.goto(
			workbench.address(workspace.folder, [
				['extensionDevelopmentPath', workbench.remote(root)],
				['extensionTestsPath', workbench.remote(suite)],
				['skipWelcome', 'true'],
			]),
		);
		const late = new Promise((resolve) => setTimeout(() => resolve('late'), timeoutMinutes * 60_000).unref());
		if ((await Promise.race([exit, late])) === 'late') {
			console.log(`The suite (${form.name}) did not end within ${timeoutMinutes} minutes.`);
			await page.screenshot({ path: path.join(outputFolder, `integration-timeout-${form.name}.png`) });
		}
		return JSON.parse(await readFile(written, 'utf8'));
	} catch (error) {
		console.log(`The suite (${form.name}) ended without results: ${error}`);
		return { passed: 0, failed: 1, skipped: 0, results: [] };
	} finally {
		await browser.close();
		await workbench.stop();
		await workspace.remove();
	}
}
