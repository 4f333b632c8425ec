/** What is saved and copied of the Inspector. */
import { expect, test } from '@playwright/test';
import { decode } from 'fast-png';
import type { InspectorRun } from '../../src/shared/protocol/inspector';
import { chelseaRun } from './harness/fixtures';
import { openInspector } from './harness/inspectorPage';
import { expectNoErrors, hostCalls, screenshot } from './harness/openPage';

const chelsea = chelseaRun();

test.afterEach(({ page }) => expectNoErrors(page));

test('saves the picture as shown at its own size, and the mask by the host', async ({ page }) => {
	await openInspector(page, chelsea, { answers: { savePicture: 'chelsea-shown.png', saveMask: 'chelsea-mask.png' } });
	await page.keyboard.press('+');
	await page.getByRole('button', { name: 'Save picture as shown' }).click();
	await expect(page.locator('.notice')).toHaveText('Saved chelsea-shown.png');
	const bytes = await page.evaluate(() => {
		const call = window.fakeHost.calls.find(({ method }) => method === 'savePicture');
		return [...(call!.params as { png: Uint8Array }).png];
	});
	const png = decode(Uint8Array.from(bytes));
	expect([png.width, png.height]).toEqual([451, 300]);
	// Inside the largest class but the background: 0.4 of the picture and 0.6 of the colour.
	const label = chelsea.info.classes.find((entry) => entry.label !== 0)!.label;
	const { color } = chelsea.info.model.classes[label]!;
	const at = innerPixel(chelsea, label);
	for (let channel = 0; channel < 3; channel++) {
		const expected = 0.4 * chelsea.rgb[at * 3 + channel]! + 0.6 * color[channel]!;
		expect(Math.abs(Number(png.data[at * png.channels + channel]) - expected)).toBeLessThanOrEqual(2);
	}
	await page.getByRole('button', { name: 'Save mask as palette PNG' }).click();
	await expect(page.locator('.notice')).toHaveText('Saved chelsea-mask.png');
	expect((await hostCalls(page, 'saveMask'))[0]?.params).toEqual({ runId: chelsea.info.id, which: 'before' });
});

/** A pixel of a class with only its own kind around it. */
function innerPixel({ labels, displayWidth }: InspectorRun, label: number): number {
	for (let at = displayWidth * 4; at < labels.length - displayWidth * 4; at++) {
		if ([-1, 0, 1].every((row) => [-1, 0, 1].every((column) => labels[at + row * displayWidth + column] === label))) {
			return at;
		}
	}
	throw new Error('there is no such pixel');
}

test('a save that fails says so', async ({ page }) => {
	await openInspector(page, chelsea, {
		problems: { saveMask: { code: 'output.unwritable', name: 'chelsea-mask.png', detail: 'no space left' } },
	});
	await page.getByRole('button', { name: 'Save mask as palette PNG' }).click();
	await expect(page.locator('.notice')).toContainText('chelsea-mask.png');
	await screenshot(page, 'inspector-save-failed');
});

test('copies the picture as shown', async ({ page }) => {
	await openInspector(page, chelsea);
	await page.getByRole('button', { name: 'Copy picture as shown' }).click();
	await expect(page.locator('.notice')).toHaveText('Copied the picture as shown');
	const size = await page.evaluate(async () => {
		const [item] = await navigator.clipboard.read();
		const bitmap = await createImageBitmap(await item!.getType('image/png'));
		return [bitmap.width, bitmap.height];
	});
	expect(size).toEqual([451, 300]);
});

test('says what to do where the clipboard refuses', async ({ page }) => {
	await page.addInitScript(() => {
		navigator.clipboard.write = () => Promise.reject(new Error('denied'));
	});
	await openInspector(page, chelsea);
	await page.getByRole('button', { name: 'Copy picture as shown' }).click();
	await expect(page.locator('.notice')).toContainText('Save it instead');
});
