import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { objectCells } from '../../../../src/core/aspp/objectCells';
import type { FeatureMap } from '../../../../src/core/run';

/** Logits of a grid whose winners are drawn: a digit is a label. */
function grid(...rows: readonly string[]): FeatureMap {
	const width = rows[0]!.length;
	const labels = [...rows.join('')].map(Number);
	const channels = 3;
	const data = new Float32Array(channels * labels.length);
	for (const [cell, label] of labels.entries()) {
		data[label * labels.length + cell] = 1;
	}
	return { channels, height: rows.length, width, data };
}

const drawn = (mask: Uint8Array | undefined, width: number) =>
	mask && Array.from({ length: mask.length / width }, (_, row) => mask.slice(row * width, (row + 1) * width).join(''));

describe('objectCells', () => {
	const map = grid('1100', '0101', '2011', '1010');

	test('of a cell is what hangs together with it over edges', () => {
		expect(drawn(objectCells(map, 1, 0), 4)).toEqual(['1100', '0100', '0000', '0000']);
		expect(drawn(objectCells(map, 1, 11), 4)).toEqual(['0000', '0001', '0011', '0010']);
		expect(drawn(objectCells(map, 1, 12), 4)).toEqual(['0000', '0000', '0000', '1000']);
	});

	test('without a cell, or at a cell of another class, is every cell of the class', () => {
		const all = ['1100', '0101', '0011', '1010'];
		expect(drawn(objectCells(map, 1), 4)).toEqual(all);
		expect(drawn(objectCells(map, 1, 2), 4)).toEqual(all);
	});

	test('of a class that wins nowhere is nothing', () => {
		expect(objectCells(grid('11', '00'), 2, 0)).toBeUndefined();
	});

	test('of equal logits the lowest label has the cell', () => {
		const flat = { channels: 3, height: 1, width: 2, data: new Float32Array(6) };
		expect(drawn(objectCells(flat, 0), 2)).toEqual(['11']);
		expect(objectCells(flat, 1)).toBeUndefined();
	});

	test('the objects of a class share no cell and cover it', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 35, maxLength: 35 }), (labels) => {
				const rows = Array.from({ length: 5 }, (_, row) => labels.slice(row * 7, row * 7 + 7).join(''));
				const logits = grid(...rows);
				const all = objectCells(logits, 1);
				const covered = new Uint8Array(35);
				for (let cell = 0; cell < 35; cell++) {
					if (labels[cell] === 1 && covered[cell] === 0) {
						objectCells(logits, 1, cell)!.forEach((inside, at) => {
							covered[at]! += inside;
						});
					}
				}
				expect([...covered]).toEqual([...(all ?? new Uint8Array(35))]);
			}),
		);
	});
});
