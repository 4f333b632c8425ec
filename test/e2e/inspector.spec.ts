/** The main job, as a user does it: palette, Inspector, hover, legend, save. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame, Page } from '@playwright/test';
import { decode } from 'fast-png';
import {
	answerFileDialog,
	chooseFromContextMenu,
	expect,
	fileInExplorer,
	notifications,
	openPicture,
	pageFrame,
	readPixel,
	runCommand,
	segmentByMenu,
	test,
} from './support';

const person = 15;
const cat = 8;

test('palette, Inspector, hover, legend, save', async ({ window: { page, folder } }) => {
	await openPicture(page, 'astronaut.png');
	await runCommand(page, 'DeepLab: Segment Image…');
	const inspector = await pageFrame(page, 'inspector', '.legend-name:text-is("person")');
	await expect(legendRow(inspector, 'person')).toContainText(/\d+(\.\d+)?\s*%/);
	for (const stage of ['decode', 'network', 'upsample', 'draw']) {
		await expect(inspector.locator(`.stage-label.stage-${stage}`)).toContainText(/\d\s*m?s/);
	}

	// Point at the middle: the readout names pixel, class, probability and the runner-up.
	await inspector.locator('.viewport').hover();
	const pointed = await readPixel(inspector);
	expect(pointed.best).toBe('person');
	expect(pointed.probability).toBeGreaterThan(0.5);
	expect(pointed.probability).toBeLessThanOrEqual(1);
	await expect(inspector.locator('.readout-second')).toContainText(/then \S+ (< )?0\.\d+/);

	// A click on a class shows it alone; another shows all again.
	await page.mouse.move(2, 2);
	const all = await inspector.locator('.viewport').screenshot();
	const toggle = legendRow(inspector, 'person').locator('.legend-class');
	await legendRow(inspector, 'background').locator('.legend-class').click();
	await expect(legendRow(inspector, 'background').locator('.legend-class')).toHaveAttribute('aria-pressed', 'true');
	await page.mouse.move(2, 2);
	await expect.poll(async () => (await inspector.locator('.viewport').screenshot()).equals(all)).toBe(false);
	await toggle.click();
	await expect(toggle).toHaveAttribute('aria-pressed', 'true');
	await toggle.click();
	await expect(toggle).toHaveAttribute('aria-pressed', 'false');

	// The saved mask has the picture's size, and at the pointed pixel the class that was read out.
	await inspector.getByRole('button', { name: 'Save mask' }).click();
	const file = path.join(folder, 'mask.png');
	await answerFileDialog(page, file);
	await expect.poll(() => existsSync(file), { timeout: 15_000 }).toBe(true);
	await expect(inspector.locator('.notice')).toContainText('mask.png');
	const mask = decode(readFileSync(file));
	expect([mask.width, mask.height, mask.depth]).toEqual([512, 512, 8]);
	expect(mask.palette?.[person]?.slice(0, 3)).toEqual([192, 128, 128]);
	expect(mask.data[pointed.y * 512 + pointed.x]).toBe(person);
});

test('a click pins the probe, the wheel zooms, Escape unpins', async ({ window: { page } }) => {
	const inspector = await segmentByMenu(page, 'chelsea.png', 'cat');
	const viewport = inspector.locator('.viewport');
	const zoom = inspector.locator('.zoom-text');
	const fitted = await zoom.textContent();
	await viewport.click();
	await page.mouse.move(2, 2);
	const pinned = await readPixel(inspector);
	expect(pinned.best).toBe('cat');
	await viewport.hover();
	await page.mouse.wheel(0, -400);
	await expect(zoom).not.toHaveText(fitted ?? '');
	// The pixel under the pointer stays under it.
	expect(await readPixel(inspector)).toMatchObject({ x: pinned.x, y: pinned.y });
	await page.keyboard.press('f');
	await expect(zoom).toHaveText(fitted ?? '');
	await page.keyboard.press('Escape');
	await page.mouse.move(2, 2);
	await expect(inspector.locator('.readout-values')).toBeHidden();
});

test('the context menu of a picture’s editor tab', async ({ window: { page } }) => {
	await openPicture(page, 'coffee.png');
	await chooseFromContextMenu(page, page.locator('.tabs-container .tab', { hasText: 'coffee.png' }), 'Segment Image…');
	await pageFrame(page, 'inspector', '.legend-row');
});

test('with the keyboard alone', async ({ window: { page, folder } }) => {
	await page.keyboard.press('Escape');
	await runCommand(page, 'DeepLab: Segment Image…');
	await answerFileDialog(page, path.join(folder, 'chelsea.png'));
	const inspector = await pageFrame(page, 'inspector', '.legend-name:text-is("cat")');

	// The Inspector has the keyboard as soon as it is open.
	await page.keyboard.press('ArrowRight');
	const first = await readPixel(inspector);
	await page.keyboard.press('ArrowRight');
	await expect.poll(async () => (await readPixel(inspector)).x).toBeGreaterThan(first.x);
	await page.keyboard.press('Shift+ArrowDown');
	await expect.poll(async () => (await readPixel(inspector)).y).toBe(first.y + 1);
	await page.keyboard.press(']');
	await expect(inspector.locator('.legend-class[aria-pressed="true"]')).toHaveCount(1);
	await page.keyboard.press('m');
	await expect(inspector.getByRole('button', { name: 'Picture', exact: true })).toHaveAttribute('aria-pressed', 'true');
	await page.keyboard.press('m');
	await page.keyboard.press('?');
	await expect(inspector.locator('dialog.help')).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(inspector.locator('dialog.help')).toBeHidden();

	// Tab reaches the save button, Enter presses it.
	await focusByTab(page, inspector, 'Save mask');
	await page.keyboard.press('Enter');
	const file = path.join(folder, 'by-keyboard.png');
	await answerFileDialog(page, file);
	await expect.poll(() => existsSync(file), { timeout: 15_000 }).toBe(true);
	expect(decode(readFileSync(file)).data.filter((label) => label === cat).length).toBeGreaterThan(30_000);
});

test('a bad picture ends in one message, and the next picture works', async ({ window: { page } }) => {
	await chooseFromContextMenu(page, fileInExplorer(page, 'not-a-picture.png'), 'Segment Image…');
	const failed = await pageFrame(page, 'inspector', '.state[data-kind="failed"]');
	await expect(failed.locator('.state[data-kind="failed"]')).toContainText('“not-a-picture.png” is not a picture');
	// The Inspector tells it: no notification says it again.
	await page.waitForTimeout(500);
	await expect(notifications(page)).toHaveCount(0);
	await failed.getByRole('button', { name: 'Show log' }).click();
	await expect(page.locator('.output-view-container, .output.panel, .monaco-editor').last()).toBeVisible();
	await segmentByMenu(page, 'chelsea.png', 'cat');
	await expect(notifications(page)).toHaveCount(0);
});

function legendRow(inspector: Frame, name: string) {
	return inspector.locator('.legend-row', { has: inspector.locator(`.legend-name:text-is("${name}")`) });
}

/** Presses Tab until a control has the focus. */
async function focusByTab(page: Page, inspector: Frame, label: string): Promise<void> {
	for (let i = 0; i < 40; i++) {
		const focused = await inspector.evaluate(
			() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
		);
		if (focused.startsWith(label)) {
			return;
		}
		await page.keyboard.press('Tab');
	}
	throw new Error(`Tab does not reach ${label}`);
}
