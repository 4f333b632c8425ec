/** The side panel: the Runs view and the Model view. */
import type { Frame, Page } from '@playwright/test';
import {
	expect,
	fileInExplorer,
	openSideBar,
	pageFrame,
	runCommand,
	screenshot,
	segmentByMenu,
	setPane,
	test,
} from './support';

test('Runs lists runs; a click reopens one; it can be removed', async ({ window: { page } }) => {
	await segmentByMenu(page, 'chelsea.png', 'cat');
	await segmentByMenu(page, 'coffee.png', 'background');
	await runCommand(page, 'View: Close All Editors');
	await expect(page.locator('.tabs-container .tab')).toHaveCount(0);

	await openSideBar(page);
	const runs = await pageFrame(page, 'runs');
	// The CRF's view begins closed: it computes nothing that would be measured here as well.
	await expect(page.locator('.pane-header', { hasText: 'CRF' })).toHaveAttribute('aria-expanded', 'false');
	await setPane(page, 'ASPP Branches', false);
	const titles = runs.locator('.run-row .run-title');
	await expect(titles).toHaveText([/coffee\.png/, /chelsea\.png/]);
	await expect(runs.locator('.thumbnail').first()).toHaveJSProperty('complete', true);
	expect(
		await runs
			.locator('.thumbnail')
			.first()
			.evaluate((image: HTMLImageElement) => image.naturalWidth),
	).toBeGreaterThanOrEqual(48);

	await titles.nth(0).click();
	await pageFrame(page, 'inspector', '.legend-name:text-is("diningtable")');
	await titles.nth(1).click();
	await pageFrame(page, 'inspector', '.legend-name:text-is("cat")');
	await expect(page.locator('.tabs-container .tab')).toHaveCount(1);
	await expect(runs.locator('.run-row.active .run-title')).toHaveText(/chelsea\.png/);

	const times = await openingTimes(page, runs, ['diningtable', 'cat', 'diningtable', 'cat', 'diningtable', 'cat']);
	console.log(`from the click in Runs to the painted run: ${times.map((time) => time.toFixed(0)).join(', ')} ms`);
	expect(median(times)).toBeLessThan(150);

	await runs.locator('.run-row').nth(1).hover();
	await runs.getByRole('button', { name: 'Remove chelsea.png' }).click();
	await expect(titles).toHaveText([/coffee\.png/]);
	await expect(page.locator('.tabs-container .tab', { hasText: 'chelsea.png' })).toHaveCount(0);

	// They are kept over a reload of the window.
	await page.reload();
	await expect(fileInExplorer(page, 'astronaut.png').or(page.locator('.pane-header').first())).toBeVisible({
		timeout: 60_000,
	});
	await openSideBar(page);
	const again = await pageFrame(page, 'runs');
	await expect(again.locator('.run-row .run-title')).toHaveText([/coffee\.png/]);
});

test('Model shows the network as a tree', async ({ window: { page } }) => {
	await openSideBar(page);
	await setPane(page, 'Model', true);
	await setPane(page, 'ASPP Branches', false);
	const model = await pageFrame(page, 'model');
	const tree = model.getByRole('treegrid');
	await expect(tree).toBeVisible({ timeout: 60_000 });
	await expect(model.locator('.model-facts')).toContainText('output stride 8');
	for (const rate of [6, 12, 18, 24]) {
		await expect(tree.getByRole('row').filter({ hasText: `rate ${rate}` })).toHaveCount(1);
	}
	await screenshot(page, 'side-panel');
	// A closed group opens with the keyboard and shows its layers.
	const closed = tree.locator('[role="row"][aria-expanded="false"]').first();
	const before = await tree.getByRole('row').count();
	await closed.click();
	await page.keyboard.press('ArrowRight');
	await expect.poll(() => tree.getByRole('row').count()).toBeGreaterThan(before);
});

test('an empty Runs view has the button that fills it', async ({ window: { page } }) => {
	await openSideBar(page);
	const runs = await pageFrame(page, 'runs');
	await runs.getByRole('button', { name: 'Segment image…' }).click();
	await expect(page.locator('.quick-input-widget:visible')).toBeVisible();
	await page.keyboard.press('Escape');
});

/**
 * Opens the first and the second run in turn in the Inspector that is there.
 * @param present a class of each run that is opened
 * @returns milliseconds from each click to the frame in which the Inspector shows the run
 */
async function openingTimes(page: Page, runs: Frame, present: readonly string[]): Promise<number[]> {
	const times: number[] = [];
	for (const [i, name] of present.entries()) {
		const inspector = await pageFrame(page, 'inspector', '.legend-row');
		const painted = inspector.evaluate(
			(expected) =>
				new Promise<number>((resolve) => {
					const names = () => [...document.querySelectorAll('.legend-name')].map(({ textContent }) => textContent);
					const look = () =>
						names().includes(expected)
							? requestAnimationFrame(() => setTimeout(() => resolve(Date.now())))
							: requestAnimationFrame(look);
					look();
				}),
			name,
		);
		const clicked = await runs
			.locator('.run-open')
			.nth(i % 2)
			.evaluate((button: HTMLElement) => {
				button.click();
				return Date.now();
			});
		times.push((await painted) - clicked);
		// A second click in a moment would be a double click.
		await page.waitForTimeout(600);
	}
	return times;
}

function median(values: readonly number[]): number {
	return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
