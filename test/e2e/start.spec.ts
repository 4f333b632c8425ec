/** `npm start` as a user runs it: the proof in the terminal, then the address with the segmented sample. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { decode } from 'fast-png';
import { root } from '../../scripts/lib/paths.mjs';
import { freePort, start, stop } from '../../scripts/lib/processes.mjs';
import { pageFrame, screenshot } from './support';

test('npm start proves itself in the terminal and serves the segmented sample', async ({ page }) => {
	test.setTimeout(240_000);
	const port = await freePort(8170);
	const child = start(process.execPath, ['scripts/start.mjs', '--browser', '--port', String(port)], {
		cwd: root,
		// No window of the machine's own browser beside the test's.
		env: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '' },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let output = '';
	child.stdout?.on('data', (chunk: Buffer) => {
		output += chunk.toString();
	});
	child.stderr?.on('data', (chunk: Buffer) => {
		output += chunk.toString();
	});
	try {
		await expect(() => expect(output, output).toContain('Ctrl-C ends it.')).toPass({ timeout: 120_000 });
		expect(output).toMatch(/person\s.*\d+\.\d+\s*%/);
		const mask = /\S+\.png(?=\s*$)/m.exec(output.replaceAll('astronaut.png:', ''))?.[0] ?? '';
		const file = path.resolve(root, mask);
		expect(existsSync(file), `${mask} in:\n${output}`).toBe(true);
		const { width, height, palette } = decode(readFileSync(file));
		expect([width, height]).toEqual([512, 512]);
		expect(palette?.length).toBeGreaterThanOrEqual(21);

		const address = /http:\/\/\S+/.exec(output)?.[0] ?? '';
		await page.goto(address);
		const inspector = await pageFrame(page, 'inspector');
		await expect(inspector.getByText('person').first()).toBeVisible({ timeout: 60_000 });
		await screenshot(page, 'npm-start');
	} finally {
		await stop(child);
	}
});
