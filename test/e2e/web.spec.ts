/** VS Code for the Web with the packaged extension: what a user does there with the palette and the keyboard. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test as base, chromium } from '@playwright/test';
import { unzipSync } from 'fflate';
import { chromiumArguments, findChromium } from '../../scripts/lib/chromium.mjs';
import { makeWebProfile, startWebWorkbench } from '../../scripts/lib/webWorkbench.mjs';
import { vsixPath } from '../../scripts/package.mjs';
import {
	accessible,
	expect,
	pageFrame,
	runCommand,
	screenshot,
	setPane,
	sideBarIcon,
	someThemes,
	type Theme,
} from './support';

/** The package's files, in a folder. */
const test = base.extend<object, { unpacked: string }>({
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

for (const [name, theme] of someThemes) {
	test(`segment the sample, refine it, look inside ASPP: ${name}`, async ({ unpacked }) => {
		await inWebWorkbench(unpacked, theme, async (page) => {
			await runCommand(page, 'DeepLab: Segment the Sample Picture');
			const inspector = await pageFrame(page, 'inspector', '.legend-name:text-is("person")');
			await expect(inspector.locator('.legend-row', { hasText: 'person' })).toContainText(/4\d\.\d %/);
			await screenshot(page, `web-inspector-${name}`);

			// A page of another origin gets the keyboard by a click; it pins the pixel, too.
			await inspector.locator('.viewport').click();
			await expect(inspector.locator('.readout-best')).toContainText('person');
			await runCommand(page, 'DeepLab: Refine with CRF');
			await setPane(page, 'Runs', false);
			const crf = await pageFrame(page, 'crf', '.changes-total');
			await expect(crf.locator('.changes-total')).toContainText('px');
			await screenshot(page, `web-crf-${name}`);

			await inspector.locator('.viewport').click();
			await runCommand(page, 'DeepLab: Show ASPP Branches');
			const aspp = await pageFrame(page, 'aspp', '.effect-none');
			// The view that was asked for takes the keyboard when it is there, which may be after the click.
			await expect(async () => {
				await inspector.locator('.viewport').click();
				await page.waitForTimeout(300);
				expect(await inspector.evaluate(() => document.hasFocus())).toBe(true);
			}).toPass({ timeout: 15_000 });
			await page.keyboard.press('2');
			await expect(aspp.getByRole('button', { name: 'Solo: rate 12' })).toHaveAttribute('aria-pressed', 'true');
			await expect(aspp.locator('.changes-total')).toContainText('pixels changed class');
			await screenshot(page, `web-aspp-${name}`);
			await accessible(inspector);
			await accessible(aspp);
		});
	});
}

async function inWebWorkbench(
	extension: string,
	theme: Theme,
	steps: (page: import('@playwright/test').Page) => Promise<void>,
): Promise<void> {
	const workbench = await startWebWorkbench({
		extension,
		settings: {
			'workbench.colorTheme': theme,
			'window.autoDetectHighContrast': false,
			'workbench.reduceMotion': 'on',
		},
	});
	const profile = await makeWebProfile();
	const browser = await chromium.launchPersistentContext(profile.folder, {
		executablePath: findChromium(),
		args: chromiumArguments,
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
