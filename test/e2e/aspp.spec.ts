/** Inside ASPP as a user meets it: switches, rates, the probe, receptive fields, measuring, saving. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Frame, Page } from '@playwright/test';
import {
	accessible,
	answerFileDialog,
	expect,
	pageFrame,
	runCommand,
	screenshot,
	segmentByMenu,
	setPane,
	test,
	themes,
} from './support';

test.use({ viewport: { width: 1280, height: 1000 } });

const tile = (aspp: Frame, name: string) => aspp.getByRole('group', { name, exact: true });
const legendShare = async (inspector: Frame, name: string) =>
	(await inspector.locator('.legend-row', { hasText: name }).textContent()) ?? '';

test('switches, solo, rates and presets: the mask follows, with what it changes', async ({ window: { page } }) => {
	const { inspector, aspp } = await opened(page);
	const whole = await legendShare(inspector, 'person');
	await expect(aspp.locator('.effect-none')).toContainText('the mask is the network’s');

	await aspp.getByRole('button', { name: 'Branch on: rate 24' }).click();
	await expect(aspp.locator('.changes-total')).toContainText(/[\d,.]+ pixels changed class/);
	await expect(layer(inspector, 'Branches')).toHaveAttribute('aria-pressed', 'true');
	await expect.poll(() => legendShare(inspector, 'person')).not.toBe(whole);

	// A digit leaves one branch on alone, from either page; 0 brings all back.
	await page.keyboard.press('2');
	await expect(aspp.getByRole('button', { name: 'Solo: rate 12' })).toHaveAttribute('aria-pressed', 'true');
	await page.keyboard.press('0');
	await expect(aspp.locator('.effect-none')).toBeVisible();
	await expect.poll(() => legendShare(inspector, 'person')).toBe(whole);
	await expect(layer(inspector, 'Mask')).toHaveAttribute('aria-pressed', 'true');
	await inspector.locator('.viewport').focus();
	await page.keyboard.press('1');
	await expect(aspp.getByRole('button', { name: 'Solo: rate 6' })).toHaveAttribute('aria-pressed', 'true');
	await page.keyboard.press('0');
	await expect(aspp.locator('.effect-none')).toBeVisible();

	// Rates: a slider by key, a preset, a number; each says what the weights were trained at.
	const slider = aspp.getByRole('slider', { name: 'Dilation rate of branch 4' });
	await slider.focus();
	await page.keyboard.press('ArrowLeft');
	await expect(tile(aspp, 'rate 23')).toBeVisible();
	await expect(aspp.locator('.trained-note')).toContainText('6 / 12 / 18 / 24');
	await expect(aspp.locator('.changes-total')).toBeVisible();
	await aspp.getByRole('button', { name: 'LargeFOV' }).click();
	await expect(aspp.getByRole('group', { name: /^rate 12 \(\d\)$/ })).toHaveCount(4);
	await expect(aspp.locator('.changes-total')).toContainText('pixels changed class');
	await aspp.getByRole('button', { name: 'As trained' }).click();
	await expect(aspp.locator('.effect-none')).toBeVisible();

	// Which branch contributes most, drawn in the Inspector.
	await aspp.getByRole('button', { name: 'Which branch contributes most' }).click();
	await expect(aspp.locator('.dominance-list li')).toHaveCount(4);
	const shares = (await aspp.locator('.dominance-share').allTextContents()).map((text) => Number.parseFloat(text));
	expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, -1);
	await expect(layer(inspector, 'Branch')).not.toHaveCount(0);
	await aspp.getByRole('button', { name: 'Which branch contributes most' }).click();
	await expect(layer(inspector, 'Mask')).toHaveAttribute('aria-pressed', 'true');
});

test('the probe by key, class by bracket: what is read out is what adds up', async ({ window: { page } }) => {
	const { inspector, aspp } = await opened(page);
	const place = aspp.locator('.probe-place-text');
	const before = await place.textContent();
	await aspp.locator('h2').click();
	await page.keyboard.press('ArrowRight');
	await expect(place).not.toHaveText(before!);
	const [, x, y] = /x (\d+) {2}y (\d+)/.exec((await place.textContent())!)!;
	await expect(inspector.locator('.readout-pixel')).toContainText(`x ${x}`);
	await expect(inspector.locator('.readout-pixel')).toContainText(`y ${y}`);
	await page.keyboard.press('Shift+ArrowDown');
	await expect(place).toContainText(`x ${x}  y ${Number(y) + 1}`);

	// Terms add up to the total, as they are read.
	const terms = (await aspp.locator('.waterfall .value.chosen').allTextContents()).map(signed);
	const total = signed((await aspp.locator('.waterfall .total.chosen').textContent())!);
	expect(terms).toHaveLength(5);
	expect(terms.reduce((sum, term) => sum + term, 0)).toBeCloseTo(total, 1);
	const chosen = await aspp.locator('#chosen-class').inputValue();
	await page.keyboard.press(']');
	await expect(aspp.locator('#chosen-class')).not.toHaveValue(chosen);
	await expect(aspp.locator('.verdict')).toContainText('leads');
	await page.keyboard.press('Escape');
	await expect(place).toBeHidden();
	await runCommand(page, 'DeepLab: Solo Branch…');
	await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Rate 18' }).click();
	await expect(aspp.getByRole('button', { name: 'Solo: rate 18' })).toHaveAttribute('aria-pressed', 'true');
});

test('receptive fields: taps in the padding, measuring, cancelling, files', async ({ window: { page, folder } }) => {
	const { inspector } = await opened(page);
	const field = await openFields(page);
	const rows = field.locator('.field-table tbody tr');
	await expect(rows).toHaveCount(5);
	await expect(rows.nth(1).locator('td').first()).toHaveText('13');
	await expect(rows.nth(4).locator('td').first()).toHaveText('49');

	// In the corner five of the nine taps of every branch look into the padding.
	const bare = await inspector.locator('.viewport').screenshot();
	await inspector.locator('.viewport').focus();
	for (let i = 0; i < 40; i++) {
		await page.keyboard.press('ArrowLeft');
	}
	for (let i = 0; i < 40; i++) {
		await page.keyboard.press('ArrowUp');
	}
	await expect(field.locator('.kernel-padding')).toHaveText(
		Array.from({ length: 4 }, () => '5 of 9 taps fall in the padding'),
	);
	await expect.poll(async () => (await inspector.locator('.viewport').screenshot()).equals(bare)).toBe(false);

	// Measured, and a second one given up.
	await field.getByRole('button', { name: 'Measure rate 6' }).click();
	await expect(field.locator('.measuring .status-text')).toContainText(/rate 6/);
	await expect(field.locator('.measured-table tbody tr')).toHaveCount(1, { timeout: 60_000 });
	await field.getByRole('button', { name: 'Measure the sum' }).click();
	await field.getByRole('button', { name: 'Cancel' }).click();
	await expect(field.getByRole('button', { name: 'Cancel' })).toBeHidden();
	await expect(field.locator('.measured-table tbody tr')).toHaveCount(1);

	for (const [kind, name, start] of [
		['SVG', 'fields.svg', '<svg'],
		['CSV', 'fields.csv', ''],
	] as const) {
		await field.getByRole('button', { name: new RegExp(`as ${kind}`) }).click();
		const file = path.join(folder, name);
		await answerFileDialog(page, file);
		await expect.poll(() => existsSync(file) && statSync(file).size > 0, { timeout: 15_000 }).toBe(true);
		const text = readFileSync(file, 'utf8');
		expect(text).toContain(start);
		expect(text.length).toBeGreaterThan(300);
		await expect(field.locator('.save-notice')).toContainText(name);
	}
});

test('how long it takes from a key to the painted frame, and what crosses', async ({ window: { page } }) => {
	const { inspector, aspp } = await opened(page);
	await aspp.locator('h2').click();
	/** Milliseconds from a key in the page to the frame after which `selector` says something else. */
	const roundTrip = async (frame: Frame, key: string, selector: string, rounds: number) => {
		const times: number[] = [];
		for (let i = 0; i < rounds; i++) {
			await frame.evaluate((watched) => {
				const element = document.querySelector(watched)!;
				const state = { start: 0 };
				(window as unknown as { roundTrip: Promise<number> }).roundTrip = new Promise((resolve) => {
					document.addEventListener('keydown', () => (state.start = performance.now()), {
						once: true,
						capture: true,
					});
					new MutationObserver((_, observer) => {
						observer.disconnect();
						requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - state.start), 0));
					}).observe(element, { subtree: true, childList: true, characterData: true, attributes: true });
				});
			}, selector);
			await page.keyboard.press(key);
			times.push(await frame.evaluate(() => (window as unknown as { roundTrip: Promise<number> }).roundTrip));
			await page.waitForTimeout(150);
		}
		return times;
	};
	const painted = (name: string) =>
		aspp.evaluate((wanted) => performance.getEntriesByName(wanted).map(({ duration }) => duration), name);
	const tell = (what: string, times: readonly number[]) => {
		const sorted = [...times].sort((a, b) => a - b);
		const median = sorted[sorted.length >> 1] ?? Number.NaN;
		console.log(`${what}: median ${median.toFixed(1)} ms, at most ${(sorted.at(-1) ?? Number.NaN).toFixed(1)} ms`);
		return median;
	};
	tell('class change, key to the painted frame', await roundTrip(aspp, ']', '#chosen-class', 7));
	tell('probe move, key to the painted frame', await roundTrip(aspp, 'ArrowRight', '.explanation', 7));
	for (const key of ['1', '2', '3', '4', '0']) {
		await page.keyboard.press(key);
		await page.waitForTimeout(250);
	}
	const toggles = await painted('aspp.toggle');
	expect(toggles.length).toBeGreaterThanOrEqual(5);
	expect(tell('branch switch, in the page to the painted frame', toggles)).toBeLessThan(50);
	tell('maps painted', await painted('aspp.paint'));
	const legend = '.legend';
	await inspector.locator('.viewport').focus();
	tell('branch switch in the Inspector, key to its mask’s painted legend', [
		...(await roundTrip(inspector, '1', legend, 1)),
		...(await roundTrip(inspector, '2', legend, 1)),
		...(await roundTrip(inspector, '3', legend, 1)),
		...(await roundTrip(inspector, '0', legend, 1)),
	]);
	const slider = aspp.getByRole('slider', { name: 'Dilation rate of branch 1' });
	await slider.focus();
	tell('a step of a rate, key to the painted maps', await roundTrip(aspp, 'ArrowRight', '.tiles', 7));
});

for (const [name, theme] of themes) {
	test.describe(name, () => {
		test.use({ theme });

		test('the ASPP views, with no serious finding of axe-core', async ({ window: { page } }) => {
			const { inspector, aspp } = await opened(page);
			await setPane(page, 'Runs', false);
			await page.mouse.move(2, 2);
			await screenshot(page, `aspp-${name}`);
			await accessible(aspp);
			await accessible(inspector);
			expect(await aspp.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
			await aspp.getByRole('button', { name: 'Solo: rate 24' }).click();
			await expect(aspp.locator('.changes-total')).toBeVisible();
			await aspp.locator('.rates').scrollIntoViewIfNeeded();
			await screenshot(page, `aspp-solo-${name}`);
			await aspp.getByRole('button', { name: 'Which branch contributes most' }).click();
			await expect(aspp.locator('.dominance-list')).toBeVisible();
			await screenshot(page, `aspp-dominance-${name}`);
			await accessible(inspector);
			const field = await openFields(page);
			await setPane(page, 'ASPP Branches', false);
			await page.mouse.move(2, 2);
			await screenshot(page, `receptive-field-${name}`);
			await accessible(field);
			await accessible(inspector);
			expect(await field.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
			expect(await field.evaluate(() => innerWidth)).toBeLessThan(350);
			await field.getByRole('button', { name: 'Measure rate 12' }).click();
			await expect(field.locator('.measured-table tbody tr')).toHaveCount(1, { timeout: 60_000 });
			await screenshot(page, `effective-field-${name}`);
			await accessible(field);
		});
	});
}

/** Segments the sample, pins its middle and opens the ASPP Branches view. */
async function opened(page: Page): Promise<{ inspector: Frame; aspp: Frame }> {
	const inspector = await segmentByMenu(page, 'astronaut.png', 'person');
	await inspector.locator('.viewport').click();
	await runCommand(page, 'DeepLab: Show ASPP Branches');
	const aspp = await pageFrame(page, 'aspp', '.waterfall .row');
	return { inspector, aspp };
}

async function openFields(page: Page): Promise<Frame> {
	await runCommand(page, 'DeepLab: Show Receptive Field');
	return await pageFrame(page, 'receptiveField', '.kernel-padding');
}

function layer(inspector: Frame, name: string) {
	return inspector.locator('.layers .segment', { hasText: name });
}

function signed(text: string): number {
	return Number(text.replace('−', '-'));
}
