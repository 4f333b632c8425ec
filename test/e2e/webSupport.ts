/** A window of VS Code for the Web with the packaged extension. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test as base, chromium, type Page } from '@playwright/test';
import { unzipSync } from 'fflate';
import { chromiumArguments, findChromium } from '../../scripts/lib/chromium.mjs';
import { makeWebProfile, startWebWorkbench } from '../../scripts/lib/webWorkbench.mjs';
import { vsixPath } from '../../scripts/package.mjs';
import { expect, sideBarIcon, type Theme } from './support';

export const test = base.extend<object, { unpacked: string }>({
	/** A folder with the package's files. */
	unpacked: [
		// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures a function needs from its pattern.
		async ({}, use) => {
			const folder = mkdtempSync(path.join(os.tmpdir(), 'deeplab-unpacked-'));
			for (const [name, bytes] of Object.entries(unzipSync(readFileSync(await vsixPath())))) {
				if (name.startsWith('extension/') && !name.endsWith('/')) {
					const file = path.join(folder, name);
					mkdirSync(path.dirname(file), { recursive: true });
					writeFileSync(file, bytes);
				}
			}
			try {
				await use(path.join(folder, 'extension'));
			} finally {
				rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
			}
		},
		{ scope: 'worker' },
	],
});

export interface WebWindow {
	/** Folder of the unpacked package. */
	readonly extension: string;
	readonly theme: Theme;
	readonly settings?: Readonly<Record<string, unknown>>;
	/** Beside Chromium's usual ones. */
	readonly arguments?: readonly string[];
}

/** Opens a window, waits for the extension, and closes it after the steps. */
export async function inWebWorkbench(window: WebWindow, steps: (page: Page) => Promise<void>): Promise<void> {
	const workbench = await startWebWorkbench({
		extension: window.extension,
		settings: {
			'workbench.colorTheme': window.theme,
			'window.autoDetectHighContrast': false,
			'workbench.reduceMotion': 'on',
			...window.settings,
		},
	});
	const profile = await makeWebProfile();
	const browser = await chromium.launchPersistentContext(profile.folder, {
		executablePath: findChromium(),
		args: [...chromiumArguments, ...(window.arguments ?? [])],
		viewport: { width: 1280, height: 800 },
	});
	try {
		const page = browser.pages()[0] ?? (await browser.newPage());
		await page.goto(workbench.address);
		await expect(sideBarIcon(page)).toBeVisible({ timeout: 60_000 });
		await steps(page);
	} finally {
		await browser.close();
		await workbench.stop();
		await profile.remove();
	}
}
