/** The built pages in a real browser, against a fake host. */
import path from 'node:path';
import { defineConfig } from '@playwright/test';

const root = path.resolve(import.meta.dirname, '../..');

export default defineConfig({
	testDir: '.',
	testMatch: '*.spec.ts',
	outputDir: path.join(root, 'test-output/pages/results'),
	workers: 2,
	fullyParallel: true,
	projects: [
		{ name: 'pages', grepInvert: /@timed/ },
		// What holds a time has the machine to itself, when the rest is done.
		{ name: 'timed', grep: /@timed/, dependencies: ['pages'], workers: 1 },
	],
	timeout: 60_000,
	expect: { timeout: 15_000 },
	reporter: [['list'], ['json', { outputFile: path.join(root, 'test-output/pages/report.json') }]],
	use: {
		viewport: { width: 1000, height: 700 },
		permissions: ['clipboard-read', 'clipboard-write'],
		launchOptions: {
			executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
			args: [
				'--no-sandbox',
				'--disable-quic',
				'--no-first-run',
				'--disable-background-networking',
				'--disable-component-update',
				'--disable-sync',
			],
		},
	},
});
