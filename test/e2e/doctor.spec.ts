/** The preprocessing doctor as a user meets it: on the way to adopting a model, and from the palette. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame, Locator, Page } from '@playwright/test';
import { root } from '../../scripts/lib/paths.mjs';
import { encodePalettePng } from '../../src/core/image/palettePng';
import { decodeOnnx } from '../../src/core/onnx/decode';
import { encodeOnnx } from '../../src/core/onnx/encode';
import { readMetadata } from '../../src/core/onnx/metadata';
import {
	accessible,
	answerFileDialog,
	expect,
	fileInExplorer,
	openPicture,
	pageFrame,
	runCommand,
	screenshot,
	someThemes,
	test,
} from './support';

test.use({ viewport: { width: 1280, height: 900 } });
test.setTimeout(180_000);

const row = (page: Page, label: string): Locator =>
	page.locator('.quick-input-list .monaco-list-row', { hasText: label });
const tile = (doctor: Frame, id: string): Locator => doctor.locator(`.tile[data-id="${id}"]`);

/** Every choice is computed, and sorted. */
async function examined(page: Page): Promise<Frame> {
	const doctor = await pageFrame(page, 'doctor', '.tiles .tile');
	await expect(doctor.locator('.sort-note')).toContainText('Sorted by', { timeout: 120_000 });
	return doctor;
}

test('a model of another tool: compared on a picture, with ground truth, and adopted with the choice that is kept', async ({
	window: { page, folder },
}) => {
	// What is set here stays in this workspace.
	const settings = path.join(folder, '.vscode/settings.json');
	writeFileSync(settings, JSON.stringify({ ...JSON.parse(readFileSync(settings, 'utf8')), 'deeplab.model': '' }));
	const bundled = path.join(root, 'models/deeplabv2-mobilenetv2-voc.onnx');
	const model = decodeOnnx(new Uint8Array(readFileSync(bundled)), 'bundled');
	writeFileSync(path.join(folder, 'stranger.onnx'), encodeOnnx({ ...model, metadata: {} }));
	// The upper half is ignored, the rest a person.
	const labels = new Uint8Array(512 * 512).fill(255).fill(15, 256 * 512);
	writeFileSync(path.join(folder, 'truth.png'), encodePalettePng(labels, 512, 512, []));
	await expect(fileInExplorer(page, 'stranger.onnx')).toBeVisible({ timeout: 15_000 });
	await openPicture(page, 'astronaut.png');

	await runCommand(page, 'DeepLab: Select Model…');
	await row(page, 'stranger').click();
	await page.getByRole('button', { name: 'Adopt…' }).click();
	await expect(row(page, 'torchvision and most PyTorch code')).toBeVisible({ timeout: 60_000 });
	await screenshot(page, 'adopt-values');
	await row(page, 'Caffe and the PyTorch code that followed DeepLabv2').click();
	await expect(row(page, 'BGR').first()).toBeVisible();
	await screenshot(page, 'adopt-channel-order');
	await page.getByRole('button', { name: 'Back' }).click();
	await row(page, 'Custom…').click();
	await row(page, 'BGR').click();
	await expect(page.getByText('Subtracted from 0…255, in the order BGR')).toBeVisible();
	await page.keyboard.type('0.406, 0.456, 0.485');
	await expect(page.getByText('These look like numbers for 0…1')).toBeVisible();
	await screenshot(page, 'adopt-mean');
	for (let step = 3; step > 1; step--) {
		await page.getByRole('button', { name: 'Back' }).click();
	}
	await row(page, 'Compare on a Picture…').click();
	await expect(row(page, 'PASCAL VOC')).toBeVisible();
	await screenshot(page, 'adopt-classes');
	await row(page, 'PASCAL VOC').click();

	const doctor = await examined(page);
	await expect(doctor.locator('.tile')).toHaveCount(32);
	await expect(doctor.locator('.look').first()).toContainText('Assumed');
	await doctor.getByRole('button', { name: 'Compare with a mask…' }).click();
	await answerFileDialog(page, path.join(folder, 'truth.png'));
	await expect(doctor.locator('.sort-note')).toContainText('agree with truth.png');
	await expect(tile(doctor, 'rgb-symmetric-fit-corners')).toContainText(/\d+\.\d\d % agree · \d+\.\d\d % sure/);

	await tile(doctor, 'rgb-symmetric-fit-corners').focus();
	await page.keyboard.press('Enter');
	await screenshot(page, 'doctor-truth');
	await doctor.getByRole('button', { name: 'Keep this one' }).click();
	await answerFileDialog(page, path.join(folder, 'adopted.onnx'));
	await expect(doctor.locator('.keep-notice')).toHaveText('adopted.onnx is the model in use.', { timeout: 30_000 });
	await expect(doctor.locator('.look').first()).toContainText('Now');
	const kept = readMetadata(decodeOnnx(readFileSync(path.join(folder, 'adopted.onnx')), 'a'), 'a');
	expect(kept.preprocessing).toMatchObject({ channelOrder: 'RGB', mean: [127.5, 127.5, 127.5], alignCorners: true });
	expect(kept.classes[15]?.name).toBe('person');
	expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
	expect(readFileSync(settings, 'utf8')).toContain('adopted.onnx');
});

for (const [name, theme] of someThemes) {
	test.describe(name, () => {
		test.use({ theme });

		test('the doctor from the palette, with no serious finding of axe-core', async ({ window: { page } }) => {
			await openPicture(page, 'coffee.png');
			await runCommand(page, 'DeepLab: Preprocessing Doctor…');
			const doctor = await examined(page);
			await tile(doctor, 'bgr-caffe-fit-corners').click();
			await doctor.locator('.sort-note').hover();
			await expect(doctor.locator('.look').last()).toContainText('BGR · 0…255 minus the mean');
			await page.waitForTimeout(300);
			await screenshot(page, `doctor-${name}`);
			await accessible(doctor);

			await page.setViewportSize({ width: 700, height: 800 });
			await page.waitForTimeout(500);
			expect(await doctor.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
			await screenshot(page, `doctor-narrow-${name}`);
		});
	});
}
