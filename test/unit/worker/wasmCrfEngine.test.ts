/** The kernel as the service sees it, against the definition. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { crfGrid } from '../../../src/core/crf/grid';
import { unaryFromLogits } from '../../../src/core/crf/unary';
import type { CrfEngine } from '../../../src/worker/crf/crfEngine';
import { nodeCrfThreads } from '../../../src/worker/crf/crfThreads.node';
import { createWasmCrfEngine } from '../../../src/worker/crf/wasmCrfEngine';
import { halves, smallSettings } from './crfSource';
import { ensureBuilt, root } from './support';

beforeAll(ensureBuilt);

const loadAsset = async (file: string) => new Uint8Array(await readFile(path.join(root, 'dist/assets', file)));
const threadScript = path.join(root, 'dist/crfThread.mjs');

/** KL(before ‖ now) over the pixels, divided by their number. */
function divergence(before: Float32Array, now: Float32Array, pixels: number): number {
	return before.reduce((sum, p, i) => sum + (p > 0 ? p * Math.log(p / Math.max(now[i]!, 1e-30)) : 0), 0) / pixels;
}

async function withKernel(threads: number, work: (engine: CrfEngine) => void): Promise<void> {
	const engine = await createWasmCrfEngine({ loadAsset, threads, startThread: nodeCrfThreads(threadScript) });
	try {
		const source = halves({ width: 40, height: 24 });
		const { pictureWidth: width, pictureHeight: height } = source.geometry;
		const unary = unaryFromLogits(source.logits, crfGrid(source.geometry, 'picture').fromLogits);
		engine.setInput({ width, height, classes: 3, unary, rgb: source.rgb });
		work(engine);
	} finally {
		engine.dispose();
	}
}

describe.each([1, 2])('the kernel with %i thread(s)', (threads) => {
	it('has the figures of its Q', async () => {
		await withKernel(threads, (engine) => {
			expect(engine.threads).toBe(threads);
			engine.setParameters(smallSettings({ pruning: 0 }).parameters);
			const start = engine.start();
			expect(start).toMatchObject({ iteration: 0, changedPixels: 0, klDivergence: 0 });
			let before = engine.q();
			let labels = engine.labels();
			for (let iteration = 1; iteration <= 4; iteration++) {
				const step = engine.step();
				const q = engine.q();
				expect(step.iteration).toBe(iteration);
				expect(step.klDivergence).toBeCloseTo(divergence(before, q, 960), 4);
				const entropies = engine.entropyMap();
				expect(step.meanEntropy).toBeCloseTo(entropies.reduce((a, b) => a + b, 0) / 960, 5);
				const now = engine.labels();
				expect(step.changedPixels).toBe(now.filter((label, i) => label !== labels[i]).length);
				before = q;
				labels = now;
			}
		});
	});

	it('starts anew at any time, and the same comes out', async () => {
		await withKernel(threads, (engine) => {
			engine.setParameters(smallSettings().parameters);
			engine.start();
			engine.step();
			engine.step();
			const q = engine.q();
			engine.start();
			expect(engine.messagesAt(5).bilateral).toEqual(new Float32Array(3));
			engine.step();
			engine.step();
			expect(engine.q()).toEqual(q);
		});
	});
});
