/** The Inspector with two output strides side by side, and with the scales that won. */
import { expect, type Page, test } from '@playwright/test';
import type { InspectorRun, InspectorState, Probe } from '../../src/shared/protocol/inspector';
import type { StridePair } from '../../src/shared/protocol/strides';
import { crfOf } from './harness/crfFixtures';
import { chelseaRun } from './harness/fixtures';
import { openInspector } from './harness/inspectorPage';
import {
	callPage,
	expectAccessible,
	expectNoErrors,
	expectNoSidewaysScroll,
	nextFrame,
	type OpenOptions,
	paramsOf,
	screenshot,
	themeNames,
} from './harness/openPage';
import { maskAt, multiScaleRun, stridesOf } from './harness/strideFixtures';

test.afterEach(({ page }) => expectNoErrors(page));

const chelsea = chelseaRun();
const msc = multiScaleRun(chelsea);
const probe: Probe = { x: 212, y: 133 };

async function open(page: Page, options: OpenOptions & { run?: InspectorRun; crf?: boolean } = {}) {
	const { run = chelsea, crf = false, ...others } = options;
	await openInspector(page, run, { ...others, probe, crf: crf ? crfOf(run) : undefined });
}

/** As the host does when a comparison is there. */
async function compare(page: Page, pair: StridePair = [8, 16]) {
	for (const stride of pair) {
		await callPage(page, 'strideMask', maskAt(chelsea, stride));
	}
	await callPage(page, 'strides', stridesOf(chelsea, pair));
	await callPage(page, 'layer', 'strideSwipe');
	await nextFrame(page);
}

const panel = (page: Page) => page.getByRole('region', { name: 'Output strides compared' });
/** What the viewport's canvas shows. */
const pixels = (page: Page) => page.evaluate(() => document.querySelector<HTMLCanvasElement>('.surface')!.toDataURL());

for (const theme of themeNames) {
	test(`looks right in ${theme}`, async ({ page }) => {
		await open(page, { theme });
		await callPage(
			page,
			'strides',
			stridesOf(chelsea, [8, 16], {
				sides: [stridesOf(chelsea).sides[0], undefined],
				effect: undefined,
				activity: { kind: 'running', stride: 16, stage: 'network', since: Date.now() - 3000 },
			}),
		);
		await screenshot(page, `inspector-strides-${theme}-running`);
		await expectAccessible(page);
		await compare(page);
		await screenshot(page, `inspector-strides-${theme}-swipe`);
		await expectAccessible(page);
		await compare(page, [8, 32]);
		await callPage(page, 'layer', 'strideChanged');
		await screenshot(page, `inspector-strides-${theme}-changed`);
		await expectAccessible(page);
		await page.setViewportSize({ width: 300, height: 700 });
		await screenshot(page, `inspector-strides-${theme}-300`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
		const message =
			'“model.onnx” cannot be run at output stride 32: layer “/backbone/Slice” (Slice) is no convolution or pool whose step could be kept or replaced.';
		await callPage(
			page,
			'strides',
			stridesOf(chelsea, [8, 32], {
				sides: [undefined, undefined],
				effect: undefined,
				activity: { kind: 'failed', message },
			}),
		);
		await page.setViewportSize({ width: 1000, height: 640 });
		await screenshot(page, `inspector-strides-${theme}-failed`);
		await expectAccessible(page);
	});

	test(`shows the winning scale in ${theme}`, async ({ page }) => {
		await open(page, { theme, run: msc.run, answers: { winningScales: msc.scales } });
		await callPage(page, 'layer', 'winningScale');
		await screenshot(page, `inspector-scale-${theme}`);
		await expectAccessible(page);
	});
}

test('the clock of a comparison that runs stands still once another run is shown', async ({ page }) => {
	await open(page);
	const activity = { kind: 'running', stride: 16, stage: 'network', since: Date.now() - 3000 } as const;
	await callPage(page, 'strides', stridesOf(chelsea, [8, 16], { effect: undefined, activity }));
	const clock = page.locator('.stride-status [role=timer]');
	const before = await clock.textContent();
	await expect(clock).not.toHaveText(before!);
	const other: InspectorRun = { ...chelsea, info: { ...chelsea.info, id: 'another' } };
	await callPage(page, 'show', { kind: 'run', run: other, probe, crf: undefined } satisfies InspectorState);
	await expect(page.locator('.stride-panel')).toBeHidden();
	const after = await clock.textContent();
	await page.waitForTimeout(1500);
	await expect(clock).toHaveText(after!);
});

test('two strides beside each other: the divider, their figures, the classes they differ in', async ({ page }) => {
	await open(page);
	await expect(panel(page)).toBeHidden();
	const bare = await pixels(page);
	await compare(page);
	const { effect } = stridesOf(chelsea);
	await expect(page.getByRole('slider', { name: 'Divider between output strides 8 and 16' })).toBeVisible();
	await expect(page.locator('.swipe .side-label')).toHaveText(['Stride 8', 'Stride 16']);
	await expect(panel(page).getByRole('row')).toHaveText([
		/^Stride\s*Grid\s*Rates\s*Network$/,
		/^8\s*58 x 39\s*6 12 18 24\s*783 ms$/,
		/^16\s*29 x 20\s*3 6 9 12\s*258 ms$/,
	]);
	const count = effect!.changedPixels.toLocaleString('en').replaceAll(',', '\u202f');
	await expect(panel(page).locator('.stride-effect')).toContainText(`${count} pixels differ, `);
	await expect(panel(page).getByRole('button', { name: '8 | 16' })).toHaveAttribute('aria-pressed', 'true');
	await expect(page.locator('.legend-caption')).toHaveText('Area at stride 16, against 8');
	const cat = effect!.changes.find(({ label }) => label === 8)!;
	const share = ((cat.after / (451 * 300)) * 100).toFixed(1);
	await expect(page.locator('.legend-row', { hasText: 'cat' }).locator('.legend-share')).toHaveText(`${share} %`);
	await expect(page.locator('.legend-row', { hasText: 'cat' }).locator('.legend-gained')).toContainText('+');

	// The divider at one end or the other shows one mask alone; the finer one is the run's own.
	const divider = page.getByRole('slider', { name: /Divider/ });
	await divider.press('End');
	await nextFrame(page);
	const finer = await pixels(page);
	await divider.press('Home');
	await nextFrame(page);
	expect((await pixels(page)) === finer).toBe(false);
	await callPage(page, 'layer', 'mask');
	await nextFrame(page);
	await expect(panel(page)).toBeHidden();
	expect((await pixels(page)) === bare).toBe(true);
	await expect(page.locator('.legend-caption')).toBeHidden();
});

test('pixels that differ have the colour of the class they went to, and are read out at both strides', async ({
	page,
}) => {
	await open(page);
	await compare(page);
	const [before, after] = [maskAt(chelsea, 8).labels, maskAt(chelsea, 16).labels];
	const at = before.findIndex((label, index) => label === 0 && after[index] === 8 && after[index + 1] === 8);
	const pixel = { x: at % 451, y: Math.floor(at / 451) };
	await page.locator('.segment', { hasText: 'Strides differ' }).click();
	expect(await paramsOf(page, 'reportLayer')).toContain('strideChanged');
	await callPage(page, 'probe', pixel);
	await expect(page.locator('.readout-best')).toHaveText('background at stride 8, cat at 16');
	const drawn = await page.evaluate(({ x, y }) => {
		const canvas = document.querySelector<HTMLCanvasElement>('.surface')!;
		const [width, height] = [canvas.width, canvas.height];
		const k = Math.min((width - 16) / 451, (height - 16) / 300);
		const [left, top] = [width / 2 + (x + 0.5 - 225.5) * k, height / 2 + (y + 0.5 - 150) * k];
		return [...canvas.getContext('2d')!.getImageData(Math.floor(left), Math.floor(top), 1, 1).data.slice(0, 3)];
	}, pixel);
	const rgb = chelsea.rgb.subarray(at * 3, at * 3 + 3);
	const color = chelsea.info.model.classes[8]!.color;
	for (const [channel, value] of drawn.entries()) {
		expect(Math.abs(value - (0.4 * rgb[channel]! + 0.6 * color[channel]!))).toBeLessThan(4);
	}
	await callPage(page, 'probe', { x: 212, y: 133 });
	await expect(page.locator('.readout-best')).toHaveText('cat at strides 8 and 16');
});

test('another pair is asked of the host; it computes, fails, is cancelled, is ended', async ({ page }) => {
	await open(page);
	await compare(page);
	await panel(page).getByRole('button', { name: '16 | 32' }).click();
	const running = stridesOf(chelsea, [16, 32], {
		sides: [stridesOf(chelsea, [16, 32]).sides[0], undefined],
		effect: undefined,
		activity: { kind: 'running', stride: 32, stage: undefined, since: Date.now() },
	});
	await callPage(page, 'strides', running);
	// What is not there is not drawn: the run's mask is, and the panel says how far it is.
	await expect(page.locator('.swipe')).toBeHidden();
	await expect(panel(page)).toContainText('Stride 32: waiting');
	await panel(page).getByRole('button', { name: 'Cancel' }).click();
	await callPage(page, 'strides', { ...running, activity: { kind: 'idle' } });
	await expect(panel(page)).toContainText('Not compared yet.');
	await panel(page).getByRole('button', { name: 'Compare', exact: true }).click();
	await callPage(page, 'strides', { ...running, activity: { kind: 'failed', message: 'It cannot be.' } });
	await expect(panel(page)).toContainText('It cannot be.');
	await panel(page).getByRole('button', { name: 'Retry' }).click();
	await panel(page).getByRole('button', { name: 'Show log' }).click();
	await compare(page, [16, 32]);
	await expect(panel(page)).toContainText('At 32, rates 6, 18 do not divide and are rounded.');
	await expect(page.locator('.swipe .side-label')).toHaveText(['Stride 16', 'Stride 32']);
	await panel(page).getByRole('button', { name: 'End the comparison' }).click();
	const pair = [16, 32];
	expect(await paramsOf(page, 'strides')).toEqual([
		{ kind: 'compare', pair },
		{ kind: 'cancel' },
		{ kind: 'compare', pair },
		{ kind: 'compare', pair },
		{ kind: 'showLog' },
		{ kind: 'close' },
	]);
	await callPage(page, 'strides', null);
	await expect(panel(page)).toBeHidden();
	await expect(page.locator('.segment', { hasText: 'Output strides' })).toBeHidden();
	await callPage(page, 'strides', { ...stridesOf(chelsea), runId: 'another' });
	await expect(panel(page)).toBeHidden();
});

test('the mask at the second stride is saved; the key blinks between strides, beside a CRF too', async ({ page }) => {
	await open(page, { crf: true });
	await compare(page);
	await page.getByRole('button', { name: 'Save mask' }).click();
	expect(await paramsOf(page, 'saveMask')).toEqual([{ runId: chelsea.info.id, which: 'stride' }]);
	await page.emulateMedia({ reducedMotion: 'no-preference' });
	await page.locator('.viewport').press('b');
	await expect(page.locator('.blink-label')).toHaveText(/^Stride (8|16)$/);
	await page.locator('.viewport').press('b');
	await expect(page.locator('.blink-label')).toBeHidden();
	await page.emulateMedia({ reducedMotion: 'reduce' });
	await page.locator('.viewport').press('b');
	expect((await paramsOf(page, 'reportLayer')).at(-1)).toBe('strideChanged');
});

test('the winning scale is offered to runs of several scales alone, and asked for when it is drawn', async ({
	page,
}) => {
	await open(page);
	await expect(page.locator('.segment', { hasText: 'Winning scale' })).toBeHidden();
	await open(page, { run: msc.run, answers: { winningScales: msc.scales } });
	expect(await paramsOf(page, 'winningScales')).toEqual([]);
	const masked = await pixels(page);
	await page.locator('.segment', { hasText: 'Winning scale' }).click();
	expect(await paramsOf(page, 'winningScales')).toEqual([{ runId: msc.run.info.id }]);
	const rows = page.getByRole('region', { name: 'Winning scale by area' }).getByRole('listitem');
	const { shares } = msc.run.info.multiScale!;
	await expect(rows).toHaveText(
		[1, 0.75, 0.5].map((scale, index) => `scale ${scale}${(shares[index]! * 100).toFixed(1)} %`),
	);
	await expect(page.getByRole('region', { name: 'Classes by area' })).toBeHidden();
	const scale = [1, 0.75, 0.5][msc.scales.scales[probe.y * 451 + probe.x]!];
	await expect(page.locator('.readout-second')).toHaveText(`logit of scale ${scale}`);
	expect((await pixels(page)) === masked).toBe(false);
	// It is there now.
	await page.getByRole('button', { name: 'Mask', exact: true }).click();
	await page.locator('.segment', { hasText: 'Winning scale' }).click();
	expect(await paramsOf(page, 'winningScales')).toHaveLength(1);
});

test('a winning scale that cannot be had is asked for again', async ({ page }) => {
	await open(page, { run: msc.run, problems: { winningScales: { code: 'run.notFound', name: 'a.png' } } });
	await page.locator('.segment', { hasText: 'Winning scale' }).click();
	const told = async () => JSON.stringify(await paramsOf(page, 'log')).split('run.notFound').length - 1;
	await expect.poll(told).toBe(1);
	await page.getByRole('button', { name: 'Mask', exact: true }).click();
	await page.locator('.segment', { hasText: 'Winning scale' }).click();
	await expect.poll(async () => (await paramsOf(page, 'winningScales')).length).toBe(2);
});
