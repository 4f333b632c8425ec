/** The Inspector: how it looks, its states, its legend and stages, and what it remembers. */
import { expect, test } from '@playwright/test';
import type { InspectorState } from '../../src/shared/protocol/inspector';
import { chelseaRun, madeRun } from './harness/fixtures';
import { drawnAt, expectFluent, openInspector, pointAt } from './harness/inspectorPage';
import {
	callPage,
	expectAccessible,
	expectNoErrors,
	expectNoSidewaysScroll,
	hostCalls,
	nextFrame,
	openPage,
	screenshot,
	themeNames,
} from './harness/openPage';

const chelsea = chelseaRun();

test.afterEach(({ page }) => expectNoErrors(page));

for (const theme of themeNames) {
	test(`looks right in ${theme}`, async ({ page }) => {
		await openInspector(page, chelsea, { theme });
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

test('the legend shows a class alone, hides one, and follows the keys', async ({ page }) => {
	const run = madeRun({ width: 600, height: 400, classes: 4 });
	await openInspector(page, run);
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
	await openInspector(page, run);
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

test('shows the stages with their times, drawing last, and tells the host', { tag: '@timed' }, async ({ page }) => {
	await openInspector(page, chelsea);
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
	await openInspector(page, chelsea);
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
	await openInspector(again, chelsea, { state });
	await expect(again.locator('.legend-class').nth(1)).toHaveAttribute('aria-pressed', 'true');
	await expect(again.locator('.opacity output')).toHaveText('0.80');
	await expect(again.locator('.zoom-text')).toHaveText('100 %');
	expectNoErrors(again);
});

test('a picture segmented anew is looked at as before', async ({ page }) => {
	await openInspector(page, chelsea);
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
	await openInspector(page, chelsea, { probe: { x: 20, y: 20 } });
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
	await openInspector(page, chelsea, { language: 'de', l10n: { Mask: 'Maske', 'then {0} {1}': 'dann {0} {1}' } });
	await expect(page.locator('.segment').nth(1)).toHaveText('Maske');
	await pointAt(page, chelsea, 100, 100);
	await expect(page.locator('.readout-second')).toContainText('dann');
});

test('messages of another origin are not heard', async ({ page }) => {
	await openInspector(page, chelsea);
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
		await openInspector(page, run);
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

test('at 12 megapixels the pointer and the opacity cost less than 16 ms a frame', { tag: '@timed' }, async ({
	page,
}) => {
	const run = madeRun({ width: 4000, height: 3000, classes: 12 });
	await openInspector(page, run);
	await expectFluent(page, '12 megapixels, fitted', false);
	await page.keyboard.press('Shift+Digit1');
	await nextFrame(page);
	await expectFluent(page, '12 megapixels at 1:1', false);
});
