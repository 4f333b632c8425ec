import { expect, type Page, test } from '@playwright/test';
import { decode } from 'fast-png';
import type { InspectorRun, InspectorState } from '../../src/shared/protocol/inspector';
import { chelseaRun, hasReference, madeRun, readNpy } from './harness/fixtures';
import {
	callPage,
	expectAccessible,
	expectNoErrors,
	expectNoSidewaysScroll,
	hostCalls,
	nextFrame,
	type OpenOptions,
	openPage,
	screenshot,
	themeNames,
} from './harness/openPage';

const chelsea = chelseaRun();

async function openRun(
	page: Page,
	run: InspectorRun,
	options: OpenOptions & { probe?: { x: number; y: number } } = {},
) {
	const state: InspectorState = { kind: 'run', run, probe: options.probe, crf: undefined };
	await openPage(page, 'inspector', { ...options, answers: { ready: { state, opacity: 0.6 }, ...options.answers } });
	await page.waitForFunction(() => window.fakeHost.calls.some((call) => call.method === 'reportDraw'));
	await nextFrame(page);
}

/** The colour drawn at a point of the viewport, 0…1 of its size. */
function drawnAt(page: Page, u: number, v: number): Promise<number[]> {
	return page.evaluate(
		([x, y]) => {
			const canvas = document.querySelector<HTMLCanvasElement>('.surface')!;
			const data = canvas
				.getContext('2d')!
				.getImageData(Math.floor(x! * canvas.width), Math.floor(y! * canvas.height), 1, 1).data;
			return [...data];
		},
		[u, v],
	);
}

/** Where a picture pixel is on the page while the picture is fitted in. */
async function onPage(page: Page, run: InspectorRun, x: number, y: number): Promise<{ x: number; y: number }> {
	const box = (await page.locator('.viewport').boundingBox())!;
	const { pictureWidth, pictureHeight } = run.info.geometry;
	const k = Math.min((box.width - 16) / pictureWidth, (box.height - 16) / pictureHeight);
	return {
		x: box.x + box.width / 2 + (x + 0.5 - pictureWidth / 2) * k,
		y: box.y + box.height / 2 + (y + 0.5 - pictureHeight / 2) * k,
	};
}

async function pointAt(page: Page, run: InspectorRun, x: number, y: number) {
	const point = await onPage(page, run, x, y);
	await page.mouse.move(point.x, point.y);
	await nextFrame(page);
	return point;
}

test.afterEach(({ page }) => expectNoErrors(page));

for (const theme of themeNames) {
	test(`looks right in ${theme}`, async ({ page }) => {
		await openRun(page, chelsea, { theme });
		const point = await pointAt(page, chelsea, 150, 120);
		await page.mouse.click(point.x, point.y);
		await pointAt(page, chelsea, 220, 133);
		await screenshot(page, `inspector-${theme}`);
		await expectAccessible(page);
		await page.setViewportSize({ width: 1400, height: 800 });
		await screenshot(page, `inspector-${theme}-wide`);
		await page.setViewportSize({ width: 300, height: 640 });
		await page.mouse.move(0, 0);
		await screenshot(page, `inspector-${theme}-300`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
	});

	test(`states look right in ${theme}`, async ({ page }) => {
		const ready = (state: InspectorState) => ({ ready: { state, opacity: 0.6 } });
		await openPage(page, 'inspector', { theme, answers: ready({ kind: 'empty' }) });
		await screenshot(page, `inspector-${theme}-empty`);
		await expectAccessible(page);
		await callPage(page, 'show', {
			kind: 'running',
			pictureName: 'chelsea.png',
			since: Date.now() - 3200,
			progress: {
				stage: 'network',
				done: [
					{ stage: 'decode', milliseconds: 12 },
					{ stage: 'model', milliseconds: 41 },
				],
			},
		});
		await screenshot(page, `inspector-${theme}-running`);
		await expectAccessible(page);
		await callPage(page, 'show', {
			kind: 'failed',
			pictureName: 'chelsea.png',
			problem: { code: 'model.damaged', name: 'net.onnx', detail: 'ends early' },
			message: 'The model “net.onnx” is damaged (ends early). Copy or download it again.',
		});
		await screenshot(page, `inspector-${theme}-failed`);
		await expectAccessible(page);
	});
}

test('reads out the softmax of the interpolated logits under the pointer', async ({ page }) => {
	test.skip(!hasReference, 'the reference tensors are not at hand');
	await openRun(page, chelsea);
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
	await openRun(page, chelsea);
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
	await openRun(page, chelsea, { probe: { x: 150, y: 120 } });
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
	await openRun(page, chelsea);
	await callPage(page, 'probe', { x: 33, y: 44 });
	await expect(page.locator('.readout-pixel')).toHaveText('x 33  y 44');
	await callPage(page, 'probe', null);
	await expect(page.locator('.probe')).toBeHidden();
});

test('wheel zooms about the pointer, Shift+1 is actual size, F and a double click fit', async ({ page }) => {
	await openRun(page, chelsea);
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
	await openRun(page, chelsea);
	const from = await pointAt(page, chelsea, 200, 150);
	await page.mouse.down();
	await page.mouse.move(from.x + 60, from.y + 30, { steps: 4 });
	await page.mouse.up();
	await nextFrame(page);
	await expect(page.locator('.readout-pixel')).toHaveText('x 200  y 150');
	expect(await hostCalls(page, 'setProbe')).toEqual([]);
});

test('pixels are sharp when zoomed in', async ({ page }) => {
	await openRun(page, chelsea);
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

test('the legend shows a class alone, hides one, and follows the keys', async ({ page }) => {
	const run = madeRun({ width: 600, height: 400, classes: 4 });
	await openRun(page, run);
	const third = page.locator('.legend-class').nth(2);
	await third.click();
	await expect(third).toHaveAttribute('aria-pressed', 'true');
	await expect(page.locator('.legend-row.off')).toHaveCount(3);
	await page.mouse.move(2, 2);
	await screenshot(page, 'inspector-solo');
	await third.click();
	await expect(page.locator('.legend-row.off')).toHaveCount(0);
	await page.locator('body').press(']');
	await expect(page.locator('.legend-class').first()).toHaveAttribute('aria-pressed', 'true');
	await page.locator('body').press('[');
	await expect(page.locator('[aria-pressed=true].legend-class')).toHaveCount(0);
	await page.locator('.legend-row').nth(1).hover();
	await screenshot(page, 'inspector-highlight');
	await page.locator('.legend-eye').nth(1).click();
	await expect(page.locator('.legend-row').nth(1)).toHaveClass(/hidden-class/);
	await page.mouse.move(2, 2);
	await nextFrame(page);
	await third.focus();
	await page.keyboard.press('ArrowUp');
	await expect(page.locator('.legend-class').nth(1)).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(page.locator('.legend-class').nth(1)).toHaveAttribute('aria-pressed', 'true');
	await expect(page.locator('.hidden-class')).toHaveCount(0);
});

test('opacity and the layer are what is drawn', async ({ page }) => {
	const run = madeRun({ width: 400, height: 400, classes: 1 });
	await openRun(page, run);
	const color = run.info.model.classes[15]!.color;
	await page.locator('.slider').fill('1');
	await nextFrame(page);
	expect((await drawnAt(page, 0.5, 0.5)).slice(0, 3)).toEqual([...color]);
	await page.locator('.slider').fill('0.5');
	await nextFrame(page);
	const half = await drawnAt(page, 0.5, 0.5);
	await page.keyboard.press('m');
	await nextFrame(page);
	const alone = await drawnAt(page, 0.5, 0.5);
	for (let channel = 0; channel < 3; channel++) {
		expect(Math.abs(half[channel]! - (alone[channel]! + color[channel]!) / 2)).toBeLessThanOrEqual(2);
	}
	await page.locator('.slider').blur();
	await page.keyboard.press('m');
	await page.keyboard.down(' ');
	await nextFrame(page);
	expect(await drawnAt(page, 0.5, 0.5)).toEqual(alone);
	await page.keyboard.up(' ');
	await nextFrame(page);
	expect(await drawnAt(page, 0.5, 0.5)).toEqual(half);
	await callPage(page, 'opacity', 0.25);
	await expect(page.locator('.opacity output')).toHaveText('0.25');
});

test('saves the picture as shown at its own size, and the mask by the host', async ({ page }) => {
	await openRun(page, chelsea, { answers: { savePicture: 'chelsea-shown.png', saveMask: 'chelsea-mask.png' } });
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
	await openRun(page, chelsea, {
		problems: { saveMask: { code: 'output.unwritable', name: 'chelsea-mask.png', detail: 'no space left' } },
	});
	await page.getByRole('button', { name: 'Save mask as palette PNG' }).click();
	await expect(page.locator('.notice')).toContainText('chelsea-mask.png');
	await screenshot(page, 'inspector-save-failed');
});

test('copies the picture as shown', async ({ page }) => {
	await openRun(page, chelsea);
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
	await openRun(page, chelsea);
	await page.getByRole('button', { name: 'Copy picture as shown' }).click();
	await expect(page.locator('.notice')).toContainText('Save it instead');
});

test('shows the stages with their times, drawing last, and tells the host', async ({ page }) => {
	await openRun(page, chelsea);
	await expect(page.locator('.stage-label')).toHaveCount(5);
	await expect(page.locator('.stage-label').nth(2)).toHaveText('network 783 ms');
	await expect(page.locator('.stage-label').nth(4)).toContainText('draw');
	await expect(page.locator('.stage-backend')).toHaveText('WASM · 2 threads');
	const [report] = await hostCalls(page, 'reportDraw');
	expect(report?.params).toMatchObject({ runId: chelsea.info.id });
	const { milliseconds } = report!.params as { milliseconds: number };
	expect(milliseconds).toBeLessThan(150);
});

test('what was chosen to see survives a reload', async ({ page }) => {
	await openRun(page, chelsea);
	await page.locator('.legend-class').nth(1).click();
	await page.locator('.slider').fill('0.8');
	await page.locator('body').press('Shift+Digit1');
	const saved = () => page.evaluate(() => window.fakeHost.state);
	await expect.poll(saved).toMatchObject({
		runId: chelsea.info.id,
		opacity: 0.8,
		views: { [chelsea.info.id]: { look: { scale: 1 } } },
	});
	const state = await saved();
	const again = await page.context().newPage();
	await openRun(again, chelsea, { state });
	await expect(again.locator('.legend-class').nth(1)).toHaveAttribute('aria-pressed', 'true');
	await expect(again.locator('.opacity output')).toHaveText('0.80');
	await expect(again.locator('.zoom-text')).toHaveText('100 %');
	expectNoErrors(again);
});

test('a picture segmented anew is looked at as before', async ({ page }) => {
	await openRun(page, chelsea);
	await page.keyboard.press('Shift+Digit1');
	await callPage(page, 'show', { kind: 'running', pictureName: 'chelsea.png', since: Date.now(), progress: undefined });
	await expect(page.locator('.run')).toBeHidden();
	const run = { ...chelsea, info: { ...chelsea.info, id: 'again' } };
	await callPage(page, 'show', { kind: 'run', run, probe: { x: 5, y: 6 }, crf: undefined });
	await expect(page.locator('.zoom-text')).toHaveText('100 %');
	await expect(page.locator('.readout-pixel')).toHaveText('x 5  y 6');
});

test('the buttons of each state act', async ({ page }) => {
	await openPage(page, 'inspector', { answers: { ready: { state: { kind: 'empty' }, opacity: 0.6 } } });
	const acts = async () => (await hostCalls(page, 'act')).map(({ params }) => params);
	await page.getByRole('button', { name: 'Segment image…' }).click();
	await callPage(page, 'show', { kind: 'running', pictureName: 'a.png', since: Date.now(), progress: undefined });
	await expect(page.locator('.state')).toContainText('Waiting for another run');
	await callPage(page, 'progress', { stage: 'network', done: [{ stage: 'decode', milliseconds: 12 }] });
	await expect(page.locator('[aria-current=step]')).toHaveText('Run the network');
	await page.getByRole('button', { name: 'Cancel' }).click();
	await callPage(page, 'show', { kind: 'cancelled', pictureName: 'a.png' });
	await page.getByRole('button', { name: 'Segment again' }).click();
	await callPage(page, 'show', {
		kind: 'failed',
		pictureName: 'a.png',
		problem: { code: 'picture.empty', name: 'a.png' },
		message: '“a.png” is empty.',
	});
	await page.getByRole('button', { name: 'Retry' }).click();
	await page.getByRole('button', { name: 'Show log' }).click();
	expect(await acts()).toEqual(['segmentImage', 'cancel', 'retry', 'retry', 'showLog']);
});

test('? lists the keys', async ({ page }) => {
	await openRun(page, chelsea, { probe: { x: 20, y: 20 } });
	await page.keyboard.press('?');
	await expect(page.getByRole('dialog')).toBeVisible();
	await screenshot(page, 'inspector-help');
	await expectAccessible(page);
	await page.keyboard.press('Escape');
	await expect(page.getByRole('dialog')).toBeHidden();
	// Closing the list is no unpinning.
	await expect(page.locator('.probe')).toBeVisible();
});

test('speaks the display language', async ({ page }) => {
	await openRun(page, chelsea, { language: 'de', l10n: { Mask: 'Maske', 'then {0} {1}': 'dann {0} {1}' } });
	await expect(page.locator('.segment').nth(1)).toHaveText('Maske');
	await pointAt(page, chelsea, 100, 100);
	await expect(page.locator('.readout-second')).toContainText('dann');
});

test('messages of another origin are not heard', async ({ page }) => {
	await openRun(page, chelsea);
	await page.evaluate(() => {
		window.dispatchEvent(
			new MessageEvent('message', {
				origin: 'https://elsewhere.example',
				data: { kind: 'request', id: 1, method: 'show', params: { kind: 'empty' } },
			}),
		);
	});
	await nextFrame(page);
	await expect(page.locator('.state')).toBeHidden();
});

for (const [name, run] of [
	['21-classes', madeRun({ width: 900, height: 600, classes: 21 })],
	['4000x300', madeRun({ width: 4000, height: 300, classes: 5 })],
	['one-class', madeRun({ width: 500, height: 333, classes: 1 })],
	['300x2000', madeRun({ width: 300, height: 2000, classes: 3 })],
	['1x1', madeRun({ width: 1, height: 1, classes: 1 })],
] as const) {
	test(`holds ${name}, wide and narrow`, async ({ page }) => {
		await openRun(page, run);
		await screenshot(page, `inspector-${name}`);
		await expectNoSidewaysScroll(page);
		await page.setViewportSize({ width: 300, height: 640 });
		await screenshot(page, `inspector-${name}-300`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
		const box = (await page.locator('.viewport').boundingBox())!;
		expect(box.height).toBeGreaterThanOrEqual(150);
	});
}

test('a picture shown at a step is read out in its own pixels', async ({ page }) => {
	const run = madeRun({ width: 2000, height: 1000, classes: 3, displayStep: 4 });
	await openRun(page, run, { answers: { savePicture: 'large.png' } });
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

test('at 12 megapixels the pointer and the opacity cost less than 16 ms a frame', async ({ page }) => {
	const run = madeRun({ width: 4000, height: 3000, classes: 12 });
	await openRun(page, run);
	const measure = async (zoomed: boolean) => {
		if (zoomed) {
			await page.keyboard.press('Shift+Digit1');
			await nextFrame(page);
		}
		return page.evaluate(async () => {
			const costs: number[] = [];
			const gaps: number[] = [];
			const observer = new PerformanceObserver((list) => {
				costs.push(...list.getEntriesByName('inspector.frame').map(({ duration }) => duration));
			});
			observer.observe({ type: 'measure' });
			const viewport = document.querySelector<HTMLElement>('.viewport')!;
			const slider = document.querySelector<HTMLInputElement>('.slider')!;
			const box = viewport.getBoundingClientRect();
			let last = performance.now();
			for (let step = 0; step < 90; step++) {
				viewport.dispatchEvent(
					new PointerEvent('pointermove', {
						bubbles: true,
						clientX: box.left + box.width * (0.2 + step / 200),
						clientY: box.top + box.height / 2,
					}),
				);
				slider.value = String(0.2 + (step % 10) / 20);
				slider.dispatchEvent(new Event('input', { bubbles: true }));
				await new Promise((resolve) => requestAnimationFrame(resolve));
				const now = performance.now();
				gaps.push(now - last);
				last = now;
			}
			await new Promise((resolve) => setTimeout(resolve, 50));
			observer.disconnect();
			const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
			return { cost: median(costs), gap: median(gaps), frames: costs.length };
		});
	};
	for (const zoomed of [false, true]) {
		let { cost, gap, frames } = await measure(zoomed);
		// Painting happens after the script: it shows in the time between frames, as does a busy machine.
		for (let attempt = 0; attempt < 3 && gap > 20; attempt++) {
			({ cost, gap, frames } = await measure(zoomed));
		}
		console.log(
			`12 megapixels${zoomed ? ' at 1:1' : ', fitted'}: ${cost.toFixed(1)} ms a frame, ${gap.toFixed(1)} ms between frames`,
		);
		expect(frames).toBeGreaterThan(60);
		expect(cost).toBeLessThan(16);
		expect(gap).toBeLessThanOrEqual(20);
	}
});
