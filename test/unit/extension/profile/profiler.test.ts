import { beforeEach, describe, expect, test, vi } from 'vitest';
import { InspectorError } from '../../../../src/core/problem';
import type { RunProfile } from '../../../../src/core/profile/runProfile';
import { Profiler, type ProfilerServices } from '../../../../src/extension/profile/profiler';
import type { ProfileProgress } from '../../../../src/shared/protocol/profile';
import { smallProfile } from '../../core/profile/profiles';

interface Started {
	readonly runId: string;
	readonly signal: AbortSignal;
	onProgress(progress: ProfileProgress): void;
	resolve(profile: RunProfile): void;
	reject(error: Error): void;
}

let started: Started[];
let disk: Map<string, RunProfile>;
let changes: string[];
let profiler: Profiler;
const report = vi.fn((_error: unknown, runId: string) => `could not profile ${runId}`);
const keep = vi.fn(async (runId: string, profile: RunProfile) => void disk.set(runId, profile));

beforeEach(() => {
	started = [];
	disk = new Map();
	changes = [];
	report.mockClear();
	keep.mockClear();
	const services: ProfilerServices = {
		measure: (runId, { signal, onProgress }) =>
			new Promise((resolve, reject) => {
				started.push({ runId, signal, onProgress, resolve, reject });
				signal.addEventListener('abort', () => reject(new InspectorError({ code: 'cancelled' })));
			}),
		read: async (runId) => disk.get(runId),
		keep,
		changed: (runId) => changes.push(runId),
		report,
	};
	profiler = new Profiler(services);
});

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
const kindOf = (runId: string) => profiler.stateOf(runId)?.kind;

describe('Profiler', () => {
	test('measures a run that has no profile, tells how far it is, and keeps what it found', async () => {
		const opened = profiler.open('a');
		await turn();
		expect(profiler.stateOf('a')).toMatchObject({ kind: 'running', progress: undefined });
		const progress: ProfileProgress = { step: 'plain', pass: 1 };
		started[0]!.onProgress(progress);
		expect(profiler.stateOf('a')).toMatchObject({ kind: 'running', progress });
		started[0]!.resolve(smallProfile);
		await opened;
		expect(profiler.stateOf('a')).toEqual({ kind: 'measured', profile: smallProfile });
		expect(disk.get('a')).toBe(smallProfile);
		expect(changes.length).toBe(3);
	});

	test('shows one that is kept, without measuring', async () => {
		disk.set('a', smallProfile);
		await profiler.open('a');
		expect(profiler.stateOf('a')).toEqual({ kind: 'measured', profile: smallProfile });
		expect(started).toEqual([]);
	});

	test('measures anew where it is asked to, and once for all who ask meanwhile', async () => {
		disk.set('a', smallProfile);
		await profiler.open('a');
		const both = Promise.all([profiler.measure('a'), profiler.measure('a')]);
		await turn();
		expect(started.length).toBe(1);
		const anew = { ...smallProfile, passes: 2 };
		started[0]!.resolve(anew);
		expect(await both).toEqual([anew, anew]);
		expect(disk.get('a')).toBe(anew);
	});

	test('ends a measurement that is cancelled, at once, and does not keep it', async () => {
		const result = profiler.measure('a').catch((error: InspectorError) => error.problem.code);
		await turn();
		profiler.cancel('another');
		expect(kindOf('a')).toBe('running');
		profiler.cancel('a');
		expect(kindOf('a')).toBe('cancelled');
		expect(started[0]!.signal.aborted).toBe(true);
		expect(await result).toBe('cancelled');
		expect(kindOf('a')).toBe('cancelled');
		expect(keep).not.toHaveBeenCalled();
		expect(report).not.toHaveBeenCalled();
	});

	test('opening again after a cancel or a failure does not measure by itself; asking does', async () => {
		const result = profiler.measure('a').catch(() => undefined);
		profiler.cancel();
		await result;
		await profiler.open('a');
		expect(kindOf('a')).toBe('cancelled');
		expect(started).toEqual([]);
		const again = profiler.measure('a');
		await turn();
		started[0]!.resolve(smallProfile);
		await again;
		expect(kindOf('a')).toBe('measured');
	});

	test('another run’s measurement ends the one that is running: two would measure each other', async () => {
		const first = profiler.measure('a').catch((error: InspectorError) => error.problem.code);
		await turn();
		const second = profiler.measure('b');
		await turn();
		expect(await first).toBe('cancelled');
		expect([kindOf('a'), kindOf('b')]).toEqual(['cancelled', 'running']);
		started[0]!.onProgress({ step: 'timed', pass: 1 });
		expect(profiler.stateOf('b')).toMatchObject({ progress: undefined });
		started[1]!.resolve(smallProfile);
		await second;
		expect(kindOf('b')).toBe('measured');
	});

	test('tells a failure once, and works the next time', async () => {
		const result = profiler.measure('a').catch((error: Error) => error.message);
		await turn();
		started[0]!.reject(new InspectorError({ code: 'runtime.failed', detail: 'no' }));
		expect(await result).toContain('runtime.failed');
		expect(profiler.stateOf('a')).toEqual({ kind: 'failed', message: 'could not profile a' });
		expect(report).toHaveBeenCalledOnce();
	});

	test('shows what cannot be kept', async () => {
		keep.mockRejectedValueOnce(new InspectorError({ code: 'output.unwritable', name: 'x', detail: 'full' }));
		const result = profiler.measure('a');
		await turn();
		started[0]!.resolve(smallProfile);
		await result;
		expect(kindOf('a')).toBe('measured');
		expect(report).toHaveBeenCalledOnce();
	});
});
