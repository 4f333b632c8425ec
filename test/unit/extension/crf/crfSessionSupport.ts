/** A CRF session with played services. */
import { vi } from 'vitest';
import { defaultCrfParameters } from '../../../../src/core/crf/parameters';
import { InspectorError, toProblem } from '../../../../src/core/problem';
import type { KeptCrf } from '../../../../src/extension/crf/crfFiles';
import type { CrfSessionServices } from '../../../../src/extension/crf/crfSession';
import type {
	CrfMaskResult,
	CrfProbe,
	CrfSettings,
	CrfStepFigures,
	CrfTies,
	RefineResult,
} from '../../../../src/shared/protocol/crf';
import { makeRun } from '../support';

export const run = makeRun('a');
export const settings: CrfSettings = {
	parameters: { ...defaultCrfParameters, bilateralWeight: 4, iterations: 2 },
	resolution: 'picture',
};
export const weight = (bilateralWeight: number): CrfSettings => ({
	...settings,
	parameters: { ...settings.parameters, bilateralWeight },
});
const pixels = run.tensors.labels.length;

export const step = (iteration: number): CrfStepFigures => ({
	iteration,
	changedPixels: iteration,
	meanEntropy: 0.1,
	klDivergence: 0,
	activeClasses: 2,
	milliseconds: 1,
});

/** At iteration n the first n pixels have label 1, the others 0. */
export function resultOf(of: CrfSettings): RefineResult {
	const iterations = Array.from({ length: of.parameters.iterations + 1 }, (_, i) => i);
	return {
		settings: of,
		labels: iterations.map((n) => Uint8Array.from({ length: pixels }, (_, i) => (i < n ? 1 : 0))),
		steps: iterations.map(step),
		entropyBefore: new Uint8Array(pixels).fill(200),
		entropyAfter: new Uint8Array(pixels).fill(20),
		timings: { prepare: 1, lattice: 2, iterations: 3 },
		threads: 1,
		width: 5,
		height: 4,
	};
}

/** The mask of {@link resultOf}, whose preparations took their time already. */
export const maskOf = ({
	settings: of,
	iteration,
	entropy,
}: Pick<CrfMaskResult, 'settings' | 'iteration'> & { entropy: boolean }) =>
	({
		settings: of,
		iteration,
		labels: resultOf(of).labels[iteration]!,
		entropy: entropy ? new Uint8Array(pixels).fill(77) : undefined,
		timings: { prepare: 10, lattice: 20, iterations: 30 },
	}) satisfies CrfMaskResult;

export const keptOf = (of: CrfSettings): KeptCrf => {
	const { labels, ...found } = resultOf(of);
	return { ...found, labels: labels.at(-1)! };
};

export type FakeServices = { [K in keyof CrfSessionServices]: ReturnType<typeof vi.fn<CrfSessionServices[K]>> };

/** Nothing is kept, and all is there at once. */
export function fakeServices(): FakeServices {
	return {
		loadKept: vi.fn(async () => undefined),
		loadBefore: vi.fn(async () => ({ labels: run.tensors.labels, step: 1 })),
		mask: vi.fn(async (task) => maskOf(task)),
		refine: vi.fn(async (of: CrfSettings) => resultOf(of)),
		probe: vi.fn(
			async ({ x, y, iteration }) => ({ x, y, iteration, classes: [], color: [0, 0, 0] }) satisfies CrfProbe,
		),
		ties: vi.fn(
			async ({ kernel, x, y }) =>
				({ kernel, x, y, width: 5, height: 4, values: new Uint8Array(pixels), largest: 0.5 }) satisfies CrfTies,
		),
		keep: vi.fn(async () => undefined),
		showCrf: vi.fn(),
		showLayer: vi.fn(),
		restAfterMask: vi.fn(async () => undefined),
		showTies: vi.fn(),
		changed: vi.fn(),
		report: vi.fn((error: unknown) => toProblem(error).code),
	};
}

export const settled = () => new Promise((resolve) => setTimeout(resolve, 10));

/** A mask and a refinement that take until they are told to end, or are cancelled. */
export function slowly(services: FakeServices) {
	const masks: (() => void)[] = [];
	const ends: (() => void)[] = [];
	services.mask.mockImplementation(
		(task, signal) =>
			new Promise((resolve, reject) => {
				masks.push(() => resolve(maskOf(task)));
				signal.addEventListener('abort', () => reject(new InspectorError({ code: 'cancelled' })));
			}),
	);
	services.refine.mockImplementation(
		(of, { signal, onProgress }) =>
			new Promise((resolve, reject) => {
				onProgress(step(0));
				ends.push(() => resolve(resultOf(of)));
				signal.addEventListener('abort', () => reject(new InspectorError({ code: 'cancelled' })));
			}),
	);
	return {
		/** Of the last one; the refinement begins. */
		endMask: async () => {
			masks.at(-1)!();
			await settled();
		},
		end: () => ends.at(-1)!(),
	};
}
