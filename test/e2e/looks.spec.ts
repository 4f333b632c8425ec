/** How every view looks in each theme, kept as screenshots, and whether axe-core finds it accessible. */
import {
	accessible,
	chooseFromContextMenu,
	expect,
	fileInExplorer,
	openSideBar,
	pageFrame,
	screenshot,
	segmentByMenu,
	setPane,
	test,
	themes,
} from './support';

for (const [name, theme] of themes) {
	test.describe(name, () => {
		test.use({ theme });

		test('every view, with no serious finding of axe-core', async ({ window: { page } }) => {
			const inspector = await segmentByMenu(page, 'astronaut.png', 'person');
			await inspector.locator('.viewport').click();
			await page.mouse.move(2, 2);
			await screenshot(page, `inspector-${name}`);
			await accessible(inspector);

			await inspector.locator('.viewport').focus();
			await page.keyboard.press('?');
			await expect(inspector.locator('dialog.help')).toBeVisible();
			await screenshot(page, `keys-${name}`);
			await accessible(inspector);
			await page.keyboard.press('Escape');

			// Many classes, a wide picture; then the side bar with a run that failed beside them.
			await segmentByMenu(page, 'coffee.png', 'background');
			await chooseFromContextMenu(page, fileInExplorer(page, 'truncated.png'), 'Segment Image…');
			const failed = await pageFrame(page, 'inspector', '.state[data-kind="failed"]');
			await screenshot(page, `failed-${name}`);
			await accessible(failed);

			await openSideBar(page);
			await setPane(page, 'Model', true);
			await setPane(page, 'ASPP Branches', false);
			const runs = await pageFrame(page, 'runs');
			await expect(runs.locator('.run-row')).toHaveCount(2);
			const model = await pageFrame(page, 'model');
			await expect(model.getByRole('treegrid')).toBeVisible({ timeout: 60_000 });
			await page.locator('.tabs-container .tab', { hasText: 'astronaut.png' }).click();
			await expect(runs.locator('.run-row.active .run-title')).toHaveText(/astronaut\.png/);
			await pageFrame(page, 'inspector', '.legend-name:text-is("person")');
			const width = await runs.evaluate(() => document.documentElement.clientWidth);
			expect(width).toBeGreaterThan(250);
			expect(width).toBeLessThan(350);
			for (const view of [runs, model]) {
				expect(await view.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
			}
			await screenshot(page, `side-panel-${name}`);
			await accessible(runs);
			await accessible(model);

			// An editor as narrow as the side panel.
			await page.setViewportSize({ width: 700, height: 800 });
			await expect.poll(() => model.evaluate(() => document.documentElement.clientWidth)).toBeGreaterThan(0);
			const narrow = await pageFrame(page, 'inspector', '.legend-row');
			expect(await narrow.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
			await page.waitForTimeout(300);
			await screenshot(page, `narrow-${name}`);
		});
	});
}
