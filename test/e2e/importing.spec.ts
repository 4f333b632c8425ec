/** A published checkpoint as a user brings it: looked at, changed, imported, segmented with, chosen again. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { decodeOnnx } from '../../src/core/onnx/decode';
import { readMetadata } from '../../src/core/onnx/metadata';
import { randomResNet101 } from '../../src/core/onnx/networks/randomWeights';
import { kazutoTensors, torchZipFile } from '../support/checkpointFiles';
import { global, op, pickled, text, torchZip, tuple } from '../unit/core/checkpoint/pickles';
import {
	answerFileDialog,
	chooseFromContextMenu,
	expect,
	fileInExplorer,
	openPicture,
	pageFrame,
	runCommand,
	screenshot,
	test,
} from './support';

test.use({ viewport: { width: 1280, height: 900 } });

const row = (page: Page, label: string): Locator =>
	page.locator('.quick-input-list .monaco-list-row', { hasText: label });
const notification = (page: Page, words: string): Locator =>
	page.locator('.notifications-toasts .notification-list-item', { hasText: words });

function writeCheckpoint(folder: string, name: string): void {
	const network = randomResNet101({ branches: 4, classes: 21, width: 1 / 32, seed: 9 });
	writeFileSync(path.join(folder, name), torchZipFile(kazutoTensors(network)));
}

/** One whose first two branches were trained and the others never, as of the code bases that add up two alone. */
function writeTwoBranches(folder: string, name: string): void {
	const network = randomResNet101({ branches: 4, classes: 21, width: 1 / 16, seed: 9 });
	const tensors = kazutoTensors(network);
	for (const [key, { data }] of tensors) {
		if (/aspp\.c[01]\.weight$/.test(key)) {
			// Not normally distributed any more.
			data.forEach((value, index) => {
				data[index] = 1e4 * value ** 3;
			});
		}
	}
	writeFileSync(path.join(folder, name), torchZipFile(tensors));
}

/** Runs the import from the palette and waits for what it found. */
async function importFromPalette(page: Page, file: string): Promise<void> {
	await runCommand(page, 'DeepLab: Import Checkpoint…');
	await answerFileDialog(page, file);
	await expect(row(page, 'Show everything found')).toBeVisible({ timeout: 60_000 });
}

test('imported from the palette: shown first, changed, written, segmented with, its branches looked at', async ({
	window: { page, folder },
}) => {
	const file = path.join(folder, 'deeplab.pth');
	writeCheckpoint(folder, 'deeplab.pth');
	await openPicture(page, 'coffee.png');
	await importFromPalette(page, file);
	await expect(row(page, 'Show everything found')).toContainText('resnet101, kazuto1011/deeplab-pytorch');
	await expect(row(page, 'Classes')).toContainText('21, by their number those of PASCAL VOC');
	await screenshot(page, 'import-menu');
	expect(existsSync(path.join(folder, 'deeplab.onnx'))).toBe(false);

	// One thing said otherwise, another looked at and left by its back button.
	await row(page, 'Output stride').click();
	await row(page, 'A quarter of the cells').click();
	await expect(row(page, 'Output stride')).toContainText('16, where the rates are 3, 6, 9, 12');
	await row(page, 'Dilation rates').click();
	const input = page.locator('.quick-input-widget:visible input[type="text"]');
	await input.fill('6, 6, 12, 18');
	await expect(page.locator('.quick-input-message')).toContainText('Two branches have the same rate');
	await page.locator('.quick-input-widget .quick-input-action, .quick-input-titlebar .action-label').first().click();
	await expect(row(page, 'Dilation rates')).toContainText('6, 12, 18, 24');
	await row(page, 'Show everything found').click();
	await expect(page.locator('.tabs-container .tab.active', { hasText: 'deeplab.pth.txt' })).toBeVisible();
	await expect(page.locator('.view-lines')).toContainText('kazuto1011/deeplab-pytorch');
	await row(page, '$(check) Import').or(row(page, 'as deeplab.onnx')).first().click();

	const done = notification(page, 'deeplab.onnx is imported');
	await expect(done).toBeVisible({ timeout: 60_000 });
	expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
	const model = readMetadata(decodeOnnx(readFileSync(path.join(folder, 'deeplab.onnx')), 'd'), 'd');
	expect(model.outputStride).toBe(16);
	await done.getByRole('button', { name: 'Segment coffee.png' }).click();
	await pageFrame(page, 'inspector', '.legend-row');
	await runCommand(page, 'DeepLab: Show ASPP Branches');
	const aspp = await pageFrame(page, 'aspp', '.tiles');
	await expect(aspp.getByRole('group', { name: 'rate 12', exact: true })).toBeVisible();

	// Another model for the same picture, of the list that knows what each is.
	await runCommand(page, 'DeepLab: Segment With Another Model…');
	await expect(row(page, 'deeplabv2-mobilenetv2-voc')).toContainText(
		/output stride 8 · rates 6, 12, 18, 24 · 21 classes/,
	);
	await expect(row(page, 'deeplabv2-mobilenetv2-voc')).toContainText(/about \d+ MB of memory/);
	await expect(row(page, 'deeplab').filter({ hasText: 'in use' })).toContainText('resnet101, output stride 16');
	await screenshot(page, 'model-library');
	await row(page, 'deeplabv2-mobilenetv2-voc').click();
	await pageFrame(page, 'inspector', '.legend-name:text-is("diningtable"), .legend-name:text-is("background")');
});

test('branches that were never trained: the sum of the others is proposed, and taken by one choice', async ({
	window: { page, folder },
}) => {
	writeTwoBranches(folder, 'two.pth');
	await importFromPalette(page, path.join(folder, 'two.pth'));
	const proposal = row(page, 'Add up only the branches with rate 6, 12');
	await expect(proposal).toContainText('The branches with rate 18, 24 look as if they had never been trained');
	await screenshot(page, 'import-suggestion');
	await proposal.click();
	await expect(row(page, 'Branches that are added up')).toContainText('rates 6, 12');
	await expect(proposal).toHaveCount(0);
	await page.keyboard.press('Enter');
	await expect(notification(page, 'two.onnx is imported')).toBeVisible({ timeout: 60_000 });
	const model = readMetadata(decodeOnnx(readFileSync(path.join(folder, 'two.onnx')), 't'), 't');
	expect(model.branches.map(({ rate }) => rate)).toEqual([6, 12]);
});

test('from the context menu; a model that is gone is offered for removal; a program is refused by its name', async ({
	window: { page, folder },
}) => {
	writeCheckpoint(folder, 'mine.pth');
	// A file that is written before the explorer watches its folder is not told to it.
	await expect(async () => {
		await runCommand(page, 'Refresh Explorer');
		await expect(fileInExplorer(page, 'mine.pth')).toBeVisible({ timeout: 3000 });
	}).toPass({ timeout: 30_000 });
	await chooseFromContextMenu(page, fileInExplorer(page, 'mine.pth'), 'Import Checkpoint…');
	await expect(row(page, 'Show everything found')).toBeVisible({ timeout: 60_000 });
	// Given up: nothing is written.
	await page.keyboard.press('Escape');
	await expect(row(page, 'Show everything found')).toBeHidden();
	expect(existsSync(path.join(folder, 'mine.onnx'))).toBe(false);
	await importFromPalette(page, path.join(folder, 'mine.pth'));
	await page.keyboard.press('Enter');
	await expect(notification(page, 'mine.onnx is imported')).toBeVisible({ timeout: 60_000 });

	await chooseFromContextMenu(page, fileInExplorer(page, 'mine.onnx'), 'Delete Permanently');
	const confirm = page.locator('.monaco-dialog-box').getByRole('button', { name: 'Delete' });
	await confirm.click();
	await expect(fileInExplorer(page, 'mine.onnx')).toBeHidden();
	await runCommand(page, 'DeepLab: Select Model…');
	await expect(row(page, 'gone')).toContainText('mine');
	await row(page, 'gone').click();
	await notification(page, 'There is no model at').getByRole('button', { name: 'Take off the List' }).click();
	// With it gone, the bundled one is in use, as soon as the setting is written.
	await expect(async () => {
		await page.keyboard.press('Escape');
		await runCommand(page, 'DeepLab: Select Model…');
		await expect(row(page, 'deeplabv2-mobilenetv2-voc')).toContainText('in use', { timeout: 3000 });
	}).toPass({ timeout: 30_000 });
	await expect(row(page, 'gone')).toHaveCount(0);
	await page.keyboard.press('Escape');

	const evil = torchZip(pickled([...global('os', 'system'), ...tuple(text('id')), ...op.reduce]));
	writeFileSync(path.join(folder, 'evil.pth'), evil);
	await runCommand(page, 'DeepLab: Import Checkpoint…');
	await answerFileDialog(page, path.join(folder, 'evil.pth'));
	await expect(notification(page, 'os.system')).toBeVisible({ timeout: 60_000 });
});
