/** How every view looks in each theme, kept as screenshots, and whether axe-core finds it accessible. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame } from '@playwright/test';
import { root } from '../../scripts/lib/paths.mjs';
import {
	chooseFromContextMenu,
	expect,
	fileInExplorer,
	openSideBar,
	pageFrame,
	screenshot,
	segmentByMenu,
	type Theme,
	test,
} from './support';

const axe = readFileSync(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
const themes: readonly (readonly [string, Theme])[] = [
	['light', 'Default Light Modern'],
	['dark', 'Default Dark Modern'],
	['high-contrast', 'Default High Contrast'],
	['high-contrast-light', 'Default High Contrast Light'],
];

for (const [name, theme] of themes) {
	test.describe(name, () => {
		test.use({ theme });

		test('every view, with no serious finding of axe-core', async ({ window: { page } }) => {
			const inspector = await segmentByMenu(page, 'astronaut.png', 'person');
			await inspector.locator('.viewport').click();
			await page.mouse.move(2, 2);
			await screenshot(page, `inspector-${name}`);
			await accessible(inspector);

			await inspector.locator('.viewport').focus();
			await page.keyboard.press('?');
			await expect(inspector.locator('dialog.help')).toBeVisible();
			await screenshot(page, `keys-${name}`);
			await accessible(inspector);
			await page.keyboard.press('Escape');

			// Many classes, a wide picture; then the side bar with a run that failed beside them.
			await segmentByMenu(page, 'coffee.png', 'background');
			await chooseFromContextMenu(page, fileInExplorer(page, 'truncated.png'), 'Segment Image…');
			const failed = await pageFrame(page, 'inspector', '.state[data-kind="failed"]');
			await screenshot(page, `failed-${name}`);
			await accessible(failed);

			await openSideBar(page);
			const runs = await pageFrame(page, 'runs');
			await expect(runs.locator('.run-row')).toHaveCount(2);
			const model = await pageFrame(page, 'model');
			await expect(model.getByRole('treegrid')).toBeVisible({ timeout: 60_000 });
			await page.locator('.tabs-container .tab', { hasText: 'astronaut.png' }).click();
			await expect(runs.locator('.run-row.active .run-title')).toHaveText(/astronaut\.png/);
			await pageFrame(page, 'inspector', '.legend-name:text-is("person")');
			const width = await runs.evaluate(() => document.documentElement.clientWidth);
			expect(width).toBeGreaterThan(250);
			expect(width).toBeLessThan(350);
			for (const view of [runs, model]) {
				expect(await view.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
			}
			await screenshot(page, `side-panel-${name}`);
			await accessible(runs);
			await accessible(model);

			// An editor as narrow as the side panel.
			await page.setViewportSize({ width: 700, height: 800 });
			await expect.poll(() => model.evaluate(() => document.documentElement.clientWidth)).toBeGreaterThan(0);
			const narrow = await pageFrame(page, 'inspector', '.legend-row');
			expect(await narrow.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
			await page.waitForTimeout(300);
			await screenshot(page, `narrow-${name}`);
		});
	});
}

/** Asserts that axe-core finds nothing serious or critical in a page. */
async function accessible(frame: Frame): Promise<void> {
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
