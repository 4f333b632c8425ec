/** VS Code for the Web with the packaged extension: what a user does there with the palette and the keyboard. */
import { accessible, expect, pageFrame, runCommand, screenshot, setPane, someThemes } from './support';
import { inWebWorkbench, test } from './webSupport';

for (const [name, theme] of someThemes) {
	test(`segment the sample, refine it, look inside ASPP: ${name}`, async ({ unpacked }) => {
		await inWebWorkbench({ extension: unpacked, theme }, async (page) => {
			await runCommand(page, 'DeepLab: Segment the Sample Picture');
			const inspector = await pageFrame(page, 'inspector', '.legend-name:text-is("person")');
			await expect(inspector.locator('.legend-row', { hasText: 'person' })).toContainText(/4\d\.\d %/);
			await screenshot(page, `web-inspector-${name}`);

			// A page of another origin gets the keyboard by a click; it pins the pixel, too.
			await inspector.locator('.viewport').click();
			await expect(inspector.locator('.readout-best')).toContainText('person');
			await runCommand(page, 'DeepLab: Refine with CRF');
			await setPane(page, 'Runs', false);
			const crf = await pageFrame(page, 'crf', '.changes-total');
			await expect(crf.locator('.changes-total')).toContainText('px');
			await screenshot(page, `web-crf-${name}`);

			await inspector.locator('.viewport').click();
			await runCommand(page, 'DeepLab: Show ASPP Branches');
			const aspp = await pageFrame(page, 'aspp', '.effect-none');
			// The view that was asked for takes the keyboard when it is there, which may be after the click.
			await expect(async () => {
				await inspector.locator('.viewport').click();
				await page.waitForTimeout(300);
				expect(await inspector.evaluate(() => document.hasFocus())).toBe(true);
			}).toPass({ timeout: 15_000 });
			await page.keyboard.press('2');
			await expect(aspp.getByRole('button', { name: 'Solo: rate 12' })).toHaveAttribute('aria-pressed', 'true');
			await expect(aspp.locator('.changes-total')).toContainText('pixels changed class');
			await screenshot(page, `web-aspp-${name}`);
			await accessible(inspector);
			await accessible(aspp);
		});
	});
}
