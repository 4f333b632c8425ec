import { describe, expect, test } from 'vitest';
import { crfPresets, defaultCrfParameters } from '../../../../src/core/crf/parameters';
import { CrfPresets } from '../../../../src/extension/crf/crfPresets';

function storage(initial?: unknown) {
	const values = new Map<string, unknown>([['deeplab.crfPresets', initial]]);
	return {
		get: <T>(key: string, fallback?: T) => (values.get(key) ?? fallback) as T,
		update: async (key: string, value: unknown) => void values.set(key, value),
	};
}
const parameters = { ...defaultCrfParameters, iterations: 7 };

describe('CrfPresets', () => {
	test('lists those that ship, then the user’s own', async () => {
		const presets = new CrfPresets(storage());
		await presets.save(' Mine ', parameters);
		const list = presets.list();
		expect(list.map(({ own }) => own)).toEqual([...crfPresets.map(() => false), true]);
		expect(list.at(-1)).toEqual({ id: 'own:Mine', name: 'Mine', parameters, own: true });
	});

	test('one saved again under its name is replaced in its place; those that ship cannot be removed', async () => {
		const presets = new CrfPresets(storage());
		await presets.save('A', parameters);
		await presets.save('B', parameters);
		await presets.save('A', defaultCrfParameters);
		const own = () => presets.list().filter((preset) => preset.own);
		expect(own().map(({ name }) => name)).toEqual(['A', 'B']);
		expect(own()[0]!.parameters).toEqual(defaultCrfParameters);
		await presets.remove('own:A');
		await presets.remove('deeplabv2');
		expect(presets.list().map(({ id }) => id)).toEqual([...crfPresets.map(({ id }) => id), 'own:B']);
		expect(presets.isTaken('deeplabV2 RELEASE ')).toBe(true);
		expect(presets.isTaken('B')).toBe(false);
	});

	test.each([
		['nothing', undefined],
		['no list', { name: 'x' }],
		[
			'damaged entries',
			[null, 'x', { name: '' }, { name: 'x', parameters: null }, { name: 'y', parameters: { iterations: 3 } }],
		],
	])('a storage with %s is none of the user’s', (_, stored) => {
		expect(new CrfPresets(storage(stored)).list()).toHaveLength(crfPresets.length);
	});
});
