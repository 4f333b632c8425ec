/** Output strides compared and winning scales as a user meets them. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame, Page } from '@playwright/test';
import { decodeLabelPng } from '../../src/core/image/palettePng';
import {
	accessible,
	answerFileDialog,
	expect,
	openSideBar,
	pageFrame,
	runCommand,
	screenshot,
	segmentByMenu,
	someThemes,
	test,
} from './support';

test.use({ viewport: { width: 1280, height: 800 } });

const command = 'DeepLab: Compare Output Strides…';
const panel = (inspector: Frame) => inspector.getByRole('region', { name: 'Output strides compared' });

async function compared(page: Page): Promise<Frame> {
	const inspector = await segmentByMenu(page, 'astronaut.png', 'person');
	await runCommand(page, command);
	await expect(panel(inspector).locator('.stride-effect')).toContainText(/pixels differ, [\d.]+ % of the picture/);
	return inspector;
}

test('two output strides of the model in use, side by side; another pair; the mask saved', async ({
	window: { page, folder },
}) => {
	const inspector = await compared(page);
	await expect(inspector.locator('.swipe .side-label')).toHaveText(['Stride 8', 'Stride 16']);
	const rows = panel(inspector).locator('tbody tr');
	await expect(rows).toHaveText([/^8\d+ x \d+6 12 18 24[\d.]+ m?s$/, /^16\d+ x \d+3 6 9 12[\d.]+ m?s$/]);
	await expect(inspector.locator('.legend-row', { hasText: 'person' }).locator('.legend-gained')).toContainText('+');

	await panel(inspector).getByRole('button', { name: '8 | 32' }).click();
	await expect(panel(inspector)).toContainText('At 32, rates 6, 18 do not divide and are rounded.');
	await expect(inspector.locator('.swipe .side-label')).toHaveText(['Stride 8', 'Stride 32']);
	await inspector.getByRole('button', { name: 'Strides differ' }).click();
	await inspector.locator('.viewport').hover();
	await expect(inspector.locator('.readout-best')).toContainText(/at stride/);

	await inspector.getByRole('button', { name: 'Save mask' }).click();
	const file = path.join(folder, 'coarse.png');
	await answerFileDialog(page, file);
	await expect(inspector.locator('.notice')).toContainText('coarse.png');
	const mask = decodeLabelPng(new Uint8Array(readFileSync(file)));
	expect(new Set(mask.labels).has(15)).toBe(true);

	// It is kept with the run, over a reload of the window.
	const reloaded = page.waitForEvent('load');
	await runCommand(page, 'Developer: Reload Window');
	await reloaded;
	const again = await pageFrame(page, 'inspector', '.stride-effect:has-text("pixels differ")');
	await expect(panel(again)).toContainText('At 32, rates 6, 18 do not divide and are rounded.');

	// And when it is opened from the list of runs, in a tab that knows nothing of it.
	await runCommand(page, 'View: Close All Editors');
	await expect(page.locator('.tabs-container .tab')).toHaveCount(0);
	await openSideBar(page);
	const runs = await pageFrame(page, 'runs', '.run-row');
	await runs.locator('.run-row .run-title').first().click();
	const reopened = await pageFrame(page, 'inspector', '.stride-effect:has-text("pixels differ")');
	await expect(reopened.locator('.swipe .side-label')).toHaveText(['Stride 8', 'Stride 32']);
	await screenshot(page, 'strides-reopened');

	await panel(reopened).getByRole('button', { name: 'End the comparison' }).click();
	await expect(panel(reopened)).toBeHidden();
	await expect(reopened.getByRole('button', { name: 'Mask', exact: true })).toHaveAttribute('aria-pressed', 'true');
	await expect(reopened.getByRole('button', { name: 'Output strides' })).toBeHidden();
});

test('with several scales the winning one is a layer', async ({ window: { page, folder } }) => {
	const file = path.join(folder, '.vscode/settings.json');
	const settings = JSON.parse(readFileSync(file, 'utf8'));
	writeFileSync(file, JSON.stringify({ ...settings, 'deeplab.multiScale': 'caffe' }));
	await page.waitForTimeout(1000);
	const inspector = await segmentByMenu(page, 'astronaut.png', 'person');
	await inspector.getByRole('button', { name: 'Winning scale' }).click();
	const rows = inspector.getByRole('region', { name: 'Winning scale by area' }).getByRole('listitem');
	await expect(rows).toHaveText([/^scale 1[\d.]+ %$/, /^scale 0.75[\d.]+ %$/, /^scale 0.5[\d.]+ %$/]);
	await inspector.locator('.viewport').hover();
	await expect(inspector.locator('.readout-second')).toHaveText(/^logit of scale (1|0\.75|0\.5)$/);
	await screenshot(page, 'strides-winning-scale');
	await accessible(inspector);
});

for (const [name, theme] of someThemes) {
	test.describe(name, () => {
		test.use({ theme });
		test(`output strides in ${name}`, async ({ window: { page } }) => {
			await compared(page);
			const inspector = await pageFrame(page, 'inspector');
			await screenshot(page, `strides-${name}-swipe`);
			await accessible(inspector);
			await inspector.getByRole('button', { name: 'Strides differ' }).click();
			await screenshot(page, `strides-${name}-differ`);
			await accessible(inspector);
		});
	});
}
