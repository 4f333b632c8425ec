import { describe, expect, it } from 'vitest';
import { collectionNames } from '../../../../../src/core/checkpoint/pickle/names';
import { PickleError, type PickleWorld, unpickle } from '../../../../../src/core/checkpoint/pickle/unpickle';
import { PyGlobal, PyList, type PyValue } from '../../../../../src/core/checkpoint/pickle/values';
import { global, op, pickled, text, tuple } from '../pickles';

const binGet = [0x68, 0];
const binPut = [0x71, 0];
const pop = [0x30];
const size = 100_000;
const times = 1000;

/** Counts the calls that were made. */
function counting(): { world: PickleWorld; calls: () => number } {
	let calls = 0;
	const world: PickleWorld = {
		global: (module, name) => {
			const known = collectionNames.get(`${module}.${name}`)!;
			return new PyGlobal(known.name, (args) => {
				calls++;
				return known.call!(args);
			});
		},
		persistent: () => null,
	};
	return { world, calls: () => calls };
}

/** A value that is remembered, and something done with it again and again. */
const again = (value: readonly number[], each: readonly number[]) =>
	pickled(value, binPut, Array.from({ length: times }, () => each).flat());

const longText = text('a'.repeat(size));
const longBytes = [0x42, size & 255, (size >> 8) & 255, size >> 16, 0, ...new Array<number>(size).fill(97)];
const longList = [...op.emptyList, ...op.mark, ...new Array<number>(size).fill(op.none[0]), ...op.appends];

describe('values from the memo', () => {
	it.each([
		['encoded', longText, [...global('_codecs', 'encode'), ...tuple(binGet, text('latin1')), ...op.reduce, ...pop]],
		['listed', longList, [...global('builtins', 'list'), ...tuple(binGet), ...op.reduce, ...pop]],
		[
			'keys of pairs',
			longBytes,
			[...global('builtins', 'dict'), ...tuple(tuple(tuple(binGet, op.none))), ...op.reduce, ...pop],
		],
	])('cannot be copied without end: %s', (_, value, each) => {
		const bytes = again(value, each);
		const { world, calls } = counting();
		expect(() => unpickle(bytes, 0, world)).toThrow(PickleError);
		expect(() => unpickle(bytes, 0, counting().world)).toThrow('more memory than the file can mean');
		expect(calls()).toBeGreaterThan(0);
		expect(calls() * size).toBeLessThanOrEqual(4 * bytes.length + 2 ** 24);
	});

	it('cannot be keys of a dict without end', () => {
		const bytes = again(longBytes, [...op.emptyDict, ...op.mark, ...binGet, ...op.none, ...op.setItems, ...pop]);
		expect(() => unpickle(bytes, 0, counting().world)).toThrow('more memory than the file can mean');
	});

	it('cannot be a state or a reference without end', () => {
		const object: PyValue = { kind: 'object', setState: () => undefined };
		const world = { ...counting().world, global: () => new PyGlobal('object', () => object) };
		const made = [...global('a', 'b'), ...op.emptyTuple, ...op.reduce];
		const states = again(longBytes, [...made, ...binGet, ...op.build, ...pop]);
		expect(() => unpickle(states, 0, world)).toThrow('more memory than the file can mean');
		const references = again(longBytes, [...tuple(binGet), ...op.persistentId, ...pop]);
		expect(() => unpickle(references, 0, world)).toThrow('more memory than the file can mean');
	});

	it('are read where a file says them as often as files do', () => {
		const each = [...global('_codecs', 'encode'), ...tuple(text('b'.repeat(1000)), text('latin1')), ...op.reduce];
		const parts = Array.from({ length: 2000 }, () => each).flat();
		const { value } = unpickle(pickled(op.emptyList, op.mark, parts, op.appends), 0, counting().world);
		expect(value instanceof PyList && value.items.length).toBe(2000);
	});
});
