/** How WebGPU compares with WASM: the badge of the Inspector's stages, the line of the Model view. */
import { expect, type Page, test } from '@playwright/test';
import { type ParityReport, parityLimit } from '../../src/core/parity/report';
import type { ParityState } from '../../src/shared/protocol/parity';
import type { ModelState } from '../../src/shared/protocol/sideViews';
import { chelseaRun, network } from './harness/fixtures';
import { openInspector } from './harness/inspectorPage';
import {
	callPage,
	expectAccessible,
	expectNoErrors,
	expectNoSidewaysScroll,
	hostCalls,
	nextFrame,
	openPage,
	screenshot,
	type Theme,
	themeNames,
} from './harness/openPage';

const chelsea = chelseaRun();
const webgpuRun = { ...chelsea, info: { ...chelsea.info, backend: { name: 'webgpu', threads: 4 } as const } };

const good: ParityReport = {
	largestDifference: 2.1e-7,
	labelAgreement: 1,
	limit: parityLimit,
	agrees: true,
	adapter: { vendor: 'nvidia', architecture: 'ampere', device: '', description: 'NVIDIA GeForce RTX 3080' },
	runtime: '1.30.0',
	comparedAt: 1,
};
const bad: ParityReport = {
	...good,
	largestDifference: 0.31,
	labelAgreement: 0.87,
	agrees: false,
	firstDiffering: {
		layer: 'backbone.layer3.22.conv2',
		operator: 'Conv + Relu',
		difference: 0.12,
		inputDifference: 1.2e-6,
	},
};
const states: Record<string, ParityState> = {
	agrees: { kind: 'compared', report: good },
	differs: { kind: 'compared', report: bad },
	comparing: { kind: 'comparing', stage: 'wasm' },
	failed: { kind: 'failed', message: 'There is not enough memory for this run (bad_alloc).' },
};

const openRun = (page: Page, parity: ParityState | undefined, theme: Theme = 'dark') =>
	openInspector(page, webgpuRun, { theme, parity });

test.afterEach(({ page }) => expectNoErrors(page));

for (const theme of themeNames) {
	test(`the badge looks right in ${theme}`, async ({ page }) => {
		await openRun(page, undefined, theme);
		for (const [name, state] of Object.entries(states)) {
			await callPage(page, 'parity', state);
			await screenshot(page, `parity-${theme}-${name}`);
			await expectAccessible(page);
			await page.locator('.parity button').click();
			await screenshot(page, `parity-${theme}-${name}-details`);
			await expectAccessible(page);
			await page.keyboard.press('Escape');
		}
		await page.setViewportSize({ width: 300, height: 640 });
		for (const name of ['agrees', 'differs'] as const) {
			await callPage(page, 'parity', states[name]);
			await screenshot(page, `parity-${theme}-${name}-300`);
			await expectNoSidewaysScroll(page);
			await page.locator('.parity button').click();
			await screenshot(page, `parity-${theme}-${name}-details-300`);
			const details = (await page.locator('.parity-details').boundingBox())!;
			expect(details.x).toBeGreaterThanOrEqual(0);
			expect(details.x + details.width).toBeLessThanOrEqual(300);
			expect(details.y).toBeGreaterThanOrEqual(0);
			await page.keyboard.press('Escape');
		}
	});

	test(`the Model view’s line looks right in ${theme}`, async ({ page }) => {
		await page.setViewportSize({ width: 300, height: 640 });
		const model: ModelState = { kind: 'model', network: network(), source: '/models/net.onnx', parity: states.differs };
		await openPage(page, 'model', { theme, answers: { ready: model } });
		await expect(page.locator('.model-parity')).toContainText('backbone.layer3.22.conv2');
		await screenshot(page, `parity-${theme}-model-differs`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);
		await callPage(page, 'show', { ...model, parity: states.agrees });
		await expect(page.locator('.model-parity')).toContainText('largest difference 2e-7');
		await screenshot(page, `parity-${theme}-model-agrees`);
		await callPage(page, 'show', { ...model, parity: undefined });
		await expect(page.locator('.model-parity')).toHaveCount(0);
	});
}

test('the badge says what was found, and follows what comes', async ({ page }) => {
	await openRun(page, states.agrees);
	const badge = page.locator('.stages .parity');
	await expect(badge).toHaveAttribute(
		'title',
		/agrees with WASM: largest difference 2e-7.*RTX 3080, onnxruntime 1\.30\.0/,
	);
	await expect(badge.locator('.codicon-check')).toBeVisible();
	await expect(badge.locator('.parity-text')).toHaveCount(0);
	await expect(badge.locator('.sr-only')).toContainText('agrees with WASM');

	await callPage(page, 'parity', states.comparing);
	await expect(badge.locator('.parity-text')).toHaveText('comparing…');
	await callPage(page, 'parity', states.differs);
	await expect(badge.locator('.codicon-warning')).toBeVisible();
	await expect(badge.locator('.parity-text')).toHaveText('differs from backbone.layer3.22.conv2 on');
	await expect(badge).toHaveAttribute(
		'title',
		/First layer that differs: backbone\.layer3\.22\.conv2 \(Conv \+ Relu\)/,
	);
	await callPage(page, 'parity', states.failed);
	await expect(badge).toHaveAttribute('title', /could not be compared.*not enough memory/);
	await callPage(page, 'parity', null);
	await expect(badge).toBeHidden();
});

test('the badge unfolds the figures, which follow what comes', async ({ page }) => {
	await openRun(page, states.differs);
	const button = page.locator('.parity button');
	const details = page.locator('.parity-details');
	await expect(details).toBeHidden();
	await button.focus();
	await page.keyboard.press('Enter');
	await expect(details.locator('dt:text-is("First layer that differs") + dd')).toHaveText(
		'backbone.layer3.22.conv2 (Conv + Relu): 0.12, what it reads 1e-6',
	);
	expect(await details.evaluate((each) => each.scrollWidth - each.clientWidth)).toBeLessThanOrEqual(0);
	// What is found while it is open.
	await callPage(page, 'parity', states.comparing);
	await expect(details).toHaveText('WebGPU is compared with WASM on this picture.');
	await expect(button).toBeFocused();
	await callPage(page, 'parity', null);
	await expect(details).toBeHidden();
});

test('Escape closes the figures first, and unpins the probe after that', async ({ page }) => {
	await openRun(page, states.agrees);
	await page.locator('.viewport').click();
	await page.locator('.parity button').click();
	await page.keyboard.press('Escape');
	await expect(page.locator('.parity-details')).toBeHidden();
	const unpinned = async () => (await hostCalls(page, 'setProbe')).at(-1)?.params === null;
	expect(await unpinned()).toBe(false);
	await page.keyboard.press('Escape');
	expect(await unpinned()).toBe(true);
});

test('the badge never lies over the stages’ labels', async ({ page }) => {
	for (const width of [1000, 1200, 700]) {
		await page.setViewportSize({ width, height: 640 });
		await openRun(page, undefined);
		for (const state of Object.values(states)) {
			await callPage(page, 'parity', state);
			await nextFrame(page);
			const badge = (await page.locator('.stage-runtime').boundingBox())!;
			for (const label of await page.locator('.stage-label').all()) {
				const box = (await label.boundingBox())!;
				const apart = box.x + box.width <= badge.x || box.y + box.height <= badge.y || badge.y + badge.height <= box.y;
				expect(apart, `${await label.textContent()} at ${width}`).toBe(true);
			}
		}
	}
});

test('another run does not keep the badge of the one before', async ({ page }) => {
	await openRun(page, states.differs);
	await expect(page.locator('.parity')).toBeVisible();
	const next = { ...webgpuRun, info: { ...webgpuRun.info, id: 'next' } };
	await callPage(page, 'show', { kind: 'run', run: next, probe: undefined, crf: undefined });
	await expect(page.locator('.parity')).toBeHidden();
});
