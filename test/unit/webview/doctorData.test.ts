import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DoctorProgress, DoctorTile } from '../../../src/shared/protocol/doctor';
import {
	figuresOf,
	labelUnder,
	sortNote,
	stepOf,
	stepped,
	suggested,
	tileFigures,
} from '../../../src/webview/doctor/doctorData';

const tile = (id: string, computed = true, pixels?: number): DoctorTile => ({
	id,
	choice: { channelOrder: 'RGB', normalization: 'unit', resize: 'fit', alignCorners: true },
	confidence: computed ? { probability: 0.93214, entropy: 0.12345 } : undefined,
	agreement: pixels === undefined ? undefined : { pixels, meanIoU: 0.5 },
});
const progress = (tiles: readonly DoctorTile[], more: Partial<DoctorProgress> = {}): DoctorProgress => ({
	tiles,
	current: 'own',
	running: false,
	failure: undefined,
	truth: undefined,
	since: 0,
	...more,
});

describe('figures', () => {
	it('are what the terminal prints', () => {
		expect(figuresOf(tile('a', true, 0.5)).map(({ value }) => value)).toEqual([
			'50.00 %',
			'50.00 %',
			'93.21 %',
			'0.123',
		]);
		expect(figuresOf(tile('a')).map(({ name }) => name)).toEqual(['Winning probability', 'Entropy']);
		expect(figuresOf(tile('a', false))).toEqual([]);
	});

	it('have a dash where every pixel of the ground truth is ignored', () => {
		expect(tileFigures(tile('a', true, Number.NaN))).toEqual(['– agree', '93.21 % sure']);
	});
});

describe('the note', () => {
	it('says by what is sorted, and what one picture shows', () => {
		expect(sortNote(progress([tile('a')]))).toMatch(/no proof.*gross mistakes/);
		expect(sortNote(progress([tile('a', true, 1)], { truth: 'm.png' }))).toMatch(
			/agree with m\.png\. .*gross mistakes/,
		);
		expect(sortNote(progress([tile('a')], { running: true }))).not.toMatch(/Sorted/);
		expect(sortNote(progress([tile('a', false)]))).not.toMatch(/Sorted/);
	});
});

it('the best is suggested once they are sorted, until then the current one', () => {
	expect(suggested(progress([tile('best'), tile('own')]))).toBe('best');
	expect(suggested(progress([tile('first'), tile('own')], { running: true }))).toBe('own');
	expect(suggested(progress([tile('none', false)]))).toBe('own');
});

describe('steps in the grid', () => {
	it('stay within it', () => {
		const steps = fc.constantFrom(
			...['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'].map((key) => stepOf(key)!),
		);
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 40 }),
				fc.integer({ min: 1, max: 9 }),
				fc.array(steps),
				(count, columns, all) => {
					const end = all.reduce((index, step) => stepped(index, step, columns, count), 0);
					return end >= 0 && end < count;
				},
			),
		);
	});

	it('go a row up and down, and not past the last', () => {
		expect(stepped(1, 'down', 5, 32)).toBe(6);
		expect(stepped(6, 'up', 5, 32)).toBe(1);
		expect(stepped(1, 'up', 5, 32)).toBe(1);
		expect(stepped(30, 'down', 5, 32)).toBe(30);
		expect(stepOf('a')).toBeUndefined();
	});
});

it('the label under a point is that of the drawn picture, and none beside it', () => {
	const mask = { width: 4, height: 2, labels: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7) };
	// Drawn at 80 x 40, with room below; then with room at the right.
	expect(labelUnder(mask, { width: 80, height: 100 }, { x: 79, y: 39 })).toBe(7);
	expect(labelUnder(mask, { width: 80, height: 100 }, { x: 79, y: 41 })).toBeUndefined();
	expect(labelUnder(mask, { width: 200, height: 40 }, { x: 21, y: 0 })).toBe(1);
	expect(labelUnder(mask, { width: 200, height: 40 }, { x: 81, y: 0 })).toBeUndefined();
	expect(labelUnder(mask, { width: 80, height: 40 }, { x: -1, y: 0 })).toBeUndefined();
});
