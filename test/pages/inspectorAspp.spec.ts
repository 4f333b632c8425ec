/** The Inspector with what the ASPP views draw in it: masks of branches, the dominant branch, receptive fields, gradients. */
import { expect, type Page, test } from '@playwright/test';
import { decode } from 'fast-png';
import type { Probe } from '../../src/shared/protocol/inspector';
import {
	branchesOf,
	chelseaScene,
	dominanceOf,
	effectiveFieldOf,
	explanationOf,
	fieldsOf,
} from './harness/asppFixtures';
import { crfOf } from './harness/crfFixtures';
import { chelseaRun } from './harness/fixtures';
import { openInspector } from './harness/inspectorPage';
import {
	callPage,
	expectAccessible,
	expectNoErrors,
	expectNoSidewaysScroll,
	hostCalls,
	nextFrame,
	type OpenOptions,
	paramsOf,
	screenshot,
	themeNames,
} from './harness/openPage';

test.afterEach(({ page }) => expectNoErrors(page));

const cat = 8;
const run = chelseaRun();
const scene = chelseaScene(run);
const probe: Probe = { x: 212, y: 133 };
const soloed = branchesOf(scene, [false, false, true, false]);
const dominance = dominanceOf(scene);
const field = { runId: run.info.id, field: effectiveFieldOf(run, probe) };
const fields = (change: { highlighted?: number; tap?: number; probe?: Probe } = {}) =>
	fieldsOf(scene, { label: cat, probe, ...change });

async function open(page: Page, { crf = false, ...others }: OpenOptions & { crf?: boolean } = {}) {
	await openInspector(page, run, { ...others, probe, crf: crf ? crfOf(run) : undefined });
}

for (const theme of themeNames) {
	test(`looks right in ${theme}`, async ({ page }) => {
		await open(page, { theme });
		await callPage(page, 'chosenClass', cat);
		await callPage(page, 'branches', soloed);
		await callPage(page, 'layer', 'branches');
		await screenshot(page, `inspector-aspp-${theme}-branches`);
		await expectAccessible(page);
		await callPage(page, 'dominance', dominance);
		await callPage(page, 'layer', 'dominance');
		await screenshot(page, `inspector-aspp-${theme}-dominance`);
		await expectAccessible(page);
		await callPage(page, 'layer', 'mask');
		await callPage(page, 'fields', fields());
		await screenshot(page, `inspector-aspp-${theme}-fields`);
		await callPage(page, 'fields', fields({ highlighted: 1, tap: 5 }));
		await page.locator('.viewport').press('-');
		await screenshot(page, `inspector-aspp-${theme}-tap`);
		await expectAccessible(page);
		await callPage(page, 'fields', null);
		await callPage(page, 'gradient', field);
		await page.locator('.viewport').press('f');
		await screenshot(page, `inspector-aspp-${theme}-gradient`);
		await expectAccessible(page);
		await page.setViewportSize({ width: 300, height: 640 });
		await callPage(page, 'fields', fields({ probe: { x: 212, y: 40 } }));
		await screenshot(page, `inspector-aspp-${theme}-300`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
	});
}

test('the mask of the branches that are on: its classes, its logits, its name', async ({ page }) => {
	await open(page);
	await expect(page.getByRole('button', { name: 'Branches' })).toBeHidden();
	await callPage(page, 'branches', soloed);
	await page.getByRole('button', { name: 'Branches' }).click();
	await expect(page.locator('.layer-title')).toHaveText('Mask of rate 18 alone');
	expect(await paramsOf(page, 'reportLayer')).toContain('branches');
	const changes = soloed.changes.find(({ label }) => label === cat)!;
	const share = ((changes.after / (451 * 300)) * 100).toFixed(1);
	await expect(page.locator('.legend-row', { hasText: 'cat' }).locator('.legend-share')).toHaveText(`${share} %`);
	const logit = explanationOf(scene, { label: cat, probe, on: [false, false, true, false] })!.chosen.logit;
	await expect(page.locator('.readout-unit')).toContainText(logit.toFixed(2));
	// A mask whose logits have not followed yet has its class read out, and no number of another mask.
	await callPage(page, 'branches', { ...soloed, logits: undefined });
	await expect(page.locator('.readout-best')).toContainText('…');
	await expect(page.locator('.readout-unit')).not.toContainText('logit');
	await callPage(page, 'branchLogits', { runId: run.info.id, logits: soloed.logits });
	await expect(page.locator('.readout-unit')).toContainText(logit.toFixed(2));
	await page.getByRole('button', { name: 'Save mask' }).click();
	expect(await paramsOf(page, 'saveMask')).toEqual([{ runId: run.info.id, which: 'branches' }]);
	await callPage(page, 'branches', null);
	await expect(page.getByRole('button', { name: 'Mask', exact: true })).toHaveAttribute('aria-pressed', 'true');
	await expect(page.locator('.layer-title')).toBeHidden();
	await callPage(page, 'branches', { ...soloed, runId: 'another' });
	await expect(page.getByRole('button', { name: 'Branches' })).toBeHidden();
});

test('the dominant branch has its legend and is read out', async ({ page }) => {
	await open(page);
	await callPage(page, 'dominance', dominance);
	await callPage(page, 'layer', 'dominance');
	const rows = page.getByRole('region', { name: 'Dominant branch by area' }).getByRole('listitem');
	await expect(rows).toHaveCount(4);
	await expect(rows.first()).toHaveText(`rate 6${(dominance.shares[0]! * 100).toFixed(1)} %`);
	const branch = dominance.branches[probe.y * 451 + probe.x]!;
	await expect(page.locator('.readout-second')).toHaveText(`most of it from rate ${[6, 12, 18, 24][branch]}`);
	await expect(page.getByRole('region', { name: 'Classes by area' })).toBeHidden();
});

test('fields are boxes and taps where they lie in the picture; a tap pointed at says its share', async ({ page }) => {
	await open(page);
	const shown = fields()!;
	await callPage(page, 'fields', shown);
	await nextFrame(page);
	await expect(page.locator('.fields .box')).toHaveCount(5);
	await expect(page.locator('.fields .tap')).toHaveCount(32);
	await expect(page.locator('.fields text')).toHaveText([
		'backbone · 467 px',
		'rate 6 · 563 px',
		'rate 12 · 659 px',
		'rate 18 · 755 px',
		'rate 24 · 851 px',
	]);
	const k = Number((await page.locator('.zoom-text').textContent())!.replace(' %', '')) / 100;
	const { left, right } = shown.cell.branches[0]!.box;
	const width = Number(await page.locator('.fields .box').nth(1).getAttribute('width'));
	expect(width / (right - left)).toBeCloseTo(k, 1);
	const hollow = shown.cell.branches.reduce((sum, { tapsInPadding }) => sum + tapsInPadding, 0);
	await expect(page.locator('.fields .tap.padding')).toHaveCount(hollow);
	await callPage(page, 'fields', fields({ highlighted: 1, tap: 5 }));
	await nextFrame(page);
	await expect(page.locator('.fields .box.faded')).toHaveCount(4);
	await expect(page.locator('.fields .tap.pointed')).toHaveCount(1);
	const share = shown.tapShares![1]![5]!;
	await expect(page.locator('.fields text').last()).toHaveText(`+${share.toFixed(2)} logit`);
	await expect(page.locator('.scales')).toContainText('Share of each tap');
	await callPage(page, 'fields', null);
	await nextFrame(page);
	await expect(page.locator('.fields')).toBeHidden();
});

test('a gradient is drawn over the picture with rings and a scale, until a layer is chosen', async ({ page }) => {
	await open(page);
	await callPage(page, 'gradient', field);
	await nextFrame(page);
	await expect(page.locator('.rings text').first()).toContainText('50 % · ');
	await expect(page.locator('.scales')).toContainText('Gradient: logit a unit of input');
	await expect(page.locator('.scales')).toContainText('0.012');
	await page.getByRole('button', { name: 'Mask', exact: true }).click();
	await nextFrame(page);
	await expect(page.locator('.rings')).toBeHidden();
	await expect(page.locator('.scales')).not.toBeVisible();
	expect(await paramsOf(page, 'endGradient')).toEqual([null]);
});

test('digits solo a branch, 0 all, brackets choose the class; the chosen one is marked', async ({ page }) => {
	await open(page);
	for (const key of ['3', '9', '0']) {
		await page.locator('body').press(key);
	}
	expect(await paramsOf(page, 'soloBranch')).toEqual([2, null]);
	await page.locator('body').press(']');
	await page.locator('body').press('[');
	const [chosen] = (await paramsOf(page, 'setClass')) as (number | null)[];
	expect(chosen).toBe(run.info.classes[0]!.label);
	expect((await paramsOf(page, 'setClass')).at(-1)).toBeNull();
	await callPage(page, 'chosenClass', cat);
	await expect(page.locator('.legend-chosen:visible')).toHaveCount(1);
	await expect(page.locator('.legend-row', { hasText: 'cat' }).locator('.legend-chosen')).toBeVisible();
});

test('a saved picture has the fields in it', async ({ page }) => {
	await open(page, { answers: { savePicture: 'a.png' } });
	await page.getByRole('button', { name: 'Save picture as shown' }).click();
	await callPage(page, 'fields', fields());
	await page.getByRole('button', { name: 'Save picture as shown' }).click();
	await expect.poll(async () => (await hostCalls(page, 'savePicture')).length).toBe(2);
	const pictures = await page.evaluate(() =>
		window.fakeHost.calls
			.filter(({ method }) => method === 'savePicture')
			.map(({ params }) => [...(params as { png: Uint8Array }).png]),
	);
	const [plain, marked] = pictures.map((png) => decode(Uint8Array.from(png)));
	expect([marked!.width, marked!.height]).toEqual([451, 300]);
	const differing = Array.from(marked!.data).filter((value, index) => value !== plain!.data[index]).length;
	expect(differing).toBeGreaterThan(1000);
});

test('every layer at once has room', async ({ page }) => {
	await open(page, { crf: true });
	await callPage(page, 'branches', soloed);
	await callPage(page, 'dominance', dominance);
	for (const width of [1600, 1000, 300]) {
		await page.setViewportSize({ width, height: 700 });
		await screenshot(page, `inspector-aspp-layers-${width}`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
	}
});
