/** The profile of a run as a user meets it: measured, looked into by mouse and keyboard, exported, there again. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TraceFile } from '../../src/core/profile/traceFile';
import {
	accessible,
	answerFileDialog,
	expect,
	runCommand,
	screenshot,
	segmentByMenu,
	someThemes,
	test,
} from './support';

test('profile a run, look into the network, export the trace', async ({ window: { page, folder } }) => {
	test.setTimeout(240_000);
	const inspector = await segmentByMenu(page, 'astronaut.png', 'person');
	const fold = inspector.getByRole('region', { name: 'Profile' });
	await inspector.locator('.profile-button').click();
	await expect(fold).toBeVisible();
	await expect(fold.getByRole('treeitem').first()).toBeVisible({ timeout: 120_000 });
	await expect(fold.locator('.profile-facts')).toContainText('profiled run took');
	await expect(fold.locator('.profile-facts')).toContainText('WASM heap');
	await screenshot(page, 'profile-run');
	await fold.locator('[data-id="network/aspp"]').click();
	await page.keyboard.press('ArrowDown');
	await expect(fold.locator('.icicle-detail')).toContainText('network › aspp › ');
	await screenshot(page, 'profile-aspp');
	await page.keyboard.press('Escape');
	await page.keyboard.press('Escape');
	await expect(fold.locator('[data-id="decode"]')).toBeVisible();
	await accessible(inspector);

	await fold.getByRole('button', { name: 'Export JSON…' }).click();
	const file = path.join(folder, 'trace.json');
	await answerFileDialog(page, file);
	await expect.poll(() => existsSync(file), { timeout: 15_000 }).toBe(true);
	await expect(fold).toContainText('Saved trace.json');
	const { traceEvents, profile } = JSON.parse(readFileSync(file, 'utf8')) as TraceFile;
	expect(traceEvents.filter((event) => event.ph === 'X' && event.cat === 'operator').length).toBeGreaterThan(50);
	expect(profile.stages.map(({ stage }) => stage)).toEqual(['decode', 'model', 'network', 'upsample', 'draw']);

	// Closed and opened again, it is the one that was kept.
	await fold.getByRole('button', { name: 'Close' }).click();
	await expect(fold).toBeHidden();
	await inspector.locator('.profile-button').click();
	await expect(fold.getByRole('treeitem').first()).toBeVisible({ timeout: 5000 });
});

for (const [name, theme] of someThemes) {
	test.describe(`in ${name}`, () => {
		test.use({ theme });
		test('the profile is legible', async ({ window: { page } }) => {
			test.setTimeout(240_000);
			const inspector = await segmentByMenu(page, 'astronaut.png', 'person');
			await runCommand(page, 'DeepLab: Profile Run');
			const fold = inspector.getByRole('region', { name: 'Profile' });
			await expect(fold.getByRole('treeitem').first()).toBeVisible({ timeout: 120_000 });
			await fold.locator('[data-id="network"]').click();
			await screenshot(page, `profile-${name}`);
			await accessible(inspector);
		});
	});
}
