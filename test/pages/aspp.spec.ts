/** The ASPP Branches view at a side panel's width. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { decode } from 'fast-png';
import type { AsppRunView, AsppViewState } from '../../src/shared/protocol/aspp';
import { asppViewOf, chelseaScene, dominanceOf, mapsOf, type Settings, smoothScene } from './harness/asppFixtures';
import { packAll } from './harness/fakeHost';
import { chelseaRun, madeRun } from './harness/fixtures';
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

test.use({ viewport: { width: 300, height: 1900 } });
test.afterEach(({ page }) => expectNoErrors(page));

const scene = chelseaScene(chelseaRun());
const stateOf = (settings: Settings = {}, change: Partial<AsppRunView> = {}): AsppViewState => ({
	kind: 'run',
	view: { ...asppViewOf(scene, settings), ...change },
});
const cat = 8;

const open = (page: Page, state: AsppViewState = stateOf(), options: OpenOptions = {}) =>
	openPage(page, 'aspp', {
		...options,
		answers: {
			ready: state,
			maps: state.kind === 'run' ? mapsOf(scene, state.view.label, state.view.rates) : null,
			...options.answers,
		},
	});

for (const theme of themeNames) {
	test(`aspp looks right in ${theme}`, async ({ page }) => {
		await open(page, { kind: 'noRun' }, { theme, answers: { maps: mapsOf(scene, cat) } });
		await screenshot(page, `aspp-${theme}-empty`);
		await expectAccessible(page);
		const soloed = stateOf({ on: [false, false, true, false], label: cat });
		const states: Record<string, AsppViewState> = {
			loading: { kind: 'loading', pictureName: 'chelsea.png' },
			failed: {
				kind: 'failed',
				pictureName: 'chelsea.png',
				message: 'The ASPP head of “net.onnx” cannot be looked into: there are no parallel dilated convolutions.',
			},
			run: stateOf({ label: cat }),
			solo: soloed,
			'no-probe': stateOf({ label: cat, probe: undefined }),
			dominance: stateOf({ label: cat }, { dominance: dominanceOf(scene).shares }),
			problem: stateOf({ label: cat }, { problem: 'The head could not be run: not enough memory.' }),
			busy: stateOf({ label: cat }, { busy: true }),
		};
		for (const [name, state] of Object.entries(states)) {
			await callPage(page, 'show', state);
			await screenshot(page, `aspp-${theme}-${name}`);
			await expectNoSidewaysScroll(page);
			await expectAccessible(page);
		}
		await callPage(page, 'show', stateOf({ label: cat, rates: [12, 12, 12, 12] }));
		await callPage(page, 'mapsChanged', mapsOf(scene, cat, [12, 12, 12, 12]));
		await screenshot(page, `aspp-${theme}-rates`);
		await expectAccessible(page);
		await page.setViewportSize({ width: 420, height: 1900 });
		await callPage(page, 'show', stateOf({ label: cat }));
		await callPage(page, 'mapsChanged', mapsOf(scene, cat));
		await page.locator('summary').click();
		const map = (await page.locator('.tile-map').nth(1).boundingBox())!;
		await page.mouse.move(map.x + map.width * 0.3, map.y + map.height * 0.6);
		await screenshot(page, `aspp-${theme}-420`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
	});
}

const tile = (page: Page, name: string) => page.getByRole('group', { name, exact: true });
const measure = (page: Page, name: string) =>
	page.evaluate((wanted) => performance.getEntriesByName(wanted).at(-1)?.duration ?? Number.NaN, name);

test('the waterfall’s terms add up to the logit that the network upsamples, for both classes', async ({ page }) => {
	await open(page, stateOf({ label: cat }));
	const numbers = async (kind: string) => {
		const texts = await page.locator(`.waterfall .value.${kind}`).allTextContents();
		return texts.map((text) => Number(text.replace('−', '-')));
	};
	const { chosen, runnerUp } = asppViewOf(scene, { label: cat }).explanation!;
	for (const [kind, found] of [
		['chosen', chosen],
		['rival', runnerUp!],
	] as const) {
		const terms = await numbers(kind);
		expect(terms).toHaveLength(5);
		expect(terms.reduce((sum, term) => sum + term, 0)).toBeCloseTo(found.logit, 1);
		const total = await page.locator(`.waterfall .total.${kind}`).textContent();
		expect(Number(total!.replace('−', '-'))).toBeCloseTo(found.logit, 2);
	}
	await expect(page.locator('.verdict')).toHaveText(/^Rate \d+ decided: \+[\d.]+ .*by which \w+ leads \w+\.$/);
	await expect(page.locator('.probe-place-text')).toHaveText('x 212  y 133 · cell row 17, column 27');
});

test('a row that is pointed at or focused says its difference, by key from row to row', async ({ page }) => {
	await open(page, stateOf({ label: cat }));
	const rows = page.locator('.waterfall .row');
	await expect(rows.first()).toHaveAttribute('aria-label', /^bias: cat [+−][\d.]+, /);
	await rows.nth(1).hover();
	await expect(page.locator('.waterfall-detail')).toContainText('rate 6: ');
	await expect(page.locator('.waterfall-detail')).toContainText('as its map shows');
	await rows.first().focus();
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('ArrowDown');
	await expect(rows.nth(2)).toBeFocused();
	await expect(page.locator('.waterfall-detail')).toContainText('rate 12: ');
	expect(await paramsOf(page, 'setProbe')).toEqual([]);
});

test('each map shows its value under the pointer and at the probe, as the network upsamples it', async ({ page }) => {
	await open(page, stateOf({ label: cat }));
	const { explanation } = asppViewOf(scene, { label: cat });
	const shares = explanation!.chosen.branches.map(({ share }) => share);
	const read = async (name: string) =>
		Number((await tile(page, name).locator('.tile-value').textContent())!.replace('−', '-'));
	for (const [branch, name] of ['rate 6', 'rate 12', 'rate 18', 'rate 24'].entries()) {
		expect(await read(name)).toBeCloseTo(shares[branch]!, 2);
	}
	expect(await read('Sum')).toBeCloseTo(explanation!.chosen.logit, 2);
	const map = (await tile(page, 'rate 18').locator('.tile-map').boundingBox())!;
	await page.mouse.move(map.x + 10, map.y + 20);
	await expect(page.locator('.maps-place')).toContainText('Logits at the pointer');
	expect(await read('rate 18')).not.toBeCloseTo(shares[2]!, 2);
	await page.mouse.click(map.x + 10, map.y + 20);
	const [probe] = (await paramsOf(page, 'setProbe')) as { x: number; y: number }[];
	expect(probe!.x).toBeCloseTo((10 / map.width) * 451, -1);
	await page.mouse.move(1, 1);
	await expect(page.locator('.maps-place')).toHaveText(`Logits at the probe, x ${probe!.x}  y ${probe!.y}`);
});

test('pixels of a map are the scale’s colours of the interpolated logits; raw shows the cells', async ({ page }) => {
	await open(page, stateOf({ label: cat }));
	const colors = (name: string) =>
		tile(page, name)
			.locator('canvas')
			.evaluate((canvas: HTMLCanvasElement) => {
				const data = canvas.getContext('2d')!.getImageData(0, Math.floor(canvas.height / 2), canvas.width, 1).data;
				return new Set(Array.from({ length: canvas.width }, (_, x) => data.slice(4 * x, 4 * x + 3).join())).size;
			});
	const smooth = await colors('Sum');
	await page.getByRole('button', { name: 'Raw grid' }).click();
	const raw = await colors('Sum');
	// 58 cells lie across the picture.
	expect(raw).toBeLessThanOrEqual(58);
	expect(smooth).toBeGreaterThan(raw);
	await screenshot(page, 'aspp-raw');
});

test('switches follow at once: the sum and its value, before the host speaks', { tag: '@timed' }, async ({ page }) => {
	await open(page, stateOf({ label: cat }));
	const shares = asppViewOf(scene, { label: cat }).explanation!.chosen.branches.map(({ share }) => share);
	const sumValue = async () =>
		Number((await tile(page, 'Sum').locator('.tile-value').textContent())!.replace('−', '-'));
	await page.getByRole('button', { name: 'Branch on: rate 12' }).click();
	expect(await sumValue()).toBeCloseTo(shares[0]! + shares[2]! + shares[3]!, 2);
	await expect(page.getByRole('button', { name: 'Branch on: rate 12' })).toHaveAttribute('aria-pressed', 'false');
	expect(await measure(page, 'aspp.toggle')).toBeLessThan(16);
	await page.getByRole('button', { name: 'Solo: rate 24' }).click();
	expect(await sumValue()).toBeCloseTo(shares[3]!, 2);
	await page.getByRole('button', { name: 'All but rate 6' }).click();
	expect(await sumValue()).toBeCloseTo(shares[1]! + shares[2]! + shares[3]!, 2);
	await page.getByRole('button', { name: 'All on' }).click();
	expect(await paramsOf(page, 'setOn')).toEqual([
		[true, false, true, true],
		[false, false, false, true],
		[false, true, true, true],
		[true, true, true, true],
	]);
	await page.getByRole('button', { name: 'Branch on: rate 6' }).click();
	await page.getByRole('button', { name: 'Branch on: rate 12' }).click();
	await page.getByRole('button', { name: 'Branch on: rate 18' }).click();
	await page.getByRole('button', { name: 'Branch on: rate 24' }).click();
	await expect(page.locator('.verdict')).toHaveText('All branches are off: every logit is zero.');
});

test('a run of several scales says that its branches are the full scale’s alone', async ({ page }) => {
	await open(page);
	await expect(page.locator('.scale-note')).toBeHidden();
	await callPage(page, 'show', stateOf({}, { fullScaleAlone: true }));
	await expect(page.locator('.scale-note')).toHaveText(/shares add up to its logits, not to the fused ones/);
	await expect(page.locator('.effect-none')).toHaveText(/the mask is the run’s, fused of its scales/);
	await expectAccessible(page);
	await expectNoSidewaysScroll(page);
});

test('what changed class is counted, with the classes gained and lost', async ({ page }) => {
	const view = asppViewOf(scene, { label: cat, on: [false, false, true, false] });
	await open(page, { kind: 'run', view });
	const total = page.locator('.changes-total');
	await expect(total).toContainText('pixels changed class');
	expect(Number((await total.textContent())!.split(' pixels')[0]!.replace(/\D/g, ''))).toBe(view.effect!.changedPixels);
	await expect(page.locator('.changes-table tbody tr')).not.toHaveCount(0);
});

test('a class asks for its maps; while one answer is on its way only the newest question follows', {
	tag: '@timed',
}, async ({ page }) => {
	await open(page, stateOf({ label: cat }));
	await page.evaluate((answer) => window.fakeHost.answer('maps', answer), packAll(mapsOf(scene, 12)));
	await page.getByRole('combobox', { name: 'Class' }).selectOption('12');
	expect(await paramsOf(page, 'setClass')).toEqual([12]);
	expect(await measure(page, 'aspp.paint')).toBeLessThan(16);
	const before = (await hostCalls(page, 'maps')).length;
	await page.evaluate(() => {
		const list = document.querySelector<HTMLSelectElement>('#chosen-class')!;
		for (const label of [1, 2, 3, 4, 5]) {
			list.value = String(label);
			list.dispatchEvent(new Event('change'));
		}
	});
	const asked = (await paramsOf(page, 'maps')).slice(before) as { label: number }[];
	expect(asked.map(({ label }) => label)).toEqual([1, 5]);
	await page.getByRole('button', { name: 'Winner' }).click();
	expect((await paramsOf(page, 'setClass')).at(-1)).toBeNull();
});

test('keys move the probe, solo a branch, switch all on and change the class', async ({ page }) => {
	await open(page, stateOf({ label: cat }));
	await page.locator('.aspp-run').click({ position: { x: 140, y: 5 } });
	// Of several in a frame the last one is sent.
	for (const key of ['ArrowRight', 'Shift+ArrowUp', '3', '0', ']', 'Escape']) {
		await page.keyboard.press(key);
		await nextFrame(page);
	}
	expect(await paramsOf(page, 'setProbe')).toEqual([{ x: 216, y: 133 }, { x: 216, y: 132 }, null]);
	expect(await paramsOf(page, 'setOn')).toEqual([
		[false, false, true, false],
		[true, true, true, true],
	]);
	expect(await paramsOf(page, 'setClass')).toHaveLength(1);
	// A slider keeps its arrows, a number its digits.
	await page.getByRole('slider', { name: 'Dilation rate of branch 1' }).press('ArrowRight');
	await page.locator('#rate-1').press('1');
	expect(await paramsOf(page, 'setProbe')).toHaveLength(3);
	expect(await paramsOf(page, 'setOn')).toHaveLength(2);
});

test('rates move by slider, number and preset, and the page says what the weights were trained at', {
	tag: '@timed',
}, async ({ page }) => {
	await open(page, stateOf({ label: cat }));
	await expect(page.locator('.trained-note')).toHaveText('At the rates the weights were trained at.');
	await page.getByRole('slider', { name: 'Dilation rate of branch 2' }).press('ArrowRight');
	await expect(page.locator('.trained-note')).toHaveText('The weights were trained at 6 / 12 / 18 / 24.');
	await page.locator('#rate-3').fill('36');
	await page.locator('#rate-3').press('Enter');
	await page.locator('#rate-0').fill('37');
	await page.locator('#rate-0').press('Enter');
	await expect(page.getByRole('alert').first()).toHaveText('Choose a whole number from 1 to 36.');
	await page.locator('#rate-0').press('Escape');
	for (const name of ['ASPP-S', 'LargeFOV', 'As trained']) {
		await page.getByRole('button', { name }).click();
		await expect(page.getByRole('button', { name })).toHaveAttribute('aria-pressed', 'true');
		await nextFrame(page);
	}
	expect(await paramsOf(page, 'setRates')).toEqual([
		[6, 13, 18, 24],
		[6, 13, 18, 36],
		[2, 4, 8, 12],
		[12, 12, 12, 12],
		[6, 12, 18, 24],
	]);
	await callPage(page, 'show', stateOf({ label: cat, rates: [2, 4, 8, 12] }));
	await callPage(page, 'mapsChanged', mapsOf(scene, cat, [2, 4, 8, 12]));
	expect(await measure(page, 'aspp.paint')).toBeLessThan(16);
});

test('a page that is shown again asks for the maps that it may have missed', async ({ page }) => {
	await open(page, stateOf({ label: cat }));
	const answer = packAll({
		maps: mapsOf(scene, cat, [12, 12, 12, 12]),
		ready: stateOf({ label: cat, rates: [12, 12, 12, 12] }),
	});
	await page.evaluate((answers) => {
		for (const [method, value] of Object.entries(answers as Record<string, unknown>)) {
			window.fakeHost.answer(method, value);
		}
		document.dispatchEvent(new Event('visibilitychange'));
	}, answer);
	await expect(tile(page, 'rate 12 (1)')).toBeVisible();
	expect(await paramsOf(page, 'maps')).toHaveLength(2);
	const { explanation } = asppViewOf(scene, { label: cat, rates: [12, 12, 12, 12] });
	const text = await tile(page, 'Sum').locator('.tile-value').textContent();
	expect(Number(text!.replace('−', '-'))).toBeCloseTo(explanation!.chosen.logit, 2);
});

test('the scale stays for a class until it is fitted, and its ends are said', async ({ page }) => {
	await open(page, stateOf({ label: cat }));
	const legend = page.locator('.signed-scale');
	const fixed = await legend.textContent();
	await page.getByRole('button', { name: 'Solo: rate 24' }).click();
	await expect(legend).toHaveText(fixed!);
	await page.getByRole('button', { name: 'Fit' }).click();
	await expect(legend).not.toHaveText(fixed!);
	await expect(legend).toContainText('logit');
	await page.getByRole('button', { name: 'Fit' }).click();
	await expect(legend).toHaveText(fixed!);
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
			.map(({ params }) => {
				const { name, kind, bytes } = params as { name: string; kind: string; bytes: Uint8Array };
				return { name, kind, bytes: [...bytes] };
			}),
	);
	expect(saved.map(({ name }) => name)).toEqual([
		'chelsea-branches.png',
		'chelsea-branches.svg',
		'chelsea-branches.csv',
	]);
	const png = decode(Uint8Array.from(saved[0]!.bytes));
	expect(png.width).toBeGreaterThan(400);
	await writeFile(path.join(root, 'test-output/pages/aspp-figure.png'), Uint8Array.from(saved[0]!.bytes));
	// In the middle of the sum's map.
	const middle = (Math.floor(png.height * 0.9) * png.width + Math.floor(png.width * 0.25)) * png.channels;
	expect([...png.data.slice(middle, middle + 3)]).not.toEqual([...png.data.slice(0, 3)]);
	const svg = new TextDecoder().decode(Uint8Array.from(saved[1]!.bytes));
	expect(svg).toContain('rate 12');
	expect(svg).not.toMatch(/var\(|color-mix|class=/);
	const csv = new TextDecoder().decode(Uint8Array.from(saved[2]!.bytes));
	const lines = csv.trimEnd().split('\r\n');
	expect(lines).toHaveLength(2 + 1 + 1 + 5 + 1 + 1 + 1 + 39 * 58);
	const cells = lines.at(-1)!.split(',').slice(3).map(Number);
	expect(cells.slice(0, 4).reduce((sum, value) => sum + value, 0)).toBeCloseTo(cells[4]!, 4);
});

test('states offer what helps', async ({ page }) => {
	await open(page, { kind: 'noRun' }, { answers: { maps: null } });
	await page.getByRole('button', { name: 'Segment image…' }).click();
	await callPage(page, 'show', { kind: 'failed', pictureName: 'a.png', message: 'There is no ASPP head.' });
	await expect(page.getByRole('status').first()).toContainText('There is no ASPP head.');
	for (const name of ['Retry', 'Select model…', 'Show log']) {
		await page.getByRole('button', { name }).click();
	}
	await callPage(page, 'show', { kind: 'loading', pictureName: 'a.png' });
	await expect(page.getByRole('button')).toHaveCount(0);
	expect(await paramsOf(page, 'act')).toEqual(['segmentImage', 'retry', 'selectModel', 'showLog']);
});

const many = Array.from({ length: 182 }, (_, label) => ({
	name: label === 3 ? 'a class with a very long name, as COCO-Stuff has them' : `class-${label}`,
	color: [(label * 37) % 256, (label * 91) % 256, (label * 53) % 256] as const,
}));
const made = madeRun({ width: 900, height: 600, classes: 6 });
const withClasses = (classes: typeof many) => ({
	...made,
	info: { ...made.info, model: { ...made.info.model, classes } },
});
for (const [name, shown, settings] of [
	['one-branch', smoothScene(made, [12]), {}],
	['seven-branches', smoothScene(made, [1, 3, 6, 12, 18, 24, 36]), { on: [true, true, false, true, true, true, true] }],
	['not-linear', smoothScene(made, [6, 12, 18, 24], false), {}],
	['182-classes', smoothScene(withClasses(many), [6, 12, 18, 24]), { label: 3 }],
	['one-class', smoothScene(withClasses(many.slice(0, 1)), [6, 12, 18, 24]), {}],
	['wide', smoothScene(madeRun({ width: 4000, height: 300, classes: 5, displayStep: 2 }), [6, 12, 18, 24]), {}],
	['tall', smoothScene(madeRun({ width: 200, height: 1600, classes: 3 }), [6, 12, 18, 24]), {}],
] as const) {
	test(`holds ${name}`, async ({ page }) => {
		const view = asppViewOf(shown, { ...settings, probe: { x: 120, y: 90 } });
		await open(page, { kind: 'run', view }, { answers: { maps: mapsOf(shown, view.label) } });
		await screenshot(page, `aspp-${name}`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
		await expect(page.locator('.tile')).toHaveCount(shown.taps.trainedRates.length + 1);
	});
}
