import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSettings } from '../../../src/extension/settingValues';

const check = (values: Record<string, unknown>, hardwareThreads = 8) =>
	checkSettings((name) => values[name], hardwareThreads);

describe('checkSettings', () => {
	test('nothing set: the defaults, without a word', () => {
		expect(check({})).toEqual({
			settings: {
				model: '',
				longestSide: undefined,
				threads: 4,
				backend: 'auto',
				maskOpacity: 0.6,
				idleMilliseconds: 120_000,
			},
			warnings: [],
		});
	});

	test('automatic threads are as many as there are, at most 4', () => {
		expect([1, 2, 4, 64].map((hardware) => check({ threads: 0 }, hardware).settings.threads)).toEqual([1, 2, 4, 4]);
	});

	test('several scales are off, or by one of the rules; anything else is told', () => {
		expect(check({ multiScale: 'off' })).toMatchObject({ settings: { multiScale: undefined }, warnings: [] });
		expect(check({ multiScale: 'kazuto' })).toMatchObject({ settings: { multiScale: 'kazuto' }, warnings: [] });
		const { settings, warnings } = check({ multiScale: 'both' });
		expect(settings.multiScale).toBeUndefined();
		expect(warnings).toEqual([expect.stringContaining('deeplab.multiScale')]);
	});

	test('the backend is one of three; anything else is told, and automatic', () => {
		expect(check({ backend: 'wasm' })).toMatchObject({ settings: { backend: 'wasm' }, warnings: [] });
		expect(check({ backend: 'webgpu' })).toMatchObject({ settings: { backend: 'webgpu' }, warnings: [] });
		const { settings, warnings } = check({ backend: 'cuda' });
		expect(settings.backend).toBe('auto');
		expect(warnings).toEqual([expect.stringContaining('deeplab.backend')]);
	});

	test('values inside the bounds are taken as they are', () => {
		const { settings, warnings } = check({
			model: ' nets/a.onnx ',
			longestSide: 321,
			threads: 6,
			maskOpacity: 0,
			idleSeconds: 0,
		});
		expect(settings).toEqual({
			model: 'nets/a.onnx',
			longestSide: 321,
			threads: 6,
			backend: 'auto',
			maskOpacity: 0,
			idleMilliseconds: 0,
		});
		expect(warnings).toEqual([]);
	});

	test.each([
		['longestSide', 10, 'longestSide', 65],
		['longestSide', 99_999, 'longestSide', 2049],
		['threads', 500, 'threads', 8],
		['threads', -1, 'threads', 4],
		['maskOpacity', 1.5, 'maskOpacity', 1],
		['idleSeconds', -5, 'idleMilliseconds', 0],
	] as const)('%s of %d is brought into its bounds and told', (name, value, key, used) => {
		const { settings, warnings } = check({ [name]: value });
		expect(settings[key]).toBe(used);
		expect(warnings).toHaveLength(1);
		expect(warnings[0]).toContain(`deeplab.${name}`);
		expect(warnings[0]).toContain(String(value));
	});

	test('whatever a file holds, the settings can be used, and what was changed is told', () => {
		fc.assert(
			fc.property(
				fc.record({
					model: fc.anything(),
					longestSide: fc.anything(),
					multiScale: fc.anything(),
					threads: fc.anything(),
					maskOpacity: fc.anything(),
					idleSeconds: fc.anything(),
				}),
				fc.integer({ min: 1, max: 256 }),
				(values, hardware) => {
					const { settings } = check(values, hardware);
					expect(typeof settings.model).toBe('string');
					expect(settings.threads).toBeGreaterThanOrEqual(1);
					expect(settings.threads).toBeLessThanOrEqual(hardware);
					expect(settings.maskOpacity >= 0 && settings.maskOpacity <= 1).toBe(true);
					expect(settings.idleMilliseconds >= 0 && Number.isFinite(settings.idleMilliseconds)).toBe(true);
					const { longestSide } = settings;
					expect(longestSide === undefined || (longestSide >= 65 && longestSide <= 2049)).toBe(true);
				},
			),
		);
	});
});
