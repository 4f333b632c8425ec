/** The Inspector’s pixels: read out, pinned, zoomed and panned to. */
import { expect, test } from '@playwright/test';
import { chelseaRun, hasReference, madeRun, readNpy } from './harness/fixtures';
import { openInspector, pointAt } from './harness/inspectorPage';
import { callPage, expectNoErrors, hostCalls, nextFrame, screenshot } from './harness/openPage';

const chelsea = chelseaRun();

test.afterEach(({ page }) => expectNoErrors(page));

test('reads out the softmax of the interpolated logits under the pointer', async ({ page }) => {
	test.skip(!hasReference, 'the reference tensors are not at hand');
	await openInspector(page, chelsea);
	const logits = readNpy('../shared/models/reference/chelsea-305x457-logits.npy');
	const { classes } = chelsea.info.model;
	for (const [x, y] of [
		[150, 120],
		[0, 0],
		[450, 299],
		[300, 40],
		[77, 201],
	] as const) {
		await pointAt(page, chelsea, x, y);
		// Corners of the grid and of the 457x305 input coincide, so that a cell is 8 pixels.
		const [u, v] = [x / 8, y / 8];
		const [left, top] = [Math.min(Math.floor(u), 56), Math.min(Math.floor(v), 37)];
		const values = classes.map((_, label) => {
			const at = (column: number, row: number) => logits[(label * 39 + row) * 58 + column]!;
			const upper = at(left, top) * (1 - (u - left)) + at(left + 1, top) * (u - left);
			const lower = at(left, top + 1) * (1 - (u - left)) + at(left + 1, top + 1) * (u - left);
			return upper * (1 - (v - top)) + lower * (v - top);
		});
		const sum = values.reduce((total, value) => total + Math.exp(value), 0);
		const best = values.indexOf(Math.max(...values));
		const probability = Math.exp(values[best]!) / sum;
		const text = probability >= 0.995 ? '> 0.99' : probability.toFixed(2);
		await expect(page.locator('.readout-pixel')).toHaveText(`x ${x}  y ${y}`);
		await expect(page.locator('.readout-best')).toHaveText(`${classes[best]!.name} ${text}`);
	}
});

test('a click pins the probe, which is read out when the pointer is away; Escape unpins it', async ({ page }) => {
	await openInspector(page, chelsea);
	await expect(page.locator('.readout-main')).toContainText('click to pin');
	const point = await pointAt(page, chelsea, 150, 120);
	await page.mouse.click(point.x, point.y);
	await expect(page.locator('.probe')).toBeVisible();
	await page.mouse.move(2, 2);
	await nextFrame(page);
	await expect(page.locator('.readout-pixel')).toHaveText('x 150  y 120');
	expect(await hostCalls(page, 'setProbe')).toEqual([{ method: 'setProbe', params: { x: 150, y: 120 } }]);
	await page.keyboard.press('Escape');
	await expect(page.locator('.probe')).toBeHidden();
	expect((await hostCalls(page, 'setProbe')).at(-1)?.params).toBeNull();
});

test('arrow keys move the probe by a cell, with Shift by a pixel', async ({ page }) => {
	await openInspector(page, chelsea, { probe: { x: 150, y: 120 } });
	await page.keyboard.press('ArrowRight');
	await expect(page.locator('.readout-pixel')).toHaveText('x 152  y 120');
	await page.keyboard.press('ArrowRight');
	await expect(page.locator('.readout-pixel')).toHaveText('x 160  y 120');
	await page.keyboard.press('ArrowUp');
	await expect(page.locator('.readout-pixel')).toHaveText('x 160  y 112');
	await page.keyboard.press('Shift+ArrowLeft');
	await expect(page.locator('.readout-pixel')).toHaveText('x 159  y 112');
	for (let step = 0; step < 60; step++) {
		await page.keyboard.press('ArrowDown');
	}
	await expect(page.locator('.readout-pixel')).toHaveText('x 159  y 299');
});

test('the host moves the probe', async ({ page }) => {
	await openInspector(page, chelsea);
	await callPage(page, 'probe', { x: 33, y: 44 });
	await expect(page.locator('.readout-pixel')).toHaveText('x 33  y 44');
	await callPage(page, 'probe', null);
	await expect(page.locator('.probe')).toBeHidden();
});

test('wheel zooms about the pointer, Shift+1 is actual size, F and a double click fit', async ({ page }) => {
	await openInspector(page, chelsea);
	const fitted = await page.locator('.zoom-text').textContent();
	await pointAt(page, chelsea, 100, 100);
	await page.mouse.wheel(0, -600);
	await nextFrame(page);
	await expect(page.locator('.readout-pixel')).toHaveText('x 100  y 100');
	expect(await page.locator('.zoom-text').textContent()).not.toBe(fitted);
	await page.keyboard.press('Shift+Digit1');
	await expect(page.locator('.zoom-text')).toHaveText('100 %');
	await page.keyboard.press('f');
	await expect(page.locator('.zoom-text')).toHaveText(fitted!);
	await page.keyboard.press('+');
	await expect(page.locator('.zoom-text')).not.toHaveText(fitted!);
	await page.locator('.viewport').dblclick();
	await expect(page.locator('.zoom-text')).toHaveText(fitted!);
	await expect(page.locator('.probe')).toBeHidden();
});

test('a drag pans and pins nothing', async ({ page }) => {
	await openInspector(page, chelsea);
	const from = await pointAt(page, chelsea, 200, 150);
	await page.mouse.down();
	await page.mouse.move(from.x + 60, from.y + 30, { steps: 4 });
	await page.mouse.up();
	await nextFrame(page);
	await expect(page.locator('.readout-pixel')).toHaveText('x 200  y 150');
	expect(await hostCalls(page, 'setProbe')).toEqual([]);
});

test('pixels are sharp when zoomed in', async ({ page }) => {
	await openInspector(page, chelsea);
	await page.keyboard.press('m');
	const point = await pointAt(page, chelsea, 200, 150);
	await page.mouse.move(point.x, point.y);
	for (let step = 0; step < 12; step++) {
		await page.mouse.wheel(0, -400);
	}
	await nextFrame(page);
	const colors = await page.evaluate(() => {
		const canvas = document.querySelector<HTMLCanvasElement>('.surface')!;
		const row = canvas.getContext('2d')!.getImageData(0, Math.floor(canvas.height / 2), canvas.width, 1).data;
		return new Set(Array.from({ length: canvas.width }, (_, x) => row.slice(x * 4, x * 4 + 3).join())).size;
	});
	// At 64 screen pixels a pixel some 13 pixels are in the row; smoothing would make hundreds of colours.
	expect(colors).toBeLessThan(20);
	await page.keyboard.press('m');
	await screenshot(page, 'inspector-pixels');
});

test('a picture shown at a step is read out in its own pixels', async ({ page }) => {
	const run = madeRun({ width: 2000, height: 1000, classes: 3, displayStep: 4 });
	await openInspector(page, run, { answers: { savePicture: 'large.png' } });
	const point = await pointAt(page, run, 1500, 300);
	await page.mouse.click(point.x, point.y);
	const [call] = await hostCalls(page, 'setProbe');
	const probe = call?.params as { x: number; y: number };
	expect(Math.abs(probe.x - 1500)).toBeLessThanOrEqual(2);
	expect(Math.abs(probe.y - 300)).toBeLessThanOrEqual(2);
	await page.getByRole('button', { name: 'Save picture as shown' }).click();
	await expect(page.locator('.notice')).toHaveText('Saved large.png');
	const bytes = await page.evaluate(() => {
		const saved = window.fakeHost.calls.find(({ method }) => method === 'savePicture');
		return [...(saved!.params as { png: Uint8Array }).png.slice(0, 32)];
	});
	expect([16, 20].map((at) => Buffer.from(bytes).readUInt32BE(at))).toEqual([2000, 1000]);
});
