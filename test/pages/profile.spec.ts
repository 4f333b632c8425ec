/** The profile of a run: the fold below the stages, its icicle chart by mouse and keyboard, its table, its states. */
import { expect, type Page, test } from '@playwright/test';
import type { InspectorState } from '../../src/shared/protocol/inspector';
import type { ProfileState } from '../../src/shared/protocol/profile';
import { chelseaRun } from './harness/fixtures';
import { openInspector } from './harness/inspectorPage';
import {
	callPage,
	expectAccessible,
	expectNoErrors,
	expectNoSidewaysScroll,
	hostCalls,
	type OpenOptions,
	screenshot,
	themeNames,
} from './harness/openPage';
import { profile } from './harness/profileFixtures';

test.afterEach(({ page }) => expectNoErrors(page));

const run = chelseaRun();
const runId = run.info.id;
const probe = { x: 212, y: 133 };

const open = (page: Page, options: OpenOptions = {}) =>
	openInspector(page, run, { ...options, probe, bodyClass: 'vscode-reduce-motion' });
const tell = (page: Page, state: ProfileState, of = runId) => callPage(page, 'profile', { runId: of, state });
const measured: ProfileState = { kind: 'measured', profile };
const button = (page: Page) => page.getByRole('region', { name: 'Stages' }).getByRole('button', { name: 'Profile' });
const fold = (page: Page) => page.getByRole('region', { name: 'Profile' });
const cell = (page: Page, id: string) => page.locator(`.icicle-cell[data-id="${id}"]`);
const requests = async (page: Page) => (await hostCalls(page, 'profile')).map(({ params }) => params);

for (const theme of themeNames) {
	test(`looks right in ${theme}`, async ({ page }) => {
		await open(page, { theme });
		await tell(page, measured);
		await screenshot(page, `profile-${theme}-run`);
		await expectAccessible(page);
		await cell(page, 'network/aspp').click();
		await screenshot(page, `profile-${theme}-aspp`);
		await expectAccessible(page);
		await tell(page, { kind: 'running', since: Date.now() - 3000, progress: { step: 'timed', pass: 3, of: 6 } });
		await screenshot(page, `profile-${theme}-running`);
		await expectAccessible(page);
		await page.setViewportSize({ width: 300, height: 640 });
		await tell(page, measured);
		await screenshot(page, `profile-${theme}-300`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
	});
}

test('the button of the stages opens the fold, and asks for the profile; it closes it', async ({ page }) => {
	await open(page);
	await expect(fold(page)).toBeHidden();
	await expect(button(page)).toHaveAttribute('aria-expanded', 'false');
	await button(page).click();
	await expect(fold(page)).toBeVisible();
	await expect(button(page)).toHaveAttribute('aria-expanded', 'true');
	expect(await requests(page)).toEqual([{ runId, action: 'open' }]);
	await tell(page, measured);
	await fold(page).getByRole('button', { name: 'Close' }).click();
	await expect(fold(page)).toBeHidden();
	await expect(button(page)).toBeFocused();
	expect((await requests(page)).at(-1)).toEqual({ runId, action: 'close' });
});

test('says that it is of WASM where the run was on WebGPU', async ({ page }) => {
	const adapter = { vendor: 'nvidia', architecture: 'ampere', device: '', description: '' };
	const info = { ...run.info, backend: { name: 'webgpu', threads: 1, adapter } as const };
	const state: InspectorState = { kind: 'run', run: { ...run, info }, probe, crf: undefined };
	await open(page, { answers: { ready: { state, opacity: 0.6 } } });
	await tell(page, measured);
	const fact = fold(page).getByText('WASM · 2 threads');
	await expect(fact).toBeVisible();
	await expect(fact).toHaveAttribute(
		'title',
		'The run was on WebGPU · NVIDIA ampere; operators can be timed on WASM alone.',
	);
	await open(page);
	await tell(page, measured);
	await expect(fold(page).getByRole('listitem').first()).toHaveText('profiled run took 1.08 ×');
});

test('in a small page the fold comes into sight when it is opened', async ({ page }) => {
	await page.setViewportSize({ width: 300, height: 500 });
	await open(page);
	await button(page).click();
	await tell(page, measured);
	await expect(page.locator('.icicle-cells')).toBeInViewport({ ratio: 0.9 });
	await screenshot(page, 'profile-dark-300-opened');
});

test('stages, parts and operators lie where their time is', async ({ page }) => {
	await open(page);
	await tell(page, measured);
	const total = profile.stages.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
	const network = profile.profiledMilliseconds;
	const box = (await page.locator('.icicle-cells').boundingBox())!;
	const place = async (id: string) => {
		const { x, width } = (await cell(page, id).boundingBox())!;
		return [(x - box.x) / box.width, width / box.width];
	};
	const [left, width] = await place('network');
	expect(left).toBeCloseTo((18 + 84) / total, 2);
	expect(width).toBeCloseTo(network / total, 2);
	const [asppLeft, asppWidth] = await place('network/aspp');
	const aspp = profile.operators.filter(({ path }) => path[0] === 'aspp');
	expect(asppWidth).toBeCloseTo(aspp.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / total, 2);
	expect(asppLeft).toBeGreaterThan(left!);
	expect(await cell(page, 'network:other').getAttribute('aria-label')).toContain('other 9.0 ms, ');
	await expect(page.locator('.icicle-cell')).toHaveCount(1 + 5 + 3 + 1 + 1 + 18 + profile.operators.length - 1);
	await expect(page.locator('.profile-facts li')).toHaveText([
		'profiled run took 1.08 ×',
		'median of 5 passes',
		'WASM heap 103 MB',
	]);
});

test('a click zooms in and, on what is around, out', async ({ page }) => {
	await open(page);
	await tell(page, measured);
	const width = async (id: string) => (await cell(page, id).boundingBox())!.width;
	const whole = await width('run');
	await cell(page, 'network/aspp').click();
	expect(await width('network/aspp')).toBeCloseTo(whole, 0);
	expect(await width('network')).toBeCloseTo(whole, 0);
	await expect(cell(page, 'decode')).toHaveCount(0);
	expect(await width('network/aspp:6')).toBeGreaterThan(whole / 5);
	await expect(page.locator('.icicle-detail')).toContainText('network › aspp');
	await cell(page, 'network/aspp:12').hover();
	await expect(page.locator('.icicle-detail')).toContainText('network › aspp › 12 · Conv · 21 × 39 × 58 · 15 ms');
	// Where the keyboard goes counts, though the pointer rests elsewhere.
	await page.keyboard.press('ArrowDown');
	await expect(page.locator('.icicle-detail')).toContainText('network › aspp › 24');
	await cell(page, 'run').click();
	await expect(cell(page, 'decode')).toHaveCount(1);
});

test('works by the keyboard, and the picture keeps its probe', async ({ page }) => {
	await open(page);
	await tell(page, measured);
	const focused = () => page.evaluate(() => (document.activeElement as HTMLElement).dataset.id);
	await cell(page, 'run').focus();
	const press = async (...keys: string[]) => {
		for (const key of keys) {
			await page.keyboard.press(key);
		}
		return await focused();
	};
	expect(await press('ArrowDown')).toBe('decode');
	expect(await press('ArrowRight', 'ArrowRight')).toBe('network');
	expect(await press('ArrowDown')).toBe('network/backbone');
	expect(await press('End')).toBe('network:other');
	expect(await press('Home', 'ArrowRight', 'ArrowRight')).toBe('network/aspp');
	expect(await press('Enter')).toBe('network/aspp');
	await expect(cell(page, 'decode')).toHaveCount(0);
	expect(await press('ArrowDown')).toBe('network/aspp:24');
	expect(await press('Escape')).toBe('network/aspp:24');
	await expect(cell(page, 'network/backbone')).toHaveCount(1);
	await expect(cell(page, 'decode')).toHaveCount(0);
	expect(await press('ArrowUp', 'ArrowUp', 'Backspace')).toBe('network');
	await expect(cell(page, 'decode')).toHaveCount(1);
	// Nothing is around the whole run; the key is the chart's all the same.
	expect(await press('Escape')).toBe('network');
	expect(await hostCalls(page, 'setProbe')).toEqual([]);
	await expect(page.locator('.icicle-cell[tabindex="0"]')).toHaveCount(1);
});

test('has the ten slowest operators, each of which leads to its place', async ({ page }) => {
	await open(page);
	await tell(page, measured);
	const rows = fold(page).getByRole('row');
	await expect(rows).toHaveCount(11);
	const slowest = [...profile.operators].sort((a, b) => b.milliseconds - a.milliseconds);
	const names = slowest.slice(0, 10).map(({ path }) => path.slice(path.length > 2 ? 1 : 0).join('.'));
	await expect(fold(page).getByRole('rowheader')).toHaveText(names);
	const share = ((slowest[0]!.milliseconds / profile.profiledMilliseconds) * 100).toFixed(1);
	await expect(rows.nth(1)).toHaveText(`aspp.6Conv21 × 39 × 5817 ms${share} %`);
	await fold(page).getByRole('button', { name: 'aspp.6' }).click();
	await expect(cell(page, 'network/aspp:6')).toBeFocused();
	await expect(cell(page, 'decode')).toHaveCount(0);
});

test('tells what is being measured, and what became of it', async ({ page }) => {
	await open(page, { answers: { saveProfile: 'chelsea-profile.json' } });
	await button(page).click();
	await tell(page, { kind: 'running', since: Date.now(), progress: undefined });
	await expect(fold(page).getByRole('status').last()).toContainText('Preparing');
	await tell(page, { kind: 'running', since: Date.now(), progress: { step: 'load', pass: 1 } });
	await expect(fold(page)).toContainText('Loading the network');
	await tell(page, { kind: 'running', since: Date.now(), progress: { step: 'plain', pass: 2, of: 5 } });
	await expect(fold(page)).toContainText('Running it as always, 2 of 5');
	await fold(page).getByRole('button', { name: 'Cancel' }).click();
	await tell(page, { kind: 'cancelled' });
	await expect(fold(page)).toContainText('Cancelled');
	await fold(page).getByRole('button', { name: 'Profile again' }).last().click();
	await tell(page, { kind: 'failed', message: '“chelsea.png” was not found.' });
	await expect(fold(page)).toContainText('“chelsea.png” was not found.');
	await fold(page).getByRole('button', { name: 'Retry' }).click();
	await tell(page, measured);
	await expect(page.locator('.icicle-cell').first()).toBeVisible();
	await fold(page).getByRole('button', { name: 'Export JSON…' }).click();
	await expect(fold(page)).toContainText('Saved chelsea-profile.json');
	expect((await hostCalls(page, 'saveProfile')).map(({ params }) => params)).toEqual([{ runId }]);
	await fold(page).getByRole('button', { name: 'Profile again' }).click();
	expect((await requests(page)).map((request) => (request as { action: string }).action)).toEqual([
		'open',
		'cancel',
		'measure',
		'measure',
		'measure',
	]);
});

test('what comes of another run is not shown, and another run closes it', async ({ page }) => {
	await open(page);
	await tell(page, measured, 'another');
	await expect(fold(page)).toBeHidden();
	await tell(page, measured);
	await expect(fold(page)).toBeVisible();
	const other = { ...run, info: { ...run.info, id: 'another' } };
	await callPage(page, 'show', { kind: 'run', run: other, probe: undefined, crf: undefined });
	await expect(fold(page)).toBeHidden();
	await expect(button(page)).toHaveAttribute('aria-expanded', 'false');
});

test('a profile without memory and operators is shown as far as it goes', async ({ page }) => {
	await open(page);
	const { memory: _memory, ...rest } = profile;
	await tell(page, { kind: 'measured', profile: { ...rest, operators: [], plainMilliseconds: 0, passes: 1 } });
	await expect(page.locator('.profile-facts li')).toHaveText(['1 pass']);
	await expect(cell(page, 'network:other')).toHaveCount(1);
	await expect(fold(page).getByRole('rowheader')).toHaveCount(0);
});
