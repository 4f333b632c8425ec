import { expect, type Page, test } from '@playwright/test';
import { choiceIds, doctorExam, doctorMasks, doctorProgress, largeMask } from './harness/doctorFixtures';
import {
	callPage,
	expectAccessible,
	expectNoErrors,
	expectNoSidewaysScroll,
	hostCalls,
	nextFrame,
	openPage,
	screenshot,
	themeNames,
} from './harness/openPage';

test.use({ viewport: { width: 1100, height: 900 } });
test.afterEach(({ page }) => expectNoErrors(page));

const stateOf = (options: Parameters<typeof doctorExam>[0] = {}) => ({
	state: { kind: 'exam', exam: doctorExam(options) },
	opacity: 0.6,
});
const answers = (options: Parameters<typeof doctorExam>[0] = {}) => ({ ready: stateOf(options), mask: largeMask });

const tiles = (page: Page) => page.getByRole('option');
const chosen = (page: Page) => page.locator('.tile[aria-selected="true"]');
const names = { modelName: 'net.onnx', pictureName: 'chelsea.png' };

for (const theme of themeNames) {
	test(`the doctor looks right in ${theme}`, async ({ page }) => {
		await openPage(page, 'doctor', { theme, answers: answers() });
		await tiles(page).nth(5).click();
		await page.mouse.move(2, 2);
		await screenshot(page, `doctor-${theme}`);
		await expectNoSidewaysScroll(page);
		await expectAccessible(page);

		await callPage(page, 'show', { kind: 'exam', exam: doctorExam({ truth: 'chelsea-truth.png' }) });
		await tiles(page).nth(3).hover();
		await screenshot(page, `doctor-${theme}-truth`);
		await expectAccessible(page);

		await callPage(page, 'show', { kind: 'exam', exam: { ...doctorExam({ computed: 10, running: true }), id: 2 } });
		await tiles(page).first().focus();
		await page.keyboard.press('ArrowRight');
		await screenshot(page, `doctor-${theme}-running`);
		await expectAccessible(page);

		await page.setViewportSize({ width: 300, height: 700 });
		await nextFrame(page);
		await expectNoSidewaysScroll(page);
		await screenshot(page, `doctor-${theme}-300`);
		await expectAccessible(page);

		await callPage(page, 'show', { kind: 'failed', ...names, message: 'The model “net.onnx” is damaged.' });
		await screenshot(page, `doctor-${theme}-failed`);
		await expectAccessible(page);
		await expectNoSidewaysScroll(page);
		for (const state of [
			{ kind: 'empty' },
			{ kind: 'loading', ...names, since: Date.now() },
			{ kind: 'cancelled', ...names },
		]) {
			await callPage(page, 'show', state);
			await expectAccessible(page);
		}
	});
}

test('without an exam the page says what it is and offers what helps', async ({ page }) => {
	await openPage(page, 'doctor', { answers: { ready: { state: { kind: 'empty' }, opacity: 0.6 } } });
	await page.getByRole('button', { name: 'Choose picture…' }).click();
	await callPage(page, 'show', { kind: 'loading', ...names, since: Date.now() });
	await expect(page.getByRole('heading')).toHaveText('net.onnx on chelsea.png');
	await page.getByRole('button', { name: 'Cancel' }).click();
	await callPage(page, 'show', { kind: 'failed', ...names, message: 'It is damaged.' });
	await expect(page.locator('.state')).toContainText('It is damaged.');
	await page.getByRole('button', { name: 'Try again' }).click();
	await page.getByRole('button', { name: 'Choose model…' }).click();
	await page.getByRole('button', { name: 'Show log' }).click();
	expect((await hostCalls(page, 'act')).map(({ params }) => params)).toEqual([
		'choosePicture',
		'cancel',
		'resume',
		'chooseModel',
		'showLog',
	]);
});

test('every choice has its mask, its settings and how sure the network is; the model’s own is marked', async ({
	page,
}) => {
	await openPage(page, 'doctor', { answers: answers() });
	await expect(tiles(page)).toHaveCount(32);
	await expect(tiles(page).first()).toContainText('RGB · −1…1');
	await expect(tiles(page).first()).toContainText('fitted · corners aligned');
	await expect(tiles(page).first()).toContainText('93.00 % sure');
	await expect(tiles(page).first()).toContainText('now');
	await expect(page.locator('.tile-mark:visible')).toHaveCount(1);
	await expect(page.locator('.sort-note')).toHaveText(
		'Sorted by how sure the network is, which is no proof: look at the masks. One picture shows gross mistakes, not small ones.',
	);
	// Where the mask has another class than the picture's own, the tile is drawn otherwise.
	const [own, wrong] = await page.evaluate(() =>
		[0, 31].map((index) => {
			const canvas = document.querySelectorAll<HTMLCanvasElement>('.tile-picture')[index]!;
			return [...canvas.getContext('2d')!.getImageData(10, 80, 1, 1).data];
		}),
	);
	expect(own).not.toEqual(wrong);
});

test('tiles fill in as they are computed, stay in their places, and are sorted in the end', async ({ page }) => {
	await openPage(page, 'doctor', { answers: answers({ computed: 2, running: true }) });
	await expect(page.getByRole('progressbar')).toHaveJSProperty('value', 2);
	await expect(page.locator('.exam-status')).toContainText('2 of 32');
	await expect(tiles(page).nth(2)).toContainText('computing');
	await expect(tiles(page).nth(4)).toContainText('not computed');
	await expect(page.locator('.sort-note')).toHaveText('One picture shows gross mistakes, not small ones.');
	const order = () => tiles(page).evaluateAll((all) => all.map((tile) => tile.getAttribute('data-id')));
	expect(await order()).toEqual(choiceIds);
	await tiles(page).nth(8).focus();
	await callPage(page, 'update', {
		examId: 1,
		progress: doctorProgress({ computed: 4, running: true }),
		masks: doctorMasks(2, 4),
	});
	await expect(tiles(page).nth(2)).toContainText('% sure');
	expect(await order()).toEqual(choiceIds);
	// What is of another exam changes nothing.
	await callPage(page, 'update', { examId: 7, progress: doctorProgress(), masks: {} });
	await expect(page.locator('.exam-status')).toContainText('4 of 32');
	await callPage(page, 'update', { examId: 1, progress: doctorProgress(), masks: doctorMasks(4) });
	expect(await order()).not.toEqual(choiceIds);
	await expect(page.locator('.exam-status')).toBeHidden();
	// The focus stays on its tile, wherever that is now.
	await expect(page.locator(`[data-id="${choiceIds[8]}"]`)).toBeFocused();
});

test('computing is cancelled and continued; a failure says why', async ({ page }) => {
	await openPage(page, 'doctor', { answers: answers({ computed: 6, running: true }) });
	await page.getByRole('button', { name: 'Cancel' }).click();
	await callPage(page, 'update', { examId: 1, progress: doctorProgress({ computed: 6 }), masks: {} });
	await expect(page.getByRole('progressbar')).toBeHidden();
	await page.getByRole('button', { name: 'Continue' }).click();
	await callPage(page, 'update', {
		examId: 1,
		progress: doctorProgress({ computed: 6, failure: 'The inference worker ended.' }),
		masks: {},
	});
	await expect(page.getByRole('alert')).toHaveText('The inference worker ended.');
	await page.getByRole('button', { name: 'Show log' }).click();
	expect((await hostCalls(page, 'act')).map(({ params }) => params)).toEqual(['cancel', 'resume', 'showLog']);
});

test('a mask of ground truth is chosen, its agreement shown, and left', async ({ page }) => {
	await openPage(page, 'doctor', { answers: answers() });
	await page.getByRole('button', { name: 'Compare with a mask…' }).click();
	await callPage(page, 'update', { examId: 1, progress: doctorProgress({ truth: 'truth.png' }), masks: {} });
	await expect(tiles(page).first()).toContainText('98.50 % agree · 93.00 % sure');
	await expect(page.locator('.sort-note')).toContainText('Sorted by the pixels that agree with truth.png.');
	await expect(page.locator('.look').first()).toContainText('Pixels that agree98.50 %');
	await expect(page.locator('.look').first()).toContainText('Mean IoU90.00 %');
	await page.getByRole('button', { name: 'Do not compare any more' }).click();
	await callPage(page, 'update', { examId: 1, progress: doctorProgress(), masks: {} });
	await expect(tiles(page).first()).not.toContainText('agree');
	expect((await hostCalls(page, 'act')).map(({ params }) => params)).toEqual(['chooseTruth', 'removeTruth']);
});

test('the pointer previews a choice beside the model’s own, a click chooses it', async ({ page }) => {
	await openPage(page, 'doctor', { answers: answers() });
	const [now, looked] = [page.locator('.look').first(), page.locator('.look').last()];
	await expect(now).toContainText('Now');
	await expect(looked).toContainText('Chosen');
	await tiles(page).nth(9).hover();
	await expect(looked).toContainText('Preview');
	await expect(page.getByRole('button', { name: 'Keep this one' })).toBeDisabled();
	await page.mouse.move(2, 2);
	await expect(looked).toContainText('Chosen');
	await tiles(page).nth(9).click();
	await page.mouse.move(2, 2);
	const id = await tiles(page).nth(9).getAttribute('data-id');
	await expect(chosen(page)).toHaveAttribute('data-id', id!);
	expect((await hostCalls(page, 'mask')).at(-1)?.params).toEqual({ examId: 1, id });
	await expect(page.getByRole('button', { name: 'Keep this one' })).toBeEnabled();
});

test('the class under the pointer is named over the large pictures', async ({ page }) => {
	await openPage(page, 'doctor', { answers: answers() });
	const look = page.locator('.look').first();
	await look.locator('canvas').hover({ position: { x: 150, y: 120 } });
	await expect(look.locator('.look-class')).toHaveText('cat');
	await page.mouse.move(2, 2);
	await expect(look.locator('.look-class')).toBeHidden();
});

test('the keyboard moves in the grid, chooses and keeps', async ({ page }) => {
	await openPage(page, 'doctor', { answers: { ...answers(), keep: 'net.onnx' } });
	await tiles(page).first().focus();
	const columns = await tiles(page).evaluateAll((all) => {
		const tops = (all as HTMLElement[]).map(({ offsetTop }) => offsetTop);
		return tops.filter((top) => top === tops[0]).length;
	});
	expect(columns).toBeGreaterThan(2);
	await page.keyboard.press('ArrowRight');
	await expect(tiles(page).nth(1)).toBeFocused();
	await page.keyboard.press('ArrowDown');
	await expect(tiles(page).nth(1 + columns)).toBeFocused();
	await page.keyboard.press('ArrowLeft');
	await page.keyboard.press('ArrowUp');
	await page.keyboard.press('ArrowUp');
	await expect(tiles(page).first()).toBeFocused();
	await page.keyboard.press('End');
	await expect(tiles(page).last()).toBeFocused();
	await page.keyboard.press('ArrowDown');
	await expect(tiles(page).last()).toBeFocused();
	await expect(page.locator('.look').last()).toContainText('Preview');
	await page.keyboard.press('Enter');
	await expect(page.locator('.look').last()).toContainText('Chosen');
	const id = await tiles(page).last().getAttribute('data-id');
	await expect(chosen(page)).toHaveAttribute('data-id', id!);
	await page.keyboard.press('Shift+Tab');
	await expect(page.getByRole('button', { name: 'Keep this one' })).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(page.locator('.keep-notice')).toHaveText('net.onnx is the model in use.');
	expect(await hostCalls(page, 'keep')).toEqual([{ method: 'keep', params: { examId: 1, id } }]);
	// One tab stop for all tiles, the chosen one.
	await page.keyboard.press('Tab');
	await expect(tiles(page).last()).toBeFocused();
});

test('a choice that is not computed cannot be kept, and one that the user takes back says nothing', async ({
	page,
}) => {
	await openPage(page, 'doctor', { answers: answers({ computed: 6 }) });
	await tiles(page).nth(20).click();
	await page.mouse.move(2, 2);
	await expect(page.getByRole('button', { name: 'Keep this one' })).toBeDisabled();
	await tiles(page).nth(1).click();
	await page.getByRole('button', { name: 'Keep this one' }).click();
	await expect(page.getByRole('button', { name: 'Keep this one' })).toBeEnabled();
	await expect(page.locator('.keep-notice')).toHaveText('');
});

test('of a model that is being adopted the current choice is an assumption', async ({ page }) => {
	await openPage(page, 'doctor', { answers: answers({ adopting: true }) });
	await expect(page.locator('.look').first()).toContainText('Assumed');
	await expect(page.locator('.tile-mark:visible')).toHaveText('assumed');
	await expect(page.getByRole('button', { name: 'Keep this one' })).toHaveAttribute('title', /^Saves the model/);
});

test('what is chosen outlives the page', async ({ page }) => {
	await openPage(page, 'doctor', { answers: answers() });
	await tiles(page).nth(7).click();
	const id = await tiles(page).nth(7).getAttribute('data-id');
	const state = await page.evaluate(() => window.fakeHost.state);
	const again = await page.context().newPage();
	await openPage(again, 'doctor', { answers: answers(), state });
	await expect(chosen(again)).toHaveAttribute('data-id', id!);
});
