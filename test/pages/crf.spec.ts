/** The CRF view at a side panel's width. */
import { expect, type Page, test } from '@playwright/test';
import type { CrfRunView, CrfViewState } from '../../src/shared/protocol/crf';
import { crfOf, crfViewOf, probeOf, settings, steps } from './harness/crfFixtures';
import { chelseaRun, madeRun } from './harness/fixtures';
import {
	callPage,
	expectAccessible,
	expectNoErrors,
	expectNoSidewaysScroll,
	type OpenOptions,
	openPage,
	paramsOf,
	screenshot,
	themeNames,
} from './harness/openPage';

test.use({ viewport: { width: 300, height: 1800 } });
test.afterEach(({ page }) => expectNoErrors(page));

const view = crfViewOf(chelseaRun());
const run = (change: Partial<CrfRunView> = {}): CrfViewState => ({ kind: 'run', view: { ...view, ...change } });
const moved = { ...settings, parameters: { ...settings.parameters, bilateralSigmaXy: 60 } };

const open = (page: Page, state: CrfViewState = run(), options: OpenOptions = {}) =>
	openPage(page, 'crf', { ...options, answers: { ready: state, ...options.answers } });

for (const theme of themeNames) {
	test(`crf looks right in ${theme}`, async ({ page }) => {
		await open(page, { kind: 'noRun' }, { theme });
		await screenshot(page, `crf-${theme}-empty`);
		await expectAccessible(page);
		const states: Record<string, CrfViewState> = {
			done: run(),
			running: run({
				settings: moved,
				activity: { kind: 'running', stage: 'iterations', since: Date.now() - 2300, iteration: 4 },
			}),
			failed: run({
				settings: moved,
				activity: {
					kind: 'failed',
					message: 'The CRF needs 2.1 GB of memory for this picture. Run it at the network’s size.',
				},
			}),
			'no-probe': run({ probe: undefined, layer: 'mask', iteration: 3 }),
			ties: run({ ties: 'bilateral', largestTie: 0.0341, iteration: 1, probe: probeOf(view.classes, 1) }),
		};
		for (const [name, state] of Object.entries(states)) {
			await callPage(page, 'show', state);
			if (name === 'no-probe') {
				await page.waitForTimeout(700);
			}
			await screenshot(page, `crf-${theme}-${name}`);
			await expectNoSidewaysScroll(page);
			await expectAccessible(page);
		}
		await page.setViewportSize({ width: 420, height: 1800 });
		await page.locator('summary').click();
		await screenshot(page, `crf-${theme}-420`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
	});
}

test('without a run the page offers to segment a picture', async ({ page }) => {
	await open(page, { kind: 'noRun' });
	await page.getByRole('button', { name: 'Segment image…' }).click();
	expect(await paramsOf(page, 'act')).toEqual(['segmentImage']);
});

test('before and after, saving, and the buttons of each state act', async ({ page }) => {
	await open(page);
	await page.getByRole('button', { name: 'Before CRF' }).click();
	await expect(page.getByRole('button', { name: 'Before CRF' })).toHaveAttribute('aria-pressed', 'true');
	expect(await paramsOf(page, 'setLayer')).toEqual(['mask']);
	await page.getByRole('button', { name: 'Save mask after the CRF' }).click();
	await callPage(
		page,
		'show',
		run({ activity: { kind: 'running', stage: 'iterations', since: Date.now(), iteration: undefined } }),
	);
	await expect(page.locator('.status')).toContainText('Iteration 0 of 10');
	await page.getByRole('button', { name: 'Cancel' }).focus();
	await page.keyboard.press('Enter');
	await callPage(page, 'show', run({ activity: { kind: 'failed', message: 'It failed.' } }));
	await expect(page.getByRole('button', { name: 'Retry' })).toBeFocused();
	await page.getByRole('button', { name: 'Retry' }).click();
	await page.getByRole('button', { name: 'Show log' }).click();
	await callPage(page, 'show', run({ outcome: undefined }));
	await page.getByRole('button', { name: 'Compute' }).click();
	expect(await paramsOf(page, 'act')).toEqual(['saveMask', 'cancel', 'retry', 'showLog', 'retry']);
});

test('a result of other settings is greyed with the reason', async ({ page }) => {
	await open(page);
	await expect(page.locator('.stale')).toHaveCount(0);
	await expect(page.locator('.status')).toContainText(
		'210 ms · WASM · 2 threads prepare 8, lattice 92, iterations 110',
	);
	const slider = page.getByRole('slider', { name: 'σα' });
	await slider.press('ArrowRight');
	await expect(page.locator('.stale')).toHaveCount(2);
	await expect(page.locator('.stale-reason')).toContainText('being computed');
	await callPage(page, 'show', run({ settings: moved }));
	await expect(page.locator('.stale-reason')).toHaveText('Of other settings than those below.');
	await expect(page.getByRole('button', { name: 'Compute' })).toBeVisible();
	await callPage(
		page,
		'show',
		run({ settings: moved, activity: { kind: 'running', stage: 'iterations', since: Date.now(), iteration: 2 } }),
	);
	await expect(page.locator('.stale-reason')).toContainText('being computed');
	await expect(page.locator('.status')).toContainText('Iteration 2 of 10');
	await callPage(page, 'show', run({ settings: moved, outcome: { ...view.outcome!, settings: moved } }));
	await expect(page.locator('.stale')).toHaveCount(0);
});

test('a mask that is ahead has its changes, while chart and figures are still those of before', async ({ page }) => {
	const ahead = {
		settings: moved,
		changedPixels: 4321,
		changes: [
			{ label: 8, before: 9000, after: 13_321, gained: 4321, lost: 0 },
			{ label: 0, before: 9000, after: 4679, gained: 0, lost: 4321 },
		],
	};
	await open(page);
	await callPage(
		page,
		'show',
		run({
			settings: moved,
			ahead,
			activity: { kind: 'running', stage: 'iterations', since: Date.now(), iteration: 2 },
		}),
	);
	await expect(page.locator('.changes-total')).toContainText('4.3 k px');
	await expect(page.locator('.changes')).not.toHaveClass(/stale/);
	await expect(page.locator('.iterations')).toHaveClass(/stale/);
	await screenshot(page, 'crf-ahead');
	// Before the first result there is the mask alone.
	await callPage(
		page,
		'show',
		run({
			settings: moved,
			ahead,
			outcome: undefined,
			probe: undefined,
			activity: { kind: 'running', stage: 'mask', since: Date.now(), iteration: undefined },
		}),
	);
	await expect(page.locator('.status')).toContainText('Computing the mask');
	await expect(page.locator('.iterations')).toBeHidden();
	await expect(page.locator('.changes')).toBeVisible();
	await expect(page.getByRole('button', { name: 'After CRF', exact: true })).toBeEnabled();
});

test('what begins in a moment by itself is not offered', async ({ page }) => {
	await open(page, run({ outcome: undefined, probe: undefined, activity: { kind: 'pending' } }));
	await expect(page.locator('.status')).toContainText('The CRF begins in a moment.');
	await expect(page.locator('.status button:visible')).toHaveCount(0);
	await screenshot(page, 'crf-pending');
	await callPage(page, 'show', run({ activity: { kind: 'pending' } }));
	await expect(page.locator('.status')).toContainText('210 ms');
	await expect(page.locator('.status button:visible')).toHaveCount(0);
});

test('sliders move by key, and the newest settings reach the host at once and then once a frame', async ({ page }) => {
	await open(page);
	const slider = page.getByRole('slider', { name: 'σα' });
	await slider.focus();
	await page.evaluate(() => {
		const target = document.activeElement!;
		for (let step = 0; step < 5; step++) {
			target.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', cancelable: true, bubbles: true }));
		}
	});
	await expect(slider).toHaveAttribute('aria-valuetext', '54 px');
	const sent = (await paramsOf(page, 'setSettings')) as { parameters: { bilateralSigmaXy: number } }[];
	// The first at once, and of those that followed in its frame the last.
	expect(sent.map(({ parameters }) => parameters.bilateralSigmaXy)).toEqual([50, 54]);
	// An echo of what the host had before does not move the slider back.
	await slider.press('ArrowRight');
	await expect(slider).toHaveAttribute('aria-valuetext', '55 px');
});

test('a slider under the pointer follows it', async ({ page }) => {
	await open(page);
	const slider = page.getByRole('slider', { name: 'w1' });
	const box = (await slider.boundingBox())!;
	await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
	await page.mouse.down();
	await page.mouse.move(box.x + box.width - 1, box.y + box.height / 2, { steps: 4 });
	await page.mouse.up();
	await expect(page.locator('#setting-bilateralWeight-number')).toHaveValue('20');
	const sent = (await paramsOf(page, 'setSettings')) as { parameters: { bilateralWeight: number } }[];
	expect(sent.at(-1)!.parameters.bilateralWeight).toBe(20);
});

test('the radius is shown while a distance is handled', async ({ page }) => {
	await open(page);
	const slider = page.getByRole('slider', { name: 'σα' });
	await slider.focus();
	await slider.press('ArrowRight');
	await slider.blur();
	await page.getByRole('slider', { name: 'σγ' }).focus();
	expect(await paramsOf(page, 'showRadius')).toEqual([
		{ kernel: 'bilateral', pixels: 49 },
		{ kernel: 'bilateral', pixels: 50 },
		null,
		{ kernel: 'spatial', pixels: 3 },
	]);
});

test('numbers are typed, checked and refused with a reason', async ({ page }) => {
	await open(page);
	const input = page.locator('#setting-bilateralSigmaXy-number');
	await input.fill('67,5');
	await input.press('Enter');
	await expect(page.getByRole('slider', { name: 'σα' })).toHaveAttribute('aria-valuetext', '67.5 px');
	await expect(page.locator('.setting', { has: input }).locator('.setting-meaning')).toHaveText(
		'Pulls together pixels of similar colour up to about 135 px apart (2σ), 29.9 % of the width.',
	);
	await input.fill('0');
	await input.press('Enter');
	await expect(page.locator('#setting-bilateralSigmaXy-problem')).toHaveText('Choose a number from 0.1 to 10000.');
	await expect(input).toHaveAttribute('aria-invalid', 'true');
	await screenshot(page, 'crf-refused');
	await input.press('Escape');
	await expect(input).toHaveValue('67.5');
	await page.locator('#setting-iterations-number').fill('2.5');
	await page.locator('#setting-iterations-number').press('Tab');
	await expect(page.locator('#setting-iterations-problem')).toHaveText('Iterations are whole numbers.');
	expect(await paramsOf(page, 'setSettings')).toHaveLength(1);
});

test('presets are chosen, recognised, saved and removed', async ({ page }) => {
	await open(page);
	const list = page.locator('#preset');
	await expect(list).toHaveValue('deeplabv2');
	await expect(page.getByRole('button', { name: 'Remove this preset' })).toBeDisabled();
	await list.selectOption('pydensecrf');
	await expect(page.locator('#setting-bilateralSigmaXy-number')).toHaveValue('80');
	await page.getByRole('slider', { name: 'σβ' }).press('ArrowRight');
	await expect(list).toHaveValue('custom');
	await list.selectOption('own-1');
	await page.getByRole('button', { name: 'Remove this preset' }).click();
	await page.getByRole('button', { name: 'Save these settings' }).click();
	expect(await paramsOf(page, 'removePreset')).toEqual(['own-1']);
	expect(await paramsOf(page, 'savePreset')).toEqual([null]);
});

test('resolution, normalisation and exactness are settings too', async ({ page }) => {
	const large = crfViewOf(madeRun({ width: 1026, height: 600, classes: 3, name: 'large.png' }));
	await open(page, { kind: 'run', view: large });
	await page.getByRole('button', { name: /Network 513 × 300/ }).click();
	await expect(page.locator('.setting').nth(1).locator('.setting-meaning')).toContainText('98 px of the picture.');
	await expect(page.locator('.setting').nth(1).locator('.setting-meaning')).toContainText('196 px apart');
	await page.locator('summary').click();
	await page.locator('#normalization').selectOption('after');
	await page.locator('#exact').check();
	const last = (await paramsOf(page, 'setSettings')).at(-1);
	expect(last).toMatchObject({ resolution: 'network', parameters: { normalization: 'after', pruning: 0 } });
	await screenshot(page, 'crf-advanced');
});

test('the scrubber and the chart choose the iteration and read it out', async ({ page }) => {
	await open(page);
	const scrubber = page.getByRole('slider', { name: 'Iteration', exact: true });
	await expect(page.locator('.settled')).toHaveText(
		'Settled at iteration 7: from there on under 0.01 % of the pixels change.',
	);
	await scrubber.focus();
	await page.keyboard.press('ArrowLeft');
	await expect(page.locator('.iteration-title')).toHaveText('Iteration 9 of 10');
	const bar = (await page.locator('.chart .bar').nth(2).boundingBox())!;
	await page.mouse.move(bar.x + bar.width / 2, bar.y - 40);
	await expect(page.locator('.iteration-title')).toHaveText('Iteration 3 of 10');
	await expect(page.locator('.chart .changed .value')).toHaveText('567 px, 0.4 %');
	await screenshot(page, 'crf-hover');
	await page.mouse.click(bar.x + bar.width / 2, bar.y - 40);
	await expect(scrubber).toHaveAttribute('aria-valuetext', /^Iteration 3: 567 px changed/);
	// The bar stands under the slider's thumb.
	const track = (await scrubber.boundingBox())!;
	expect(Math.abs(track.x + 7 + (track.width - 14) * 0.3 - (bar.x + bar.width / 2))).toBeLessThan(1);
	expect(await paramsOf(page, 'setIteration')).toEqual([9, 3]);
});

test('the probe’s table says who wins and by which term', async ({ page }) => {
	await open(page);
	await expect(page.locator('.probe-verdict')).toHaveText(
		'cat wins over dog by 1.42 in score, most of it (+1.74) by colour and place. The network alone says dog.',
	);
	await expect(page.locator('.probe-table tbody tr').first()).toContainText('cat−0.94+2.61+1.42+3.09');
	await page.getByRole('button', { name: 'Ties by place' }).click();
	await expect(page.getByRole('button', { name: 'Ties by place' })).toHaveAttribute('aria-pressed', 'true');
	await page.getByRole('button', { name: 'Ties by colour and place' }).click();
	await page.getByRole('button', { name: 'Ties by colour and place' }).click();
	expect((await paramsOf(page, 'showTies')).at(-1)).toBeNull();
});

test('a probe that is computed anew keeps its place until it is known', async ({ page }) => {
	await open(page);
	await callPage(page, 'show', run({ probe: undefined }));
	await expect(page.locator('.probe-found')).toHaveClass(/waiting/);
	await callPage(page, 'show', run({ probe: probeOf(view.classes, 10, [12, 8]) }));
	await expect(page.locator('.probe-found')).not.toHaveClass(/waiting/);
	await expect(page.locator('.probe-verdict')).toContainText('dog wins over cat');
	await callPage(page, 'show', run({ probe: undefined }));
	await expect(page.locator('.probe')).toContainText('click a pixel in the Inspector');
});

const many = Array.from({ length: 182 }, (_, label) => ({
	name: label === 3 ? 'a class with a very long name, as COCO-Stuff has them' : `class-${label}`,
	color: [(label * 37) % 256, (label * 91) % 256, (label * 53) % 256] as const,
}));
for (const [name, state] of [
	['21-classes', { kind: 'run', view: crfViewOf(madeRun({ width: 900, height: 600, classes: 21 })) }],
	[
		'182-classes',
		run({
			pictureName: 'a picture whose name is longer than the panel is wide, 2019-05-04.jpg',
			classes: many,
			probe: probeOf(many, 10, [3, 40]),
			outcome: {
				...view.outcome!,
				changes: many.map((_, label) => ({
					label,
					before: 900 - label,
					after: 900,
					gained: label % 5 === 0 ? 0 : 12_345 - 60 * label,
					lost: label % 7 === 0 ? 0 : 9876 - 50 * label,
				})),
			},
		}),
	],
	[
		'one-class',
		run({
			classes: view.classes.slice(0, 1),
			probe: probeOf(view.classes.slice(0, 1), 0, [0, 0]),
			outcome: { ...view.outcome!, changes: [], changedPixels: 0, steps: steps(1, 0) },
			iteration: 0,
		}),
	],
	[
		'100-iterations',
		run({
			outcome: { ...view.outcome!, steps: steps(135_300, 100) },
			iteration: 57,
			probe: probeOf(view.classes, 57),
		}),
	],
] as const satisfies readonly (readonly [string, CrfViewState])[]) {
	test(`holds ${name}`, async ({ page }) => {
		await open(page, state);
		await screenshot(page, `crf-${name}`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
	});
}

test('what the host says before it has the newest settings does not move the slider back', async ({ page }) => {
	await open(page);
	const slider = page.getByRole('slider', { name: 'σγ' });
	await slider.focus();
	await page.evaluate((old) => {
		// On its way when the key goes down: it comes before the host's answer to that.
		const told = window.fakeHost.call('show', old);
		document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', cancelable: true }));
		return told;
	}, run());
	await expect(slider).toHaveAttribute('aria-valuetext', '3.5 px');
	await slider.press('ArrowRight');
	await expect(slider).toHaveAttribute('aria-valuetext', '4 px');
});

test('a result of another picture forgets what the page was ahead with', async ({ page }) => {
	await open(page);
	await page.getByRole('slider', { name: 'Iteration', exact: true }).press('Home');
	const other = crfViewOf({ ...chelseaRun(), info: { ...chelseaRun().info, id: 'other' } }, crfOf(chelseaRun()));
	await callPage(page, 'show', { kind: 'run', view: { ...other, iteration: 6 } });
	await expect(page.locator('.iteration-title')).toHaveText('Iteration 6 of 10');
});
