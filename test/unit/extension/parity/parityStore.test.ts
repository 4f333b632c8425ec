import { describe, expect, it } from 'vitest';
import type { GpuAdapter } from '../../../../src/core/backend';
import { type ParityReport, parityLimit } from '../../../../src/core/parity/report';
import { runtimeVersion } from '../../../../src/core/runtimeVersion';
import { ParityStore } from '../../../../src/extension/parity/parityStore';
import { adapter, memory, report } from './fakes';

const other: GpuAdapter = { ...adapter, description: 'Other' };

describe('ParityStore', () => {
	it('gives what it was given, also to the next window', async () => {
		const kept = memory();
		const full: ParityReport = {
			...report(false),
			largestDifference: null,
			firstDiffering: { layer: 'a.b', operator: 'Conv', difference: null, inputDifference: 0 },
		};
		await new ParityStore(kept).keep('net', full);
		expect(new ParityStore(kept).find('net')).toEqual(full);
		expect(new ParityStore(kept).find('net', adapter)).toEqual(full);
	});

	it('has nothing of another model, another adapter or another onnxruntime', async () => {
		const store = new ParityStore(memory());
		await store.keep('net', report(true));
		await store.keep('old', { ...report(true), runtime: '1.0.0' });
		expect(store.find('net#2')).toBeUndefined();
		expect(store.find('net', other)).toBeUndefined();
		expect(store.find('old')).toBeUndefined();
	});

	it('keeps one report an adapter, the newest; an unknown adapter gets the newest of all', async () => {
		const kept = memory();
		const store = new ParityStore(kept);
		await store.keep('net', report(true));
		await store.keep('net', { ...report(false), adapter: other });
		expect(store.find('net')?.agrees).toBe(false);
		expect(store.find('net', adapter)?.agrees).toBe(true);
		await store.keep('net', { ...report(false), comparedAt: 2 });
		expect(store.find('net', adapter)).toMatchObject({ agrees: false, comparedAt: 2 });
		expect(kept.values.get('deeplab.parity')).toHaveLength(2);
	});

	it('takes the place of a report that is out of date', async () => {
		const kept = memory();
		const store = new ParityStore(kept);
		await store.keep('net', { ...report(true), runtime: '1.0.0' });
		await store.keep('net', report(true));
		expect(store.find('net')?.runtime).toBe(runtimeVersion);
		expect(kept.values.get('deeplab.parity')).toHaveLength(1);
	});

	it('forgets the oldest beyond a limit', async () => {
		const store = new ParityStore(memory());
		for (let index = 0; index <= 200; index++) {
			await store.keep(`net${index}`, report(true));
		}
		expect(store.find('net0')).toBeUndefined();
		expect(store.find('net1')).toBeDefined();
	});

	it.each([
		['nothing', undefined],
		['no list', {}],
		[
			'damaged entries',
			[
				null,
				'x',
				{ modelKey: 'net' },
				{ modelKey: 'net', report: { ...report(true), agrees: 'yes' } },
				{ modelKey: 'net', report: { ...report(true), adapter: {} } },
				{ modelKey: 'net', report: { ...report(true), limit: parityLimit.difference } },
				{ modelKey: 'net', report: { ...report(true), firstDiffering: { layer: 1 } } },
			],
		],
	])('a memory with %s has no reports', (_, stored) => {
		expect(new ParityStore(memory(stored)).find('net')).toBeUndefined();
	});
});
