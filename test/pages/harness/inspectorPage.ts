/** The Inspector's page with a run in it, and what is drawn there. */
import { expect, type Page } from '@playwright/test';
import type { InspectorRun, InspectorState } from '../../../src/shared/protocol/inspector';
import { nextFrame, type OpenOptions, openPage } from './openPage';

type ShownRun = Omit<Extract<InspectorState, { kind: 'run' }>, 'kind' | 'run'>;

export type InspectorOptions = OpenOptions & Partial<ShownRun>;

/** Opens it, until the run is drawn. */
export async function openInspector(
	page: Page,
	run: InspectorRun,
	{ probe, crf, parity, ...options }: InspectorOptions = {},
): Promise<void> {
	const state: InspectorState = { kind: 'run', run, probe, crf, parity };
	await openPage(page, 'inspector', { ...options, answers: { ready: { state, opacity: 0.6 }, ...options.answers } });
	await page.waitForFunction(() => window.fakeHost.calls.some((call) => call.method === 'reportDraw'));
	await nextFrame(page);
}

/** Where a picture pixel is on the page while the picture is fitted in. */
export async function onPage(page: Page, run: InspectorRun, x: number, y: number): Promise<{ x: number; y: number }> {
	const box = (await page.locator('.viewport').boundingBox())!;
	const { pictureWidth, pictureHeight } = run.info.geometry;
	const k = Math.min((box.width - 16) / pictureWidth, (box.height - 16) / pictureHeight);
	return {
		x: box.x + box.width / 2 + (x + 0.5 - pictureWidth / 2) * k,
		y: box.y + box.height / 2 + (y + 0.5 - pictureHeight / 2) * k,
	};
}

/** @returns where the pointer is on the page */
export async function pointAt(page: Page, run: InspectorRun, x: number, y: number): Promise<{ x: number; y: number }> {
	const point = await onPage(page, run, x, y);
	await page.mouse.move(point.x, point.y);
	await nextFrame(page);
	return point;
}

/** The colour drawn at a point of the viewport, 0…1 of its size. */
export function drawnAt(page: Page, u: number, v: number): Promise<number[]> {
	return page.evaluate(
		([x, y]) => {
			const canvas = document.querySelector<HTMLCanvasElement>('.surface')!;
			const data = canvas
				.getContext('2d')!
				.getImageData(Math.floor(x! * canvas.width), Math.floor(y! * canvas.height), 1, 1).data;
			return [...data];
		},
		[u, v],
	);
}

/**
 * Moving pointer and opacity costs less than 16 ms a frame.
 *
 * @param what for the log
 * @param divider whether it moves too
 */
export async function expectFluent(page: Page, what: string, divider: boolean): Promise<void> {
	let { cost, gap, frames } = await measureFrames(page, divider);
	// Painting happens after the script: it shows in the time between frames, as does a busy machine.
	for (let attempt = 0; attempt < 3 && gap > 20; attempt++) {
		({ cost, gap, frames } = await measureFrames(page, divider));
	}
	console.log(`${what}: ${cost.toFixed(1)} ms a frame, ${gap.toFixed(1)} ms between frames`);
	expect(frames).toBeGreaterThan(60);
	expect(cost).toBeLessThan(16);
	expect(gap).toBeLessThanOrEqual(20);
}

/** Medians in milliseconds: of the script in a frame, and between frames. */
function measureFrames(page: Page, moveDivider: boolean): Promise<{ cost: number; gap: number; frames: number }> {
	return page.evaluate(async (withDivider) => {
		const costs: number[] = [];
		const gaps: number[] = [];
		const observer = new PerformanceObserver((list) => {
			costs.push(...list.getEntriesByName('inspector.frame').map(({ duration }) => duration));
		});
		observer.observe({ type: 'measure' });
		const viewport = document.querySelector<HTMLElement>('.viewport')!;
		const slider = document.querySelector<HTMLInputElement>('.slider')!;
		const divider = withDivider ? document.querySelector<HTMLElement>('.divider')! : undefined;
		const box = viewport.getBoundingClientRect();
		const clientY = box.top + box.height / 2;
		let last = performance.now();
		for (let step = 0; step < 90; step++) {
			const clientX = box.left + box.width * (0.2 + step / 200);
			viewport.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, clientX, clientY }));
			divider?.dispatchEvent(new KeyboardEvent('keydown', { key: step % 30 < 15 ? 'ArrowLeft' : 'ArrowRight' }));
			slider.value = String(0.2 + (step % 10) / 20);
			slider.dispatchEvent(new Event('input', { bubbles: true }));
			await new Promise((resolve) => requestAnimationFrame(resolve));
			const now = performance.now();
			gaps.push(now - last);
			last = now;
		}
		await new Promise((resolve) => setTimeout(resolve, 50));
		observer.disconnect();
		const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
		return { cost: median(costs), gap: median(gaps), frames: costs.length };
	}, moveDivider);
}
