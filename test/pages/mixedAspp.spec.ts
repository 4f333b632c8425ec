/** The ASPP Branches view of a head whose branches later layers mix, at a side panel's width. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import type { AsppViewState, MapReading, MixedRunView } from '../../src/shared/protocol/aspp';
import { packAll } from './harness/fakeHost';
import { chelseaRun } from './harness/fixtures';
import { type MixedSettings, mixedState, mixedViewOf } from './harness/mixedFixtures';
import {
	callPage,
	expectAccessible,
	expectNoErrors,
	expectNoSidewaysScroll,
	nextFrame,
	type OpenOptions,
	openPage,
	paramsOf,
	root,
	screenshot,
	themeNames,
} from './harness/openPage';

test.use({ viewport: { width: 300, height: 1900 } });
test.afterEach(({ page }) => expectNoErrors(page));

const run = chelseaRun();
const cat = 8;
const stateOf = (settings: MixedSettings = {}, change: Partial<MixedRunView> = {}): AsppViewState => ({
	kind: 'mixed',
	view: { ...mixedViewOf(run, settings), ...change },
});
const mapsOf = (reading: MapReading, settings: MixedSettings = {}) => mixedState(run, settings).maps(reading);
const norm: MapReading = { kind: 'norm' };

const open = (page: Page, state: AsppViewState = stateOf({ label: cat }), options: OpenOptions = {}) =>
	openPage(page, 'aspp', {
		...options,
		answers: { ready: state, mixedMaps: mapsOf(norm), ...options.answers },
	});
const tile = (page: Page, name: string) => page.getByRole('group', { name, exact: true });
const names = ['1×1', 'rate 12', 'rate 24', 'rate 36', 'image pooling'];

for (const theme of themeNames) {
	test(`a mixed head looks right in ${theme}`, async ({ page }) => {
		const soloed = { on: [false, true, false, false, false], label: cat };
		await open(page, stateOf({ label: cat }), { theme });
		const states: Record<string, AsppViewState> = {
			run: stateOf({ label: cat }),
			pending: stateOf({ label: cat, pending: [2, 3, 4] }),
			'all-but': stateOf(
				{ label: cat, on: [true, true, true, true, false] },
				{
					effect: {
						changedPixels: 1234,
						changes: [
							{ label: 8, before: 60_000, after: 58_766, gained: 0, lost: 1234 },
							{ label: 0, before: 79_385, after: 80_619, gained: 1234, lost: 0 },
						],
					},
				},
			),
			busy: stateOf(soloed, { busy: true }),
			'no-probe': stateOf({ label: cat, probe: undefined }),
			problem: stateOf(
				{ label: cat, pending: [0, 1, 2, 3, 4] },
				{ problem: 'The head could not be run: not enough memory.' },
			),
		};
		for (const [name, state] of Object.entries(states)) {
			await callPage(page, 'show', state);
			await screenshot(page, `aspp-mixed-${theme}-${name}`);
			await expectNoSidewaysScroll(page);
			await expectAccessible(page);
		}
		await page.setViewportSize({ width: 420, height: 1900 });
		await callPage(page, 'show', stateOf({ label: cat }));
		await page.getByRole('button', { name: 'Channel', exact: true }).click();
		await screenshot(page, `aspp-mixed-${theme}-420-channels`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
	});
}

test('there is a map for every branch, with its value at the probe, and nothing that cannot apply', async ({
	page,
}) => {
	await open(page);
	const { atProbe } = mixedViewOf(run, { label: cat });
	for (const [branch, name] of names.entries()) {
		const text = (await tile(page, name).locator('.tile-value').textContent())!;
		expect(Number(text)).toBeCloseTo(atProbe!.branches[branch]!.norm, 1);
	}
	await expect(page.locator('.mixed-run .slider, .mixed-run .rates, .mixed-run .dominance')).toHaveCount(0);
	await expect(page.locator('.waterfall')).toBeHidden();
	await expect(page.locator('.mixed-absent')).toContainText('none has a share of a logit');
	await expect(page.locator('body')).not.toContainText('adds most');
});

test('each branch has the logit without it, its change and who wins then; they are said not to add up', async ({
	page,
}) => {
	await open(page);
	const { atProbe } = mixedViewOf(run, { label: cat });
	const rows = page.locator('.without-table tbody tr');
	await expect(rows).toHaveCount(6);
	const numberOf = async (row: number, cell: number) =>
		Number((await rows.nth(row).locator('td').nth(cell).textContent())!.replace('−', '-'));
	expect(await numberOf(0, 0)).toBeCloseTo(atProbe!.all.logit, 2);
	for (const [branch, pixel] of atProbe!.without.entries()) {
		expect(await numberOf(branch + 1, 0)).toBeCloseTo(pixel!.logit, 2);
		expect(await numberOf(branch + 1, 1)).toBeCloseTo(pixel!.logit - atProbe!.all.logit, 2);
	}
	await expect(rows.nth(5)).toContainText('wins');
	await expect(rows.nth(1)).not.toContainText('wins');
	await expect(page.locator('.explanation-found').last()).toContainText('do not add up to the logit');
});

test('what is still to be run is left open, and a failure is told', async ({ page }) => {
	await open(page, stateOf({ label: cat, pending: [1] }));
	const row = page.locator('.without-table tbody tr').nth(2);
	await expect(row.locator('td').first()).toHaveText('…');
	await callPage(page, 'show', stateOf({ label: cat, pending: [1] }, { problem: 'It could not be run.' }));
	await expect(row.locator('td').first()).toHaveText('–');
	await page.getByRole('button', { name: 'Retry' }).click();
	expect(await paramsOf(page, 'act')).toEqual(['retry']);
});

test('norm, mean and channels are asked for, the strongest channel first, others by number or from the list', async ({
	page,
}) => {
	await open(page);
	await page.getByRole('button', { name: 'Mean', exact: true }).click();
	await page.getByRole('button', { name: 'Channel', exact: true }).click();
	const strongest = mixedViewOf(run, { label: cat }).atProbe!.branches.map((branch) => branch.strongest[0]!.channel);
	const input = page.getByLabel('Channel of rate 24');
	await expect(input).toHaveValue(String(strongest[2]));
	await input.fill('7');
	await input.press('Enter');
	const second = mixedViewOf(run, { label: cat }).atProbe!.branches[1]!.strongest[1]!.channel;
	await page.getByRole('button', { name: new RegExp(`Draw channel ${second} of rate 12$`) }).click();
	await input.fill('');
	await input.press('Enter');
	const channels = (change: Record<number, number>) => ({
		kind: 'channels',
		channels: strongest.map((channel, branch) => change[branch] ?? channel),
	});
	const readings = (await paramsOf(page, 'mixedMaps')).map((params) => (params as { reading: MapReading }).reading);
	expect(readings).toEqual([
		norm,
		{ kind: 'mean' },
		channels({}),
		channels({ 2: 7 }),
		channels({ 1: second, 2: 7 }),
		channels({ 1: second }),
	]);
});

test('maps with values below zero have the signed scale, others the one from zero', async ({ page }) => {
	await open(page);
	await expect(page.locator('.maps .signed-scale:visible')).toHaveText(/^0[\d.]+ norm$/);
	const settings = { label: cat, signed: true };
	await open(page, stateOf(settings), { answers: { mixedMaps: mapsOf({ kind: 'mean' }, settings) } });
	await page.getByRole('button', { name: 'Mean', exact: true }).click();
	await expect(page.locator('.maps .signed-scale:visible')).toHaveText(/^−[\d.]+0\+[\d.]+ activation$/);
});

test('maps that another active run kept back are asked for again', async ({ page }) => {
	await open(page, stateOf({ label: cat }), { answers: { mixedMaps: null } });
	await nextFrame(page);
	await expect(page.locator('.maps.waiting')).toBeVisible();
	await page.evaluate((answer) => window.fakeHost.answer('mixedMaps', answer), packAll(mapsOf(norm)));
	await callPage(page, 'show', stateOf({ label: cat }));
	await expect(page.locator('.maps.waiting')).toHaveCount(0);
	await callPage(page, 'show', stateOf({ label: cat }));
	expect(await paramsOf(page, 'mixedMaps')).toHaveLength(2);
});

test('switches, digits and probes reach the host', async ({ page }) => {
	await open(page);
	await tile(page, 'image pooling').getByRole('button', { name: 'All but image pooling' }).click();
	// What is set within one frame is told once.
	await nextFrame(page);
	await page.keyboard.press('2');
	await nextFrame(page);
	await page.keyboard.press('0');
	expect(await paramsOf(page, 'setOn')).toEqual([
		[true, true, true, true, false],
		[false, true, false, false, false],
		[true, true, true, true, true],
	]);
	await tile(page, 'rate 12')
		.locator('.tile-map')
		.click({ position: { x: 10, y: 10 } });
	await page.keyboard.press('Escape');
	expect((await paramsOf(page, 'setProbe')).map((probe) => probe === null)).toEqual([false, true]);
	await page.keyboard.press(']');
	expect(await paramsOf(page, 'setClass')).toHaveLength(1);
});

test('figure and numbers are saved', async ({ page }) => {
	await open(page, stateOf({ label: cat }), { answers: { saveFile: 'chelsea-branches.png' } });
	for (const name of ['Save the figure as PNG', 'Save the figure as SVG', 'Save the numbers as CSV']) {
		await page.getByRole('button', { name }).click();
		await expect(page.locator('.save-notice')).toHaveText('Saved chelsea-branches.png');
		await page.waitForTimeout(50);
	}
	const saved = await page.evaluate(() =>
		window.fakeHost.calls
			.filter(({ method }) => method === 'saveFile')
			.map(({ params }) => [...(params as { bytes: Uint8Array }).bytes]),
	);
	const [png, svg, csv] = saved.map((bytes) => Uint8Array.from(bytes));
	await writeFile(path.join(root, 'test-output/pages/aspp-mixed-figure.png'), png!);
	expect(new TextDecoder().decode(svg)).toContain('without image pooling:');
	const lines = new TextDecoder().decode(csv).trimEnd().split('\r\n');
	expect(lines[6]).toBe('branch,on,logit without,change,winner without,norm,strongest channel,its value');
	expect(lines).toHaveLength(3 + 3 + 1 + 5 + 1 + 1 + 39 * 58);
});
