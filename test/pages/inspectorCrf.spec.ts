/** The Inspector's layers of a run with a CRF's result. */
import { expect, type Page, test } from '@playwright/test';
import { decode } from 'fast-png';
import type { InspectorCrf, InspectorLayer } from '../../src/shared/protocol/crf';
import type { InspectorRun } from '../../src/shared/protocol/inspector';
import { crfOf, tiesOf } from './harness/crfFixtures';
import { chelseaRun, madeRun } from './harness/fixtures';
import { drawnAt, expectFluent, onPage, openInspector } from './harness/inspectorPage';
import {
	callPage,
	callPageAtOnce,
	expectAccessible,
	expectNoErrors,
	expectNoSidewaysScroll,
	hostCalls,
	nextFrame,
	type OpenOptions,
	screenshot,
	themeNames,
} from './harness/openPage';

const chelsea = chelseaRun();
const crf = crfOf(chelsea, { newClass: 12 });
const layers = {
	'Before CRF': 'mask',
	'After CRF': 'after',
	Swipe: 'swipe',
	Changed: 'changed',
	'Entropy before': 'entropyBefore',
	'Entropy after': 'entropyAfter',
} as const satisfies Record<string, InspectorLayer>;

async function openCrf(
	page: Page,
	options: OpenOptions & { run?: InspectorRun; crf?: InspectorCrf | null; probe?: { x: number; y: number } } = {},
) {
	const { run = chelsea, crf: shown = crf, ...others } = options;
	await openInspector(page, run, { ...others, crf: shown ?? undefined });
}

const choose = async (page: Page, name: keyof typeof layers) => {
	await page.locator('.segment', { hasText: name }).click();
	await nextFrame(page);
};

/** What is drawn on a picture pixel. */
async function pixelDrawnAt(page: Page, x: number, y: number): Promise<readonly number[]> {
	const point = await onPage(page, chelsea, x, y);
	const box = (await page.locator('.viewport').boundingBox())!;
	return (await drawnAt(page, (point.x - box.x) / box.width, (point.y - box.y) / box.height)).slice(0, 3);
}

/** A pixel whose neighbourhood is of one label before and of another after. */
function changedPixel(): { readonly x: number; readonly y: number; readonly from: number; readonly to: number } {
	const width = chelsea.displayWidth;
	const around = (at: number) => [0, 1, -1, 2, -2, width, -width, width * 2, -width * 2].map((step) => at + step);
	for (let at = width * 4; at < chelsea.labels.length - width * 8; at++) {
		const from = chelsea.labels[at]!;
		const to = crf.labels[at]!;
		if (
			from !== to &&
			to !== 0 &&
			around(at).every((near) => chelsea.labels[near] === from && crf.labels[near] === to)
		) {
			return { x: at % width, y: Math.floor(at / width), from, to };
		}
	}
	throw new Error('the fixture changes nothing');
}

test.afterEach(({ page }) => expectNoErrors(page));

for (const theme of themeNames) {
	test(`layers look right in ${theme}`, async ({ page }) => {
		await openCrf(page, { theme, probe: { x: 150, y: 120 } });
		for (const [name, layer] of Object.entries(layers)) {
			await choose(page, name as keyof typeof layers);
			await expect(page.locator('.segment[aria-pressed=true]')).toHaveText(name);
			await page.mouse.move(2, 300);
			await screenshot(page, `inspector-crf-${theme}-${layer}`);
			await expectAccessible(page);
		}
		await callPage(page, 'ties', tiesOf(chelsea, 150, 120));
		await callPage(page, 'radius', { kernel: 'bilateral', pixels: 49 });
		await screenshot(page, `inspector-crf-${theme}-ties`);
		await expectAccessible(page);
		await page.setViewportSize({ width: 300, height: 640 });
		await screenshot(page, `inspector-crf-${theme}-ties-300`);
		await expectNoSidewaysScroll(page);
		await page.locator('.layer-list').selectOption('swipe');
		await screenshot(page, `inspector-crf-${theme}-swipe-300`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
	});
}

test('the CRF’s layers are there only with its result', async ({ page }) => {
	await openCrf(page);
	await expect(page.locator('.segment:visible')).toHaveText(['Picture', ...Object.keys(layers)]);
	await choose(page, 'Changed');
	await callPage(page, 'crf', null);
	await expect(page.locator('.segment:visible')).toHaveText(['Picture', 'Mask']);
	await expect(page.locator('.segment[aria-pressed=true]')).toHaveText('Mask');
	await callPage(page, 'crf', crf);
	await expect(page.locator('.segment[aria-pressed=true]')).toHaveText('Changed');
});

test('a result of another run is not shown', async ({ page }) => {
	await openCrf(page);
	await callPage(page, 'crf', null);
	await callPage(page, 'crf', { ...crf, runId: 'another' });
	await expect(page.locator('.segment:visible')).toHaveCount(2);
});

test('each layer draws what it names', async ({ page }) => {
	await openCrf(page);
	const { x, y, from, to } = changedPixel();
	const { classes } = chelsea.info.model;
	await page.locator('.slider').fill('1');
	await choose(page, 'After CRF');
	expect(await pixelDrawnAt(page, x, y)).toEqual([...classes[to]!.color]);
	await choose(page, 'Before CRF');
	const before = await pixelDrawnAt(page, x, y);
	if (from !== 0) {
		expect(before).toEqual([...classes[from]!.color]);
	}
	await choose(page, 'Changed');
	expect(await pixelDrawnAt(page, x, y)).toEqual([...classes[to]!.color]);
	// What kept its class is veiled.
	expect(Math.min(...(await pixelDrawnAt(page, 4, 290)))).toBeGreaterThan(170);
	await choose(page, 'Entropy after');
	// Far from any border Q is decided: viridis at zero.
	expect(await pixelDrawnAt(page, 4, 290)).toEqual([68, 1, 84]);
	await expect(page.locator('.scale')).toContainText('3.04 nats = ln 21');
});

test('the readout names what changed, and the entropy in nats', async ({ page }) => {
	await openCrf(page);
	const { x, y, from, to } = changedPixel();
	const { classes } = chelsea.info.model;
	await choose(page, 'Changed');
	const point = await onPage(page, chelsea, x, y);
	await page.mouse.move(point.x, point.y);
	await expect(page.locator('.readout-best')).toHaveText(`was ${classes[from]!.name}, now ${classes[to]!.name}`);
	await screenshot(page, 'inspector-crf-readout');
	await choose(page, 'Entropy before');
	await page.mouse.move(point.x, point.y);
	const nats = (crf.entropyBefore![y * chelsea.displayWidth + x]! / 255) * Math.log(21);
	await expect(page.locator('.readout-best')).toContainText(`entropy ${nats.toFixed(3)} nats before`);
});

test('the legend shows the shown mask’s shares, gains and losses, and classes that came', async ({ page }) => {
	await openCrf(page);
	const dog = page.locator('.legend-row', { hasText: 'dog' }).last();
	await choose(page, 'Before CRF');
	await expect(dog.locator('.legend-share')).toHaveText('0.0 %');
	await choose(page, 'After CRF');
	await expect(dog.locator('.legend-share')).not.toHaveText('0.0 %');
	await expect(dog.locator('.legend-gained')).toContainText('+');
	await expect(page.locator('.legend-row').first().locator('.legend-lost')).toContainText('−');
	const order = await page.locator('.legend-name').allTextContents();
	await callPage(page, 'crf', { ...crf, iteration: 1, labels: chelsea.labels, changes: [], changedPixels: 0 });
	await expect(page.locator('.legend-gained').first()).toHaveText('');
	expect(order.slice(0, chelsea.info.classes.length)).toEqual(
		(await page.locator('.legend-name').allTextContents()).slice(0, chelsea.info.classes.length),
	);
});

test('the divider is dragged, moved by keys, and kept', async ({ page }) => {
	await openCrf(page);
	await choose(page, 'Swipe');
	const divider = page.getByRole('slider', { name: 'Divider' });
	await expect(divider).toHaveAttribute('aria-valuenow', '50');
	const box = (await divider.boundingBox())!;
	const to = await onPage(page, chelsea, chelsea.displayWidth * 0.25, 40);
	await page.mouse.move(box.x + box.width / 2, box.y + 60);
	await page.mouse.down();
	await page.mouse.move(to.x, box.y + 90, { steps: 5 });
	await page.mouse.up();
	await nextFrame(page);
	await expect(divider).toHaveAttribute('aria-valuenow', '25');
	// A drag of the divider neither pans nor pins.
	expect(await hostCalls(page, 'setProbe')).toEqual([]);
	await expect(page.locator('.viewport')).not.toHaveClass(/panning/);
	await divider.focus();
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('Shift+ArrowRight');
	await nextFrame(page);
	await expect(divider).toHaveAttribute('aria-valuenow', '36');
	expect(await hostCalls(page, 'setProbe')).toEqual([]);
	await page.keyboard.press('End');
	await nextFrame(page);
	await expect(divider).toHaveAttribute('aria-valuenow', '100');
	await page.keyboard.press('PageDown');
	await nextFrame(page);
	await expect
		.poll(() => page.evaluate(() => window.fakeHost.state))
		.toMatchObject({ views: { [chelsea.info.id]: { layer: 'swipe', divider: 0.9 } } });
	const state = await page.evaluate(() => window.fakeHost.state);
	const again = await page.context().newPage();
	await openCrf(again, { state });
	await expect(again.getByRole('slider', { name: 'Divider' })).toHaveAttribute('aria-valuenow', '90');
	expectNoErrors(again);
});

test('the divider comes into sight where the picture is zoomed', async ({ page }) => {
	await openCrf(page);
	const corner = await onPage(page, chelsea, 10, 150);
	await page.mouse.move(corner.x, corner.y);
	await page.mouse.wheel(0, -900);
	await nextFrame(page);
	await choose(page, 'Swipe');
	const divider = (await page.getByRole('slider', { name: 'Divider' }).boundingBox())!;
	const box = (await page.locator('.viewport').boundingBox())!;
	expect(divider.x).toBeGreaterThan(box.x);
	expect(divider.x + divider.width).toBeLessThan(box.x + box.width);
});

test('the divider parts before from after', async ({ page }) => {
	await openCrf(page);
	const { x, y, to } = changedPixel();
	await page.locator('.slider').fill('1');
	await choose(page, 'Swipe');
	const divider = page.getByRole('slider', { name: 'Divider' });
	await divider.press('Home');
	await nextFrame(page);
	expect(await pixelDrawnAt(page, x, y)).toEqual([...chelsea.info.model.classes[to]!.color]);
	await divider.press('End');
	await nextFrame(page);
	expect(await pixelDrawnAt(page, x, y)).not.toEqual([...chelsea.info.model.classes[to]!.color]);
});

test('c switches before and after, and the host is told', async ({ page }) => {
	await openCrf(page);
	await page.keyboard.press('c');
	await expect(page.locator('.segment[aria-pressed=true]')).toHaveText('After CRF');
	await page.keyboard.press('c');
	await expect(page.locator('.segment[aria-pressed=true]')).toHaveText('Before CRF');
	expect((await hostCalls(page, 'reportLayer')).map(({ params }) => params)).toEqual(['mask', 'after', 'mask']);
	await callPage(page, 'layer', 'swipe');
	await expect(page.locator('.segment[aria-pressed=true]')).toHaveText('Swipe');
	await page.keyboard.press('m');
	await page.keyboard.press('m');
	await expect(page.locator('.segment[aria-pressed=true]')).toHaveText('Swipe');
	// What the host chose is not reported back to it.
	expect((await hostCalls(page, 'reportLayer')).map(({ params }) => params).slice(3)).toEqual(['picture', 'swipe']);
});

test('a layer that the host chooses while the page tells its own stays, for both', async ({ page }) => {
	await openCrf(page);
	const run = madeRun({ width: 30, height: 20, classes: 13 });
	await callPageAtOnce(page, [
		['show', { kind: 'run', run, probe: undefined, crf: crfOf(run, { newClass: 12 }) }],
		['layer', 'swipe'],
	]);
	await expect(page.locator('.segment[aria-pressed=true]')).toHaveText('Swipe');
	// The last is what the host goes by.
	expect((await hostCalls(page, 'reportLayer')).map(({ params }) => params)).toEqual(['mask', 'mask', 'swipe']);
});

test('b blinks between before and after', async ({ page }) => {
	await openCrf(page);
	const label = page.locator('.blink-label');
	await page.keyboard.press('b');
	await expect(page.locator('.blink')).toHaveAttribute('aria-pressed', 'true');
	await expect(label).toHaveText('After CRF');
	await screenshot(page, 'inspector-crf-blink');
	await expect(label).toHaveText('Before CRF');
	await expect(label).toHaveText('After CRF');
	await page.keyboard.press('b');
	await expect(label).toBeHidden();
	await page.locator('.blink').click();
	await expect(label).toBeVisible();
	await choose(page, 'Changed');
	await expect(label).toBeHidden();
	await expect(page.locator('.blink')).toHaveAttribute('aria-pressed', 'false');
});

test('while it blinks, legend and readout stay with the mask after and say so', async ({ page }) => {
	const { x, y, from, to } = changedPixel();
	const name = (label: number) => chelsea.info.model.classes[label]!.name;
	await openCrf(page, { probe: { x, y } });
	await choose(page, 'After CRF');
	const caption = page.locator('.legend-caption');
	const shares = () => page.locator('.legend-share').allTextContents();
	const after = await shares();
	await choose(page, 'Before CRF');
	await expect(caption).toHaveText('Area before the CRF');
	expect(await shares()).not.toEqual(after);
	await page.keyboard.press('b');
	for (const side of ['After CRF', 'Before CRF', 'After CRF']) {
		await expect(page.locator('.blink-label')).toHaveText(side);
		await expect(caption).toHaveText('Area after the CRF');
		expect(await shares()).toEqual(after);
		await expect(page.locator('.readout-best')).toHaveText(`was ${name(from)}, now ${name(to)}`);
	}
	await page.keyboard.press('b');
	await expect(caption).toHaveText('Area before the CRF');
	await callPage(page, 'crf', null);
	await expect(caption).toBeHidden();
});

test('an update of the mask alone leaves the entropies as they are', async ({ page }) => {
	await openCrf(page, { probe: { x: 150, y: 120 } });
	await choose(page, 'Entropy after');
	const readout = page.locator('.readout-best');
	const entropy = await readout.textContent();
	const { labels: _, entropyBefore: __, entropyAfter: ___, ...figures } = crf;
	const labels = new Uint8Array(crf.labels.length).fill(15);
	await callPage(page, 'crf', { ...figures, labels });
	await expect(readout).toHaveText(entropy!.replace(/^.*? · /, 'person · '));
	await callPage(page, 'crf', { ...figures, entropyAfter: new Uint8Array(labels.length).fill(255) });
	await expect(readout).toContainText('person · entropy 3.04');
	await choose(page, 'After CRF');
	await expect(readout).toContainText('now person');
});

test('under reduced motion the blink key only switches', async ({ page }) => {
	await openCrf(page, { bodyClass: 'vscode-reduce-motion' });
	await page.keyboard.press('b');
	await expect(page.locator('.segment[aria-pressed=true]')).toHaveText('After CRF');
	await page.waitForTimeout(1300);
	await expect(page.locator('.segment[aria-pressed=true]')).toHaveText('After CRF');
	await page.locator('.blink').click();
	await expect(page.locator('.segment[aria-pressed=true]')).toHaveText('Before CRF');
});

test('ties have their scale, and end when another layer is chosen', async ({ page }) => {
	await openCrf(page, { probe: { x: 150, y: 120 } });
	await callPage(page, 'ties', tiesOf(chelsea, 150, 120, 'spatial'));
	await expect(page.locator('.scale')).toContainText('Ties by place');
	await expect(page.locator('.scale')).toContainText('0.034 of score');
	await screenshot(page, 'inspector-crf-ties-spatial');
	await choose(page, 'After CRF');
	await expect(page.locator('.scale')).toBeHidden();
});

test('a radius is drawn at its length around the probe, else the middle', async ({ page }) => {
	await openCrf(page);
	await callPage(page, 'radius', { kernel: 'spatial', pixels: 30 });
	const circle = page.locator('.radius .line');
	await nextFrame(page);
	const middle = await onPage(page, chelsea, (451 - 1) / 2, (300 - 1) / 2);
	const box = (await page.locator('.viewport').boundingBox())!;
	const k = Math.min((box.width - 16) / 451, (box.height - 16) / 300);
	expect(Number(await circle.getAttribute('r'))).toBeCloseTo(30 * k, 1);
	expect(Number(await circle.getAttribute('cx'))).toBeCloseTo(middle.x - box.x, 1);
	await expect(page.locator('.radius text')).toHaveText('σγ 30 px');
	await callPage(page, 'radius', { kernel: 'bilateral', pixels: 2000 });
	await screenshot(page, 'inspector-crf-radius-large');
	await callPage(page, 'radius', null);
	await nextFrame(page);
	await expect(page.locator('.radius')).toBeHidden();
});

test('saves the mask that is shown, and the picture with what is drawn', async ({ page }) => {
	await openCrf(page, { answers: { savePicture: 'shown.png', saveMask: 'mask.png' } });
	await page.locator('.slider').fill('1');
	await choose(page, 'Swipe');
	await page.getByRole('slider', { name: 'Divider' }).press('Home');
	await page.getByRole('button', { name: 'Save mask as palette PNG' }).click();
	await page.getByRole('button', { name: 'Save picture as shown' }).click();
	await expect(page.locator('.notice')).toHaveText('Saved shown.png');
	expect((await hostCalls(page, 'saveMask'))[0]?.params).toEqual({ runId: chelsea.info.id, which: 'after' });
	const bytes = await page.evaluate(() => {
		const call = window.fakeHost.calls.find(({ method }) => method === 'savePicture');
		return [...(call!.params as { png: Uint8Array }).png];
	});
	const png = decode(Uint8Array.from(bytes));
	const { x, y, to } = changedPixel();
	const at = (y * png.width + x) * png.channels;
	expect([...png.data.slice(at, at + 3)]).toEqual([...chelsea.info.model.classes[to]!.color]);
	await choose(page, 'Before CRF');
	await page.getByRole('button', { name: 'Save mask as palette PNG' }).click();
	await expect.poll(async () => (await hostCalls(page, 'saveMask')).length).toBe(2);
	expect((await hostCalls(page, 'saveMask'))[1]?.params).toMatchObject({ which: 'before' });
});

for (const [name, run] of [
	['21-classes', madeRun({ width: 900, height: 600, classes: 21 })],
	['one-class', madeRun({ width: 500, height: 333, classes: 1 })],
	['4000x300', madeRun({ width: 4000, height: 300, classes: 5 })],
	['stepped', madeRun({ width: 2000, height: 1000, classes: 3, displayStep: 4 })],
] as const) {
	test(`holds ${name}, wide and narrow`, async ({ page }) => {
		await openCrf(page, { run, crf: crfOf(run) });
		await choose(page, 'Swipe');
		await screenshot(page, `inspector-crf-${name}`);
		await expectNoSidewaysScroll(page);
		await page.setViewportSize({ width: 480, height: 640 });
		await nextFrame(page);
		await expectNoSidewaysScroll(page);
		await page.setViewportSize({ width: 300, height: 640 });
		await screenshot(page, `inspector-crf-${name}-300`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
	});
}

test('at 16 megapixels the divider, the pointer and the opacity cost less than 16 ms a frame', {
	tag: '@timed',
}, async ({ page }) => {
	const run = madeRun({ width: 4619, height: 3464, classes: 12 });
	await openCrf(page, { run, crf: null });
	// Made in the page: so many bytes more are too many for one message to the browser.
	await page.evaluate(
		([result, width, height]) => {
			const labels = Uint8Array.from({ length: width * height }, (_, index) => {
				const [x, y] = [index % width, Math.floor(index / width)];
				return (Math.floor((x / width) * 12 + Math.sin(y / 190) + 0.2 * Math.sin(y / 23)) + 12) % 12;
			});
			const entropy = labels.map((label, index) => (label * 9 + (index % 64)) % 256);
			return window.fakeHost.call('crf', { ...result, labels, entropyBefore: entropy, entropyAfter: entropy });
		},
		[{ ...crf, runId: run.info.id, labels: null, entropyBefore: null, entropyAfter: null }, 4619, 3464] as const,
	);
	for (const layer of ['Swipe', 'Changed', 'Entropy after'] as const) {
		await choose(page, layer);
		for (const key of ['f', 'Shift+Digit1']) {
			await page.locator('.viewport').press(key);
			await nextFrame(page);
			await expectFluent(page, `16 megapixels, ${layer}${key === 'f' ? ', fitted' : ' at 1:1'}`, true);
		}
	}
});
