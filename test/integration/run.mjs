/**
 * Runs the integration suite inside a real VS Code's Node extension host: code-server's workbench, driven by a headless
 * Chromium. Ends with one line `N passed, N failed`; details are in test-output/integration.json.
 */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { chromiumArguments, ensureChromium } from '../../scripts/lib/chromium.mjs';
import { outputFolder, root } from '../../scripts/lib/paths.mjs';
import { ensureSoftwareGpu } from '../../scripts/lib/softwareGpu.mjs';
import { ensureWorkbench, startWorkbench } from '../../scripts/lib/workbench.mjs';
import { bundleSuite, makeWorkspace, reportResults, resultsFile } from './prepare.mjs';

const timeoutMinutes = 10;

const executablePath = await ensureChromium(console.log);
await ensureWorkbench(console.log);
await mkdir(outputFolder, { recursive: true });
const suite = await bundleSuite();
const workspace = await makeWorkspace();
const gpu = await ensureSoftwareGpu(executablePath, console.log);
const workbench = await startWorkbench({
	testDriver: true,
	log: path.join(outputFolder, 'integration-server.log'),
	env: {
		...gpu,
		DEEPLAB_TEST_BACKEND: 'webgpu',
		DEEPLAB_TEST_RESULTS: resultsFile,
		DEEPLAB_TEST_ONLY: process.env.DEEPLAB_TEST_ONLY ?? '',
	},
});
const log = createWriteStream(path.join(outputFolder, 'integration-window.log'));
const browser = await chromium.launch({ executablePath, args: chromiumArguments });
let status = 1;
try {
	const page = await browser.newPage();
	/** @type {Promise<number>} */
	const exit = new Promise((resolve) => {
		void page.exposeFunction('codeAutomationExit', resolve);
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
	const first = await Promise.race([exit, late]);
	if (first === 'late') {
		console.log(`The suite did not end within ${timeoutMinutes} minutes.`);
		await page.screenshot({ path: path.join(outputFolder, 'integration-timeout.png') });
	} else {
		status = Number(first);
	}
} finally {
	await browser.close();
	await workbench.stop();
	await workspace.remove();
}
const good = await reportResults();
process.exit(status === 0 && good ? 0 : 1);
