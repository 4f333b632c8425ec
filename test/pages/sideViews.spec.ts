import { expect, test } from '@playwright/test';
import type { ModelState, RunsState } from '../../src/shared/protocol/sideViews';
import { network, runList } from './harness/fixtures';
import {
	callPage,
	expectAccessible,
	expectNoErrors,
	expectNoSidewaysScroll,
	hostCalls,
	openPage,
	screenshot,
	themeNames,
} from './harness/openPage';

test.use({ viewport: { width: 300, height: 640 } });
test.afterEach(({ page }) => expectNoErrors(page));

const runs = runList(Date.now());
const runsState: RunsState = { runs, activeId: '1', inProgress: [] };
const busy: RunsState = {
	...runsState,
	inProgress: [{ pictureName: 'coffee.png', stage: 'Network', since: Date.now() - 2400 }],
};
const modelState: ModelState = { kind: 'model', network: network(), source: '/models/deeplabv2-mobilenetv2-voc.onnx' };

const bundled = network();
const ailing: ModelState = {
	kind: 'model',
	source: '/models/ailing.onnx',
	network: {
		...bundled,
		findings: [
			{ severity: 'error', path: 'aspp.24', code: 'branch.notSummed', branch: 24 },
			{ severity: 'error', path: 'aspp.18', code: 'weights.nonFinite', tensor: 'aspp.18.weight', count: 3 },
			{
				severity: 'warning',
				path: 'aspp.12',
				code: 'branch.untrained',
				branch: 12,
				standardDeviation: 0.01002,
				kurtosis: 3.01,
			},
			{ severity: 'info', path: undefined, code: 'head.unusualRates', rates: [5, 12, 18, 24] },
		],
	},
};

for (const theme of themeNames) {
	test(`findings look right in ${theme}`, async ({ page }) => {
		await openPage(page, 'model', { theme, answers: { ready: ailing } });
		await screenshot(page, `model-${theme}-findings`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
		await page.setViewportSize({ width: 420, height: 640 });
		await page.getByRole('button', { name: /^The branch with rate 12/ }).click();
		await screenshot(page, `model-${theme}-findings-420`);
		await expectAccessible(page);
	});

	test(`runs look right in ${theme}`, async ({ page }) => {
		await openPage(page, 'runs', { theme, answers: { ready: busy } });
		await page.locator('.run-row').nth(1).hover();
		await screenshot(page, `runs-${theme}`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
		await page.locator('.run-open').first().focus();
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('ArrowUp');
		await page.mouse.move(150, 630);
		await screenshot(page, `runs-${theme}-focus`);
		await expectAccessible(page);
		await callPage(page, 'show', { runs: [], activeId: undefined, inProgress: [] });
		await screenshot(page, `runs-${theme}-empty`);
		await expectAccessible(page);
	});

	test(`model looks right in ${theme}`, async ({ page }) => {
		await openPage(page, 'model', { theme, answers: { ready: modelState } });
		await screenshot(page, `model-${theme}`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
		await page.locator('.rate').nth(1).click();
		await screenshot(page, `model-${theme}-selected`);
		await expectAccessible(page);
		await page.locator('summary').click();
		await screenshot(page, `model-${theme}-classes`);
		await expectAccessible(page);
		await callPage(page, 'show', {
			kind: 'failed',
			modelName: 'net.onnx',
			message: 'The model “net.onnx” is damaged (ends early). Copy or download it again.',
		});
		await screenshot(page, `model-${theme}-failed`);
		await expectAccessible(page);
		await callPage(page, 'show', { kind: 'loading', modelName: 'net.onnx' });
		await expectAccessible(page);
	});
}

test('the keyboard moves in the runs, opens and removes them', async ({ page }) => {
	await openPage(page, 'runs', { answers: { ready: runsState } });
	await page.keyboard.press('Tab');
	await expect(page.locator('.run-open').first()).toBeFocused();
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	expect(await hostCalls(page, 'open')).toEqual([{ method: 'open', params: { id: '2', keep: false } }]);
	await page.keyboard.press('Delete');
	expect(await hostCalls(page, 'remove')).toEqual([{ method: 'remove', params: '2' }]);
	await callPage(page, 'show', { ...runsState, runs: runs.filter(({ id }) => id !== '2') });
	await expect(page.locator('[data-id="3"] .run-open')).toBeFocused();
	await page.keyboard.press('End');
	await expect(page.locator('[data-id="5"] .run-open')).toBeFocused();
	await page.keyboard.press('Tab');
	await expect(page.locator('[data-id="5"] .run-remove')).toBeFocused();
	await page.keyboard.press('Enter');
	expect((await hostCalls(page, 'remove')).at(-1)?.params).toBe('5');
});

test('runs are opened and removed by mouse, and the active one is marked', async ({ page }) => {
	await openPage(page, 'runs', { answers: { ready: runsState } });
	await expect(page.locator('[aria-current=true]')).toHaveCount(1);
	await page.locator('.run-open').nth(2).click();
	expect((await hostCalls(page, 'open'))[0]?.params).toEqual({ id: '3', keep: false });
	await page.locator('.run-row').nth(3).hover();
	await page.locator('.run-remove').nth(3).click();
	expect((await hostCalls(page, 'remove'))[0]?.params).toBe('4');
	expect(await hostCalls(page, 'open')).toHaveLength(1);
	await page.locator('.run-open').nth(1).dblclick();
	expect((await hostCalls(page, 'open')).at(-1)?.params).toEqual({ id: '2', keep: true });
});

test('without runs the page offers to segment a picture', async ({ page }) => {
	await openPage(page, 'runs', { answers: { ready: { runs: [], activeId: undefined, inProgress: [] } } });
	await page.getByRole('button', { name: 'Segment image…' }).click();
	expect(await hostCalls(page, 'segmentImage')).toHaveLength(1);
});

test('the tree shows the branches with their rates and receptive fields', async ({ page }) => {
	await openPage(page, 'model', { answers: { ready: modelState } });
	await expect(page.locator('.rate')).toHaveText(['rate 6', 'rate 12', 'rate 18', 'rate 24']);
	const branch = page.locator('[role=row]', { has: page.locator('.rate', { hasText: 'rate 12' }) });
	// 21 classes on the 58x39 grid of a 457x305 input; 256 * 21 * 9 + 21 parameters.
	await expect(branch.locator('[role=gridcell]').nth(1)).toHaveText('21×39×58');
	await expect(branch.locator('[role=gridcell]').nth(2)).toHaveText('48 k');
	await branch.click();
	await expect(page.locator('.tree-details')).toContainText('dilation 12');
	await expect(page.locator('.tree-details')).toContainText('padding 12');
});

test('the keyboard walks, opens and closes the tree', async ({ page }) => {
	await openPage(page, 'model', { answers: { ready: modelState } });
	const rows = page.locator('.tree-body [role=row]');
	await rows.first().focus();
	await page.keyboard.press('End');
	await expect(rows.last()).toBeFocused();
	await page.keyboard.press('Home');
	await expect(rows.first()).toBeFocused();
	const closed = page.locator('[role=row][aria-expanded=false]').first();
	await closed.click();
	const count = await rows.count();
	await page.keyboard.press('ArrowRight');
	expect(await rows.count()).toBeGreaterThan(count);
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('ArrowLeft');
	await page.keyboard.press('ArrowLeft');
	expect(await rows.count()).toBe(count);
	const state = await page.evaluate(() => window.fakeHost.state);
	const again = await page.context().newPage();
	await openPage(again, 'model', { answers: { ready: modelState }, state });
	await expect(again.locator('.tree-body [role=row]')).toHaveCount(count);
});

test('the buttons of the model page act', async ({ page }) => {
	await openPage(page, 'model', { answers: { ready: modelState } });
	await page.getByRole('button', { name: 'Select model…' }).click();
	await callPage(page, 'show', { kind: 'failed', modelName: 'net.onnx', message: 'It is damaged.' });
	await page.getByRole('button', { name: 'Retry' }).click();
	await page.getByRole('button', { name: 'Show log' }).click();
	expect((await hostCalls(page, 'act')).map(({ params }) => params)).toEqual(['selectModel', 'retry', 'showLog']);
});

test('findings stand on top and on their lines, and lead to them', async ({ page }) => {
	await openPage(page, 'model', { answers: { ready: ailing } });
	const lines = page.getByRole('list', { name: 'Health check' }).getByRole('listitem');
	await expect(lines).toHaveCount(4);
	await expect(lines.first()).toContainText('Error:');
	await expect(lines.first()).toContainText('The branch with rate 24 is not part of the logits');
	await expect(lines.last()).toContainText('Note:');
	const row = page.locator('.tree-row', { has: page.locator('.rate', { hasText: 'rate 24' }) });
	await expect(row.locator('.severity.error')).toHaveCount(1);
	// A group that is closed carries the gravest of what is in it.
	await lines.nth(2).getByRole('button').click();
	const warned = page.locator('.tree-row', { has: page.locator('.rate', { hasText: 'rate 12' }) });
	await expect(warned).toBeFocused();
	await expect(warned).toHaveAttribute('aria-selected', 'true');
	await expect(page.locator('.tree-details')).toContainText('like initial noise');
	await callPage(page, 'show', modelState);
	await expect(page.locator('.model')).toContainText('Health check: nothing odd');
});
