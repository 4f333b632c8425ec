/** A window of a real VS Code with the packaged extension installed, and the steps a user takes in it. */
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test as base, expect, type Frame, type Locator, type Page } from '@playwright/test';
import { outputFolder, root, samplesFolder } from '../../scripts/lib/paths.mjs';
import { installExtension, startWorkbench } from '../../scripts/lib/workbench.mjs';
import { vsixPath } from '../../scripts/package.mjs';
import type { PageSetup } from '../../src/shared/protocol/page';
import { badPictures } from '../support/pictures';

export { expect };

/** Folder of the screenshots of every view. */
export const screenshotsFolder = path.join(outputFolder, 'screenshots');

export type Theme =
	| 'Default Light Modern'
	| 'Default Dark Modern'
	| 'Default High Contrast'
	| 'Default High Contrast Light';

/** Every theme that views are looked at in, by the name its screenshots have. */
export const themes: readonly (readonly [string, Theme])[] = [
	['light', 'Default Light Modern'],
	['dark', 'Default Dark Modern'],
	['high-contrast', 'Default High Contrast'],
	['high-contrast-light', 'Default High Contrast Light'],
];

/** Those of them where a page's own tests look at every theme, and here it is about the window around it. */
export const someThemes = themes.filter(([name]) => name === 'light' || name === 'high-contrast');

interface Server {
	/** Address of a window with that folder open. */
	address(folder: string): string;
	/** The user's, which outlive a window. */
	resetSettings(): Promise<void>;
}

export interface Window {
	readonly page: Page;
	/** The workspace's folder. */
	readonly folder: string;
}

interface Options {
	theme: Theme;
}

export const test = base.extend<Options & { window: Window }, { server: Server }>({
	theme: ['Default Dark Modern', { option: true }],
	server: [
		// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures a function needs from its pattern.
		async ({}, use) => {
			const vsix = await vsixPath();
			if (!existsSync(vsix)) {
				throw new Error(`${vsix} is missing: run npm run package first.`);
			}
			const extensions = await mkdtemp(path.join(os.tmpdir(), 'deeplab-extensions-'));
			await installExtension(vsix, extensions);
			const workbench = await startWorkbench({ extensions, log: path.join(outputFolder, 'e2e-server.log') });
			try {
				await use(workbench);
			} finally {
				await workbench.stop();
				await rm(extensions, { recursive: true, force: true, maxRetries: 3 });
			}
		},
		{ scope: 'worker', timeout: 180_000 },
	],
	window: async ({ page, server, theme }, use) => {
		const folder = await makeWorkspace(theme);
		try {
			await server.resetSettings();
			await page.goto(server.address(folder));
			await expect(fileInExplorer(page, 'astronaut.png')).toBeVisible({ timeout: 60_000 });
			// Its icon comes with its commands and menus.
			await expect(sideBarIcon(page)).toBeVisible({ timeout: 60_000 });
			await use({ page, folder });
		} finally {
			await rm(folder, { recursive: true, force: true, maxRetries: 3 });
		}
	},
});

/** A workspace with the samples and the bad pictures. */
async function makeWorkspace(theme: Theme): Promise<string> {
	const folder = await mkdtemp(path.join(os.tmpdir(), 'deeplab-e2e-'));
	await cp(samplesFolder, folder, { recursive: true });
	for (const [name, bytes] of badPictures(readFileSync(path.join(samplesFolder, 'chelsea.png')))) {
		await writeFile(path.join(folder, name), bytes);
	}
	await mkdir(path.join(folder, '.vscode'));
	await writeFile(
		path.join(folder, '.vscode/settings.json'),
		JSON.stringify({
			'workbench.colorTheme': theme,
			'window.autoDetectHighContrast': false,
			'workbench.reduceMotion': 'on',
		}),
	);
	return folder;
}

export function fileInExplorer(page: Page, name: string): Locator {
	return page.locator('.explorer-folders-view .monaco-list-row', { hasText: name });
}

/** Opens a picture in its editor, as a double click in the explorer does. */
export async function openPicture(page: Page, name: string): Promise<void> {
	await fileInExplorer(page, name).dblclick();
	await expect(page.locator('.tabs-container .tab', { hasText: name })).toBeVisible();
}

/** Runs a command from the palette by its title, with the keyboard alone. */
export async function runCommand(page: Page, title: string): Promise<void> {
	await page.keyboard.press('F1');
	const input = page.locator('.quick-input-widget:visible input[type="text"]');
	await expect(input).toBeVisible();
	await page.keyboard.type(title);
	await expect(page.locator('.quick-input-list .monaco-list-row.focused')).toContainText(title);
	await page.keyboard.press('Enter');
}

/**
 * The document of one of the extension's pages; waits until it is there.
 * @param showing CSS selector of what it has to show: the page of a tab that is just being left does not do
 */
export async function pageFrame(
	page: Page,
	name: PageSetup['page'],
	showing = '[data-page]',
	timeout = 60_000,
): Promise<Frame> {
	const until = Date.now() + timeout;
	for (;;) {
		for (const frame of page.frames().filter((each) => each.url().includes('fake.html'))) {
			// A frame may go away at any moment: then it is not the one.
			const setup = await frame
				.evaluate(() => document.querySelector('[data-page]')?.getAttribute('data-page'))
				.catch(() => undefined);
			const there = await frame
				.locator(showing)
				.first()
				.isVisible()
				.catch(() => false);
			if (setup && there && (JSON.parse(setup) as PageSetup).page === name) {
				return frame;
			}
		}
		if (Date.now() > until) {
			throw new Error(`The ${name} page with ${showing} did not appear within ${timeout} ms.`);
		}
		await page.waitForTimeout(100);
	}
}

/** Segments a picture by the explorer's context menu and waits for a class. */
export async function segmentByMenu(page: Page, name: string, present: string): Promise<Frame> {
	await chooseFromContextMenu(page, fileInExplorer(page, name), 'Segment Image…');
	await expect(page.locator('.tabs-container .tab.active', { hasText: name })).toBeVisible();
	return await pageFrame(page, 'inspector', `.legend-name:text-is("${present}")`);
}

/** What the readout of the Inspector says. */
export async function readPixel(
	inspector: Frame,
): Promise<{ x: number; y: number; best: string; probability: number }> {
	await expect(inspector.locator('.readout-values')).toBeVisible();
	const [, x, y] = /x (\d+)\s+y (\d+)/.exec((await inspector.locator('.readout-pixel').textContent()) ?? '') ?? [];
	const best = (await inspector.locator('.readout-best').textContent()) ?? '';
	const [, name = '', probability] = /^(.*?) (?:[<>] ?)?([\d.]+)$/.exec(best) ?? [];
	return { x: Number(x), y: Number(y), best: name, probability: Number(probability) };
}

/** Right-clicks and chooses an entry. */
export async function chooseFromContextMenu(page: Page, target: Locator, entry: string): Promise<void> {
	const item = page.locator('.monaco-menu .action-item', { hasText: entry });
	// An editor that is still opening takes the focus when it is done, which closes the menu: then it is opened anew.
	await expect(async () => {
		if (!(await item.isVisible())) {
			await target.click({ button: 'right', timeout: 2000 });
		}
		await item.hover({ timeout: 2000 });
		// A menu does not heed a click in its first moments.
		await page.waitForTimeout(300);
		await item.click({ timeout: 2000 });
		await expect(item).toBeHidden({ timeout: 2000 });
	}).toPass({ timeout: 30_000 });
}

/** Answers the workbench's own file dialog with a path. */
export async function answerFileDialog(page: Page, file: string): Promise<void> {
	const input = page.locator('.quick-input-widget:visible input[type="text"]');
	await expect(input).toBeVisible();
	// The dialog fills in its own proposal first.
	await expect(input).not.toHaveValue('');
	// While it reads the folder it may set its proposal once more.
	await expect(async () => {
		await input.fill(file);
		await page.waitForTimeout(300);
		await expect(input).toHaveValue(file, { timeout: 100 });
	}).toPass({ timeout: 15_000 });
	await page.keyboard.press('Enter');
	await expect(input).toBeHidden();
}

/** Messages at the window's corner, newest first. */
export function notifications(page: Page): Locator {
	return page.locator('.notifications-toasts .notification-list-item');
}

/** Shows the extension's container in the side bar. */
export async function openSideBar(page: Page): Promise<void> {
	const icon = sideBarIcon(page);
	if (!(await icon.getAttribute('class'))?.includes('checked')) {
		await icon.click();
	}
}

/** Unfolds a view of the side bar, or folds it up. */
export async function setPane(page: Page, title: string, open: boolean): Promise<void> {
	const header = page.locator('.pane-header', {
		has: page.locator('.title', { hasText: new RegExp(`^${title}$`, 'i') }),
	});
	await expect(header).toBeVisible();
	if ((await header.getAttribute('aria-expanded')) !== String(open)) {
		await header.click();
	}
	await expect(header).toHaveAttribute('aria-expanded', String(open));
}

/** Of the extension; it is there when its commands and menus are. */
export function sideBarIcon(page: Page): Locator {
	return page.locator('.activitybar .action-item', { has: page.locator('[aria-label^="DeepLab"]') });
}

export async function screenshot(page: Page, name: string): Promise<void> {
	await mkdir(screenshotsFolder, { recursive: true });
	await page.screenshot({ path: path.join(screenshotsFolder, `${name}.png`) });
}

const axe = readFileSync(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');

/** Asserts that axe-core finds nothing serious or critical in a page. */
export async function accessible(frame: Frame): Promise<void> {
	await frame.evaluate(() => {
		// The side bar shows through its pages, which axe-core cannot see.
		if (getComputedStyle(document.body).backgroundColor === 'rgba(0, 0, 0, 0)') {
			document.documentElement.style.backgroundColor = 'var(--vscode-sideBar-background)';
		}
	});
	await frame.evaluate(axe);
	const found = await frame.evaluate(async () => {
		const { axe: tool } = window as unknown as { axe: { run(): Promise<{ violations: readonly Violation[] }> } };
		const { violations } = await tool.run();
		return violations.map(({ id, impact, help, nodes }) => ({
			id,
			impact,
			help,
			nodes: nodes.map(({ html }) => html),
		}));
	});
	// Soft, so that one view's finding does not keep the others from being looked at.
	expect.soft(found.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
}

interface Violation {
	readonly id: string;
	readonly impact: string;
	readonly help: string;
	readonly nodes: readonly { readonly html: string }[];
}
