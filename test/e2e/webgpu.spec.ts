/** What a user sees of WebGPU being held against WASM, in VS Code for the Web with Chromium's software GPU. */
import path from 'node:path';
import type { Frame, Page } from '@playwright/test';
import { playFaultyGpu } from './faultyGpu';
import { accessible, expect, notifications, pageFrame, runCommand, screenshot, themes } from './support';
import { inWebWorkbench, test } from './webSupport';

const softwareGpu = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
/** So that it runs the network in seconds. */
const longestSide = 65;
/** Of the bundled model. */
const firstDilated = 'backbone.block7.depthwise';

for (const [name, theme] of themes.filter(([each]) => each === 'light' || each === 'dark')) {
	test(`WebGPU is compared by itself and agrees; the figures open by mouse and keyboard: ${name}`, async ({
		unpacked,
	}) => {
		const settings = { 'deeplab.backend': 'webgpu', 'deeplab.longestSide': longestSide };
		await inWebWorkbench({ extension: unpacked, theme, settings, arguments: softwareGpu }, async (page) => {
			const inspector = await segmentSample(page);
			await expect(backendItem(page)).toHaveText(/WebGPU · Google swiftshader/);
			const badge = inspector.locator('.parity');
			await expect(badge.locator('.codicon-check')).toBeVisible({ timeout: 60_000 });
			await expect(badge).toHaveAttribute('title', /WebGPU agrees with WASM: largest difference [1-9]\S* of the/);

			const details = inspector.locator('.parity-details');
			await expect(details).toBeHidden();
			await badge.getByRole('button').click();
			await expect(details).toBeVisible();
			await expect(fact(inspector, 'Largest difference')).toHaveText(/^\de-\d of the largest logit \(limit 0\.001\)$/);
			await expect(fact(inspector, 'Pixels of the same class')).toHaveText('100 % (limit 99.9 %)');
			await expect(fact(inspector, 'Adapter')).toHaveText(/swiftshader/i);
			await screenshot(page, `parity-agrees-${name}`);
			await accessible(inspector);
			await inspector.locator('.viewport').click();
			await expect(details).toBeHidden();

			// That click has pinned a pixel, which Escape leaves alone as long as there is something else to close.
			await expect(inspector.locator('.marks .probe').first()).toBeVisible();
			await inspector.locator('.profile-button').focus();
			await page.keyboard.press('Shift+Tab');
			await page.keyboard.press('Enter');
			await expect(details).toBeVisible();
			await page.keyboard.press('Escape');
			await expect(details).toBeHidden();
			await expect(inspector.locator('.marks .probe').first()).toBeVisible();
			await expect(badge.getByRole('button')).toBeFocused();
		});
	});
}

test('a GPU that computes wrongly is found out: the first layer is named, and WASM runs from then on', async ({
	unpacked,
}, testInfo) => {
	const extension = testInfo.outputPath('extension');
	playFaultyGpu(unpacked, extension);
	const settings = { 'deeplab.backend': 'auto', 'deeplab.longestSide': longestSide };
	await inWebWorkbench(
		{ extension: path.resolve(extension), theme: 'Default Dark Modern', settings, arguments: softwareGpu },
		async (page) => {
			await runCommand(page, 'DeepLab: Segment the Sample Picture');
			// What it sees is wrong, too.
			const inspector = await pageFrame(page, 'inspector', '.legend-name:text-is("train")');
			await expect(backendItem(page)).toHaveText(/WebGPU · Google swiftshader/);
			const badge = inspector.locator('.parity');
			await expect(badge.locator('.parity-text')).toHaveText(`differs from ${firstDilated} on`, { timeout: 60_000 });
			const message = notifications(page).first();
			await expect(message).toContainText(`First layer that differs: ${firstDilated} (Conv + Clip)`);
			await expect(message).toContainText('It runs on WASM from now on.');
			await screenshot(page, 'parity-message');
			await message.getByRole('button', { name: 'Segment Again' }).click();
			await expect(backendItem(page)).toHaveText(/WASM · 1 thread/);

			const again = await pageFrame(page, 'inspector', '.legend-name:text-is("person")');
			await again.locator('.parity').getByRole('button').focus();
			await page.keyboard.press('Enter');
			await expect(fact(again, 'First layer that differs')).toContainText(firstDilated);
			await screenshot(page, 'parity-differs');
			await accessible(again);
			await page.keyboard.press('Escape');
			await backendItem(page).click();
			await expect(page.locator('.quick-input-list')).toContainText('too far from WASM’s with this model');
			await screenshot(page, 'parity-choice');
		},
	);
});

async function segmentSample(page: Page): Promise<Frame> {
	await runCommand(page, 'DeepLab: Segment the Sample Picture');
	return await pageFrame(page, 'inspector', '.legend-name:text-is("person")');
}

function backendItem(page: Page) {
	return page.locator('.statusbar-item[id$="deeplab.backend"]');
}

/** What the details say of something. */
function fact(inspector: Frame, title: string) {
	return inspector.locator(`.parity-facts dt:text-is("${title}") + dd`);
}
