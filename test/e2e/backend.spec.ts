/** The backend in the status bar, and the choice behind it. */
import {
	expect,
	fileInExplorer,
	openPicture,
	runCommand,
	screenshot,
	segmentByMenu,
	someThemes,
	test,
} from './support';

for (const [name, theme] of someThemes) {
	test.describe(name, () => {
		test.use({ theme });

		test('says what runs, why WebGPU does not, and lets choose', async ({ window: { page } }) => {
			const item = page.locator('.statusbar-item[id$="deeplab.backend"]');
			await expect(item).toBeHidden();
			await segmentByMenu(page, 'astronaut.png', 'person');
			await expect(item).toContainText(/WASM · \d+ threads?/);
			await item.click();
			const rows = page.locator('.quick-input-list .monaco-list-row');
			await expect(rows).toContainText(['Automatic', 'WebGPU', 'WASM', 'This package has no WebGPU for']);
			// The universal package has none for Node.
			await expect(rows.nth(3)).toContainText('Install the package for your platform');
			await screenshot(page, `backend-choice-${name}`);
			await rows.nth(2).click();
			// Not what ran last any more, but what is chosen now.
			await expect(item).toHaveText(/WASM$/);
			await runCommand(page, 'DeepLab: Choose Backend…');
			await expect(rows.nth(2)).toContainText('chosen');
			// The setting is the user's, whom the next test has as well.
			await rows.nth(0).click();
			await expect(item).toHaveText(/Automatic/);

			// It belongs to the Inspector.
			await openPicture(page, 'chelsea.png');
			await expect(fileInExplorer(page, 'chelsea.png')).toBeVisible();
			await expect(item).toBeHidden();
		});
	});
}
