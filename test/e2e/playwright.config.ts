import path from 'node:path';
import { defineConfig } from '@playwright/test';
import { chromiumArguments, findChromium } from '../../scripts/lib/chromium.mjs';
import { outputFolder } from '../../scripts/lib/paths.mjs';

export default defineConfig({
	testDir: '.',
	outputDir: path.join(outputFolder, 'e2e'),
	// One window at a time: two cores serve Chromium, the workbench and the network.
	workers: 1,
	fullyParallel: false,
	// A busy machine can lose a page of the workbench while its service worker starts; npm test names what needed this.
	retries: 1,
	timeout: 90_000,
	expect: { timeout: 15_000 },
	reporter: 'list',
	use: {
		actionTimeout: 20_000,
		viewport: { width: 1280, height: 800 },
		screenshot: 'only-on-failure',
		trace: 'off',
		launchOptions: { executablePath: findChromium(), args: chromiumArguments },
	},
});
