/** The web's stand-in for `node:assert/strict` says what Node's says: else the suite would pass there without a reason. */
import node from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import web from '../../integration/web/assert';

function holds(check: () => unknown): boolean {
	try {
		check();
		return true;
	} catch {
		return false;
	}
}

const pairs: readonly (readonly [unknown, unknown])[] = [
	[Number.NaN, Number.NaN],
	[0, -0],
	[{ a: undefined }, {}],
	[
		{ a: 1, b: [1, 2] },
		{ b: [1, 2], a: 1 },
	],
	[[1, 2], { 0: 1, 1: 2 }],
	[new Map([[1, { a: 1 }]]), new Map([[1, { a: 1 }]])],
	[new Map([[1, 2]]), new Map([[1, 3]])],
	[new Set([1, 2]), new Set([2, 1])],
	[Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
	[Uint8Array.of(1, 2), Uint8Array.of(1, 3)],
	[Uint8Array.of(1), Int8Array.of(1)],
	[Uint8Array.of(1), [1]],
	[Float32Array.of(0), Float32Array.of(-0)],
	[new Date(1), new Date(2)],
	[null, undefined],
	[null, {}],
	['1', 1],
];

describe('the web’s assert', () => {
	it.each(pairs)('judges %o and %o as Node does', (one, other) => {
		for (const check of ['equal', 'notEqual', 'deepEqual', 'notDeepEqual'] as const) {
			expect(holds(() => web[check](one, other))).toBe(holds(() => node[check](one, other)));
		}
	});

	it('judges any two values as Node does', () => {
		const value = fc.jsonValue({ maxDepth: 3 });
		fc.assert(
			fc.property(value, value, (one, other) => {
				for (const [a, b] of [
					[one, other],
					[one, structuredClone(one)],
				]) {
					expect(holds(() => web.deepEqual(a, b))).toBe(holds(() => node.deepEqual(a, b)));
				}
			}),
		);
	});

	it('fails where a truth, a match or a rejection is missing', async () => {
		expect(holds(() => web.ok(''))).toBe(false);
		expect(holds(() => web(0))).toBe(false);
		expect(holds(() => web.ok('a'))).toBe(true);
		expect(holds(() => web.fail('why'))).toBe(false);
		expect(holds(() => web.match('cat', /dog/))).toBe(false);
		expect(holds(() => web.doesNotMatch('cat', /cat/))).toBe(false);
		await expect(web.rejects(Promise.resolve())).rejects.toThrow('nothing was rejected');
		await expect(web.rejects(Promise.reject(new Error('no')))).resolves.toBeUndefined();
		await expect(web.rejects(Promise.reject(new Error('no')), /no/)).resolves.toBeUndefined();
		await expect(web.rejects(Promise.reject(new Error('no')), /yes/)).rejects.toThrow('does not match');
	});
});
