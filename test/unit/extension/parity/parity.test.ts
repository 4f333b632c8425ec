import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BackendChoice } from '../../../../src/core/backend';
import type { ParityReport } from '../../../../src/core/parity/report';
import { InspectorError } from '../../../../src/core/problem';
import type { RunInfo } from '../../../../src/core/run';
import { Parity } from '../../../../src/extension/parity/parity';
import { ParityStore } from '../../../../src/extension/parity/parityStore';
import type { ParityStage, ParityState } from '../../../../src/shared/protocol/parity';
import type { SegmentRequest } from '../../../../src/worker/client/client';
import type { ComparedBackends } from '../../../../src/worker/services/compareBackends';
import { makeRun } from '../support';
import { adapter, memory, report } from './fakes';

const delay = 1000;

function run(key: string, backend: RunInfo['backend'] = { name: 'webgpu', threads: 1, adapter }): RunInfo {
	return { ...makeRun(key).info, backend, modelFile: { location: `/${key}.onnx`, key } };
}

/** A comparison that waits for the test. */
interface Started {
	readonly request: SegmentRequest;
	readonly signal: AbortSignal;
	stage(stage: ParityStage): void;
	end(result: ComparedBackends): void;
	fail(error: unknown): void;
}

let store: ParityStore;
let started: Started[];
let told: { readonly report: ParityReport; readonly picture: string; readonly switched: boolean }[];
let shown: (readonly [key: string, state: ParityState['kind'] | undefined])[];
let choice: BackendChoice;
let parity: Parity;

beforeEach(() => {
	vi.useFakeTimers();
	store = new ParityStore(memory());
	[started, told, shown, choice] = [[], [], [], 'auto'];
	parity = new Parity({
		store,
		choice: () => choice,
		sourceOf: async ({ modelFile, pictureName }) => ({
			model: { key: modelFile!.key, name: 'net.onnx', load: async () => new Uint8Array() },
			picture: { name: pictureName, bytes: new Uint8Array() },
		}),
		compare: (request, { signal, onProgress }) =>
			new Promise((end, fail) => {
				signal.addEventListener('abort', () => fail(new InspectorError({ code: 'cancelled' })));
				started.push({ request, signal, stage: onProgress, end, fail });
			}),
		tellDisagreement: (found, { pictureName: picture }, switched) => told.push({ report: found, picture, switched }),
		log: { info: () => undefined, warn: () => undefined },
		delay,
	});
	parity.onDidChange((key) => shown.push([key, parity.stateOf(key)?.kind]));
});

afterEach(() => {
	parity.dispose();
	vi.useRealTimers();
});

const settle = () => vi.advanceTimersByTimeAsync(0);
const wait = (milliseconds = delay) => vi.advanceTimersByTimeAsync(milliseconds);
const signal = () => new AbortController().signal;

/** A run that has ended, and its comparison that has begun. */
async function compared(info: RunInfo): Promise<Started> {
	parity.follow(Promise.resolve(info));
	await wait();
	return started.at(-1)!;
}

describe('in the background', () => {
	it('compares after the first run of a model on WebGPU, on its picture, at its size, and keeps what it finds', async () => {
		const info = { ...run('a'), multiScale: { rule: 'caffe', scales: [1], shares: [1] } as const };
		parity.follow(Promise.resolve(info));
		await wait(delay - 1);
		expect(started).toHaveLength(0);
		await wait(1);
		expect(started[0]!.request).toMatchObject({
			picture: { name: 'a.png' },
			model: { key: 'a' },
			longestSide: 5,
			preprocessing: info.model.preprocessing,
			multiScale: 'caffe',
		});
		started[0]!.stage('wasm');
		expect(parity.stateOf('a')).toEqual({ kind: 'comparing', stage: 'wasm' });
		started[0]!.end({ report: report(true) });
		await settle();
		expect(store.find('a', adapter)).toEqual(report(true));
		expect(parity.stateOf('a', info.backend)).toEqual({ kind: 'compared', report: report(true) });
		expect(shown).toEqual([
			['a', 'comparing'],
			['a', 'comparing'],
			['a', 'compared'],
		]);
		expect(told).toEqual([]);
		expect(parity.backendFor('a')).toBeUndefined();

		parity.follow(Promise.resolve(info));
		await wait();
		expect(started).toHaveLength(1);
	});

	it('does not after runs on WASM, after failed ones, or of models that are not known', async () => {
		parity.follow(Promise.resolve(run('a', { name: 'wasm', threads: 2 })));
		parity.follow(Promise.reject(new Error('no picture')));
		const { modelFile: _, ...unnoted } = run('b');
		parity.follow(Promise.resolve(unnoted));
		await wait();
		expect(started).toHaveLength(0);
	});

	it('compares again on another adapter', async () => {
		(await compared(run('a'))).end({ report: report(true) });
		await settle();
		await compared(run('a', { name: 'webgpu', threads: 1, adapter: { ...adapter, description: 'Other' } }));
		expect(started).toHaveLength(2);
	});

	it('gives way to a picture that is segmented, and comes back after it, the newest first', async () => {
		const first = await compared(run('a'));
		let end: (info: RunInfo) => void = () => undefined;
		parity.follow(
			new Promise((resolve) => {
				end = resolve;
			}),
		);
		expect(first.signal.aborted).toBe(true);
		await wait();
		expect(parity.stateOf('a')).toBeUndefined();
		expect(started).toHaveLength(1);
		end(run('b'));
		await wait();
		expect(started[1]!.request.model.key).toBe('b');
		started[1]!.end({ report: report(true) });
		await wait();
		expect(started[2]!.request.model.key).toBe('a');
		started[2]!.end({ report: report(true) });
		await wait();
		expect(started).toHaveLength(3);
	});

	it('waits until the last of several pictures is done', async () => {
		parity.follow(Promise.resolve(run('a')));
		parity.follow(new Promise(() => undefined));
		await wait(10 * delay);
		expect(started).toHaveLength(0);
	});

	it('says that it failed, and does not try again by itself', async () => {
		const comparison = await compared(run('a'));
		comparison.fail(new InspectorError({ code: 'runtime.outOfMemory', detail: 'bad_alloc' }));
		await settle();
		expect(parity.stateOf('a')).toMatchObject({ kind: 'failed', message: expect.stringContaining('memory') });
		parity.follow(Promise.resolve(run('a')));
		await wait();
		expect(started).toHaveLength(1);
		expect(store.find('a')).toBeUndefined();
		expect(parity.backendFor('a')).toBeUndefined();
	});

	it('ends with the extension', async () => {
		const comparison = await compared(run('a'));
		parity.dispose();
		expect(comparison.signal.aborted).toBe(true);
		await wait();
		expect(started).toHaveLength(1);
	});
});

describe('a disagreement', () => {
	const first = { layer: 'conv', operator: 'Conv', difference: 0.2, inputDifference: 0 };
	const bad = { ...report(false), firstDiffering: first };

	it('is told once, and the model runs on WASM from then on', async () => {
		(await compared(run('a'))).end({ report: bad });
		await settle();
		expect(told).toEqual([{ report: bad, picture: 'a.png', switched: true }]);
		expect(parity.backendFor('a')).toBe('wasm');
		expect(parity.backendFor('b')).toBeUndefined();
		// The next run is on WASM, and shows why.
		const wasm = run('a', { name: 'wasm', threads: 2 });
		expect(parity.stateOf('a', wasm.backend)).toEqual({ kind: 'compared', report: bad });
		parity.follow(Promise.resolve(wasm));
		await wait();
		expect(started).toHaveLength(1);
		expect(told).toHaveLength(1);
	});

	it.each(['webgpu', 'wasm'] as const)('does not change what is set to %s', async (set) => {
		choice = set;
		(await compared(run('a'))).end({ report: bad });
		await settle();
		expect(told).toMatchObject([{ switched: false }]);
		expect(parity.backendFor('a')).toBeUndefined();
	});

	it('counts also where the layer was not found', async () => {
		(await compared(run('a'))).end({ report: report(false), searchError: new Error('output x is not float32') });
		await settle();
		expect(parity.backendFor('a')).toBe('wasm');
		expect(told).toHaveLength(1);
	});
});

describe('on demand', () => {
	it('compares whatever is known, also of a run on WASM', async () => {
		await store.keep('a', report(false));
		const asked = parity.compare(run('a', { name: 'wasm', threads: 2 }), signal());
		await settle();
		started[0]!.end({ report: report(true) });
		expect(await asked).toEqual(report(true));
		expect(parity.backendFor('a')).toBeUndefined();
	});

	it('takes the place of what goes on in the background, and is not disturbed by a picture', async () => {
		const background = await compared(run('a'));
		const asked = parity.compare(run('b'), signal());
		await settle();
		expect(background.signal.aborted).toBe(true);
		expect(started[1]!.request.model.key).toBe('b');
		parity.follow(Promise.reject(new Error('no picture')));
		expect(started[1]!.signal.aborted).toBe(false);
		started[1]!.end({ report: report(true) });
		await asked;
		await wait();
		expect(started[2]!.request.model.key).toBe('a');
	});

	it('two run one after the other', async () => {
		const both = [parity.compare(run('a'), signal()), parity.compare(run('b'), signal())];
		await settle();
		expect(started).toHaveLength(1);
		started[0]!.end({ report: report(true) });
		await settle();
		expect(started).toHaveLength(2);
		started[1]!.end({ report: report(true) });
		await Promise.all(both);
	});

	it('is cancelled also while it waits for another one, which goes on', async () => {
		const first = parity.compare(run('a'), signal());
		const controller = new AbortController();
		const second = parity.compare(run('b'), controller.signal);
		await settle();
		controller.abort();
		await expect(second).rejects.toMatchObject({ problem: { code: 'cancelled' } });
		expect(started[0]!.signal.aborted).toBe(false);
		started[0]!.end({ report: report(true) });
		await first;
		await settle();
		expect(started).toHaveLength(1);
	});

	it('one that waits does not begin after the extension’s end', async () => {
		const both = [parity.compare(run('a'), signal()), parity.compare(run('b'), signal())];
		const ends = Promise.allSettled(both);
		await settle();
		parity.dispose();
		await ends;
		expect(started).toHaveLength(1);
	});

	it('is cancelled, and leaves no trace', async () => {
		const controller = new AbortController();
		const asked = parity.compare(run('a'), controller.signal);
		await settle();
		controller.abort();
		await expect(asked).rejects.toMatchObject({ problem: { code: 'cancelled' } });
		expect(parity.stateOf('a')).toBeUndefined();
		await wait();
		expect(started).toHaveLength(1);
	});

	it('passes on what failed', async () => {
		const asked = parity.compare(run('a'), signal());
		await settle();
		started[0]!.fail(new InspectorError({ code: 'runtime.unavailable', detail: 'no WebGPU' }));
		await expect(asked).rejects.toMatchObject({ problem: { code: 'runtime.unavailable' } });
	});
});
