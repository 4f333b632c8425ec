/** The Receptive Field view at a side panel's width. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { decode } from 'fast-png';
import type { ReceptiveFieldRunView, ReceptiveFieldState } from '../../src/shared/protocol/aspp';
import { chelseaScene, measuredOf, receptiveFieldViewOf, type Settings, smoothScene } from './harness/asppFixtures';
import { chelseaRun, madeRun } from './harness/fixtures';
import { mixedFieldViewOf } from './harness/mixedFixtures';
import {
	callPage,
	expectAccessible,
	expectNoErrors,
	expectNoSidewaysScroll,
	hostCalls,
	nextFrame,
	type OpenOptions,
	openPage,
	paramsOf,
	root,
	screenshot,
	themeNames,
} from './harness/openPage';

test.use({ viewport: { width: 300, height: 1500 } });
test.afterEach(({ page }) => expectNoErrors(page));

const cat = 8;
const scene = chelseaScene(chelseaRun());
/** Near the upper edge, so that taps fall in the padding. */
const probe = { x: 212, y: 60 };
const stateOf = (settings: Settings = {}, change: Partial<ReceptiveFieldRunView> = {}): ReceptiveFieldState => ({
	kind: 'run',
	view: { ...receptiveFieldViewOf(scene, { label: cat, probe, ...settings }), ...change },
});
const open = (page: Page, state: ReceptiveFieldState = stateOf(), options: OpenOptions = {}) =>
	openPage(page, 'receptiveField', { ...options, answers: { ready: state, ...options.answers } });
/** A head whose branches later layers mix. */
const mixedState = (change: Partial<ReceptiveFieldRunView> = {}): ReceptiveFieldState => ({
	kind: 'run',
	view: { ...mixedFieldViewOf(chelseaRun(), { label: cat, probe }), ...change },
});
const mixedMeasured = measuredOf(cat)
	.slice(0, 2)
	.map((field) => ({ ...field, ...(field.branch === undefined ? { ratio: undefined } : { label: undefined }) }));

for (const theme of themeNames) {
	test(`receptive field looks right in ${theme}`, async ({ page }) => {
		await open(page, { kind: 'noRun' }, { theme });
		await screenshot(page, `field-${theme}-empty`);
		await expectAccessible(page);
		const states: Record<string, ReceptiveFieldState> = {
			loading: { kind: 'loading', pictureName: 'chelsea.png' },
			failed: {
				kind: 'failed',
				pictureName: 'chelsea.png',
				message: 'The ASPP head of “net.onnx” cannot be looked into: there are no parallel dilated convolutions.',
			},
			run: stateOf(),
			'no-probe': stateOf({ probe: undefined }),
			running: stateOf({}, { activity: { kind: 'running', branch: 2, stage: 'build', since: Date.now() - 2300 } }),
			'measuring-failed': stateOf(
				{},
				{ activity: { kind: 'failed', message: 'The backward network needs 2.1 GB of memory for this picture.' } },
			),
			measured: stateOf({}, { measured: measuredOf(cat), shownField: 1 }),
			mixed: mixedState(),
			'mixed-measured': mixedState({ measured: mixedMeasured, shownField: 1 }),
		};
		for (const [name, state] of Object.entries(states)) {
			await callPage(page, 'show', state);
			await screenshot(page, `field-${theme}-${name}`);
			await expectNoSidewaysScroll(page);
			await expectAccessible(page);
		}
		await page.setViewportSize({ width: 420, height: 1500 });
		await page.locator('.kernel').nth(2).locator('.kernel-tap').nth(5).hover();
		await screenshot(page, `field-${theme}-420`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
	});
}

test('the table gives each rate’s kernel, field, share of the picture and what lies outside', async ({ page }) => {
	await open(page);
	const rows = page.locator('.field-table tbody tr');
	await expect(rows).toHaveCount(5);
	await expect(rows.first()).toContainText('backbone');
	const { cell } = receptiveFieldViewOf(scene, { label: cat, probe }).explanation!;
	for (const [branch, { size, shareOfPicture, outside }] of cell.branches.entries()) {
		const texts = await rows
			.nth(branch + 1)
			.locator('td')
			.allTextContents();
		expect(texts).toEqual([
			String(13 + 12 * branch),
			String(size[0]),
			`${(shareOfPicture * 100).toFixed(1)} %`,
			`${(outside * 100).toFixed(1)} %`,
		]);
	}
	// Without a probe the sizes stay; at other rates they are those of the rates as set.
	await callPage(page, 'show', stateOf({ probe: undefined, rates: [6, 12, 18, 36] }));
	await expect(rows.nth(4).locator('td')).toHaveText(['73', String(467 + 16 * 36), '–', '–']);
	await expect(page.locator('.schematic')).toBeHidden();
	await expect(page.getByRole('button', { name: 'Measure the sum' })).toBeDisabled();
});

test('taps in the padding are hollow and counted, the others show their share', async ({ page }) => {
	await open(page);
	const { explanation } = receptiveFieldViewOf(scene, { label: cat, probe });
	for (const [branch, { taps, tapsInPadding }] of explanation!.cell.branches.entries()) {
		const kernel = page.locator('.kernel').nth(branch);
		await expect(kernel.locator('.kernel-tap.padding')).toHaveCount(tapsInPadding);
		await expect(kernel.locator('.kernel-padding')).toHaveText(
			tapsInPadding === 0 ? 'No tap falls in the padding' : `${tapsInPadding} of 9 taps fall in the padding`,
		);
		for (const [tap, { padding }] of taps.entries()) {
			const share = explanation!.chosen!.branches[branch]!.taps![tap]!;
			const text = (await kernel.locator('.kernel-tap').nth(tap).textContent())!;
			expect(text === '' ? 0 : Number(text.replace('−', '-'))).toBeCloseTo(padding ? 0 : share, 1);
		}
	}
	// The middle taps share a cell and are drawn when their branch is pointed at.
	await expect(page.locator('.schematic .tap')).toHaveCount(4 * 8);
	const hollow = explanation!.cell.branches.reduce((sum, { tapsInPadding }) => sum + tapsInPadding, 0);
	await expect(page.locator('.schematic .tap.padding')).toHaveCount(hollow);
});

test('pointing at a tap, by pointer or by key, shows it everywhere', async ({ page }) => {
	await open(page);
	await page.locator('.kernel').nth(1).locator('.kernel-tap').nth(5).hover();
	await expect(page.locator('.tap-detail')).toHaveText(
		/^rate 12, right: [+−][\d.]+ for cat, looked around x \d+, y \d+\.$/,
	);
	await expect(page.locator('.schematic .tap.pointed')).toHaveCount(1);
	await page.mouse.move(2, 2);
	await page.locator('.kernel').nth(3).locator('[tabindex="0"]').focus();
	await page.keyboard.press('ArrowUp');
	await expect(page.locator('.tap-detail')).toContainText('rate 24, top: in the zero padding');
	expect(await paramsOf(page, 'highlight')).toEqual([
		{ branch: 1, tap: 5 },
		null,
		{ branch: 3, tap: 4 },
		null,
		{ branch: 3, tap: 1 },
	]);
	expect(await paramsOf(page, 'setProbe')).toEqual([]);
	await page.keyboard.press('Tab');
	await page.locator('.field-table tbody tr').nth(1).hover();
	expect((await paramsOf(page, 'highlight')).at(-1)).toEqual({ branch: 0, tap: undefined });
});

test('measuring: what, over what, its stage, its end and its picture', async ({ page }) => {
	await open(page);
	await page.getByRole('button', { name: 'Measure the sum' }).click();
	await page.getByRole('button', { name: 'The object' }).click();
	await page.getByRole('button', { name: 'Measure rate 18' }).click();
	expect(await paramsOf(page, 'measure')).toEqual([
		{ branch: undefined, over: 'cell' },
		{ branch: 2, over: 'object' },
	]);
	await callPage(
		page,
		'show',
		stateOf({}, { activity: { kind: 'running', branch: 2, stage: 'run', since: Date.now() - 12_000 } }),
	);
	await expect(page.locator('.status')).toContainText('rate 18: Running it');
	await expect(page.locator('.status')).toContainText('12 s');
	await page.getByRole('button', { name: 'Cancel' }).click();
	await callPage(page, 'show', stateOf({}, { activity: { kind: 'failed', message: 'It failed.' } }));
	await page.getByRole('button', { name: 'Retry' }).click();
	await page.getByRole('button', { name: 'Show log' }).click();
	expect(await paramsOf(page, 'act')).toEqual(['cancel', 'retry', 'showLog']);
	await callPage(page, 'show', stateOf({}, { measured: measuredOf(cat) }));
	const row = page.getByRole('button', { name: 'rate 6, cell' });
	await row.click();
	await expect(row).toHaveAttribute('aria-pressed', 'true');
	await expect(page.locator('.measured-table tbody tr').nth(1)).toContainText('33.974.10.26');
	await row.click();
	expect(await paramsOf(page, 'showMeasured')).toEqual([1, null]);
	// The network is measured as it was trained, wherever the sliders stand.
	await callPage(page, 'show', stateOf({}, { measured: measuredOf(cat), rates: [20, 12, 18, 24] }));
	await expect(page.getByRole('button', { name: 'Measure rate 6' })).toBeVisible();
	await expect(page.getByRole('button', { name: 'rate 6, cell' })).toBeVisible();
	await expect(page.locator('.field-table')).toContainText('rate 20');
});

test('keys, class, drawing and saving', async ({ page }) => {
	await open(page, stateOf(), { answers: { saveFile: 'chelsea.svg' } });
	await page.getByRole('heading', { name: 'chelsea.png' }).click();
	await page.keyboard.press('ArrowDown');
	await nextFrame(page);
	await page.keyboard.press('Shift+ArrowLeft');
	await nextFrame(page);
	await page.keyboard.press(']');
	await page.getByRole('checkbox', { name: 'Draw in the picture' }).click();
	await page.keyboard.press('Escape');
	expect(await paramsOf(page, 'setProbe')).toEqual([{ x: 212, y: 64 }, { x: 211, y: 64 }, null]);
	expect(await paramsOf(page, 'setClass')).toEqual([9]);
	expect(await paramsOf(page, 'showFields')).toEqual([false]);
	await callPage(page, 'show', stateOf());
	for (const name of ['Save the figure as PNG', 'Save the figure as SVG', 'Save the numbers as CSV']) {
		await page.getByRole('button', { name }).click();
		await expect.poll(async () => (await hostCalls(page, 'saveFile')).length).toBeGreaterThan(0);
	}
	await expect.poll(async () => (await hostCalls(page, 'saveFile')).length).toBe(3);
	const saved = await page.evaluate(() =>
		window.fakeHost.calls
			.filter(({ method }) => method === 'saveFile')
			.map(({ params }) => params as { kind: string; bytes: Uint8Array })
			.map(({ kind, bytes }) => ({ kind, bytes: [...bytes] })),
	);
	const of = (kind: string) => Uint8Array.from(saved.find((file) => file.kind === kind)!.bytes);
	await writeFile(path.join(root, 'test-output/pages/field-figure.png'), of('png'));
	expect(decode(of('png')).width).toBeGreaterThan(400);
	expect(new TextDecoder().decode(of('svg'))).not.toMatch(/var\(|color-mix|class=/);
	const lines = new TextDecoder().decode(of('csv')).trimEnd().split('\r\n');
	expect(lines).toHaveLength(1 + 5 + 2 + 36);
});

const made = madeRun({ width: 900, height: 600, classes: 6 });
for (const [name, shown, settings] of [
	['one-branch', smoothScene(made, [12]), {}],
	['seven-branches', smoothScene(made, [1, 3, 6, 12, 18, 24, 36]), { on: [true, true, false, true, true, true, true] }],
	['not-linear', smoothScene(made, [6, 12, 18, 24], false), {}],
	['equal-rates', smoothScene(made, [6, 12, 18, 24]), { rates: [12, 12, 12, 12] }],
	['wide', smoothScene(madeRun({ width: 4000, height: 300, classes: 5, displayStep: 2 }), [6, 12, 18, 24]), {}],
] as const) {
	test(`holds ${name}`, async ({ page }) => {
		const view = receptiveFieldViewOf(shown, { ...settings, probe: { x: 120, y: 90 } });
		await open(page, { kind: 'run', view: { ...view, measured: measuredOf(0).slice(0, 2) } });
		await screenshot(page, `field-${name}`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
	});
}

test('a mixed head has taps and fields of its rates, and no share of a logit', async ({ page }) => {
	await open(page, mixedState({ measured: mixedMeasured }));
	await expect(page.locator('.field-table tbody tr')).toHaveCount(4);
	await expect(page.locator('.fields-section')).toContainText('Image pooling sees the whole picture.');
	await expect(page.locator('.fields-section')).toContainText('no tap has a share of a logit');
	await expect(page.locator('.kernel')).toHaveCount(3);
	const { explanation } = mixedFieldViewOf(chelseaRun(), { label: cat, probe });
	for (const [branch, { tapsInPadding }] of explanation!.cell.branches.entries()) {
		await expect(page.locator('.kernel').nth(branch).locator('.kernel-tap.padding')).toHaveCount(tapsInPadding);
	}
	await expect(page.locator('.kernel-sum').first()).toHaveText('');
	await expect(page.locator('.signed-scale')).toBeHidden();
	await expect(page.locator('body')).not.toContainText('What each tap adds');
	await page.locator('.kernel').first().locator('.kernel-tap').nth(4).hover();
	await expect(page.locator('.tap-detail')).toHaveText(/^rate 12, middle: looked around x \d+, y \d+\.$/);
	await page.getByRole('button', { name: 'Measure the logit' }).click();
	await page.getByRole('button', { name: 'Measure rate 24' }).click();
	expect(await paramsOf(page, 'measure')).toEqual([
		{ branch: undefined, over: 'cell' },
		{ branch: 1, over: 'cell' },
	]);
	await expect(page.locator('.measured-name').first()).toHaveText('Logit, cell');
	await expect(page.locator('.measured-name').nth(1)).toHaveText('rate 12, cell');
});
