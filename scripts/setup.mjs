/**
 * Everything a fresh machine lacks: npm packages, Chromium with its software GPU, the test workbenches. Each is said in
 * one line when it is installed, and nothing is said when it is there. `node scripts/setup.mjs` does it all.
 */
import { pathToFileURL } from 'node:url';
import { ensureChromium } from './lib/chromium.mjs';
import { ensurePackages, requireNode } from './lib/packages.mjs';
import { ensureSoftwareGpu } from './lib/softwareGpu.mjs';
import { ensureWebWorkbench } from './lib/webWorkbench.mjs';
import { ensureWorkbench } from './lib/workbench.mjs';

/** @param {string} line */
const say = (line) => console.log(line);

/**
 * @param {{ chromium?: boolean, workbench?: boolean, webWorkbench?: boolean }} [needs] what is wanted beside the npm packages
 * @returns {Promise<{ chromium: string | undefined }>} Chromium's path where it was asked for
 */
export async function setUp(needs = {}) {
	requireNode();
	await ensurePackages(say);
	const chromium = needs.chromium ? await ensureChromium(say) : undefined;
	if (chromium && needs.workbench) {
		await ensureSoftwareGpu(chromium, say);
	}
	if (needs.workbench) {
		await ensureWorkbench(say);
	}
	if (needs.webWorkbench) {
		await ensureWebWorkbench(say);
	}
	return { chromium };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	try {
		await setUp({ chromium: true, workbench: true, webWorkbench: true });
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exit(1);
	}
}
