import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectiveField, type WeightedCell } from '../../../../src/core/aspp/effectiveField';
import type { Geometry } from '../../../../src/core/run';

/** A picture at `scale` times the size that it has in the input; cells 8 input pixels apart. */
function geometry(columns: number, rows: number, scale = 1, padding = 0): Geometry {
	const [inputWidth, inputHeight] = [columns * 8 + 1, rows * 8 + 1];
	const [resizedWidth, resizedHeight] = [inputWidth - padding, inputHeight - padding];
	return {
		pictureWidth: resizedWidth * scale,
		pictureHeight: resizedHeight * scale,
		resizedWidth,
		resizedHeight,
		inputWidth,
		inputHeight,
		gridWidth: columns + 1,
		gridHeight: rows + 1,
		alignCorners: true,
	};
}

/** A gradient of three channels with given values over the input. */
function gradientOf({ inputWidth, inputHeight }: Geometry, value: (x: number, y: number, channel: number) => number) {
	const data = new Float32Array(3 * inputWidth * inputHeight);
	for (let channel = 0, at = 0; channel < 3; channel++) {
		for (let y = 0; y < inputHeight; y++) {
			for (let x = 0; x < inputWidth; x++) {
				data[at++] = value(x, y, channel);
			}
		}
	}
	return { channels: 3, height: inputHeight, width: inputWidth, data };
}

const cell = (row: number, column: number): WeightedCell[] => [{ row, column, weight: 1 }];

describe('effectiveField', () => {
	it('of a uniform disc holds half within R/√2 and nine tenths within R√0.9, whatever the picture’s scale', () => {
		fc.assert(
			fc.property(fc.double({ min: 3, max: 60, noNaN: true }), fc.constantFrom(1, 2, 3.5), (radius, scale) => {
				const g = geometry(16, 16, scale);
				// The middle of cell 8 is the middle of input pixel 64.
				const field = effectiveField(
					gradientOf(g, (x, y) => (Math.hypot(x - 64, y - 64) <= radius ? 1 : 0)),
					g,
					cell(8, 8),
				);
				expect([field.x, field.y]).toEqual([64.5 * scale, 64.5 * scale]);
				// The disc is made of whole pixels: its own radius is uncertain by a part of one.
				expect(Math.abs(field.radius50 - radius * Math.SQRT1_2 * scale)).toBeLessThan(0.4 * scale);
				expect(Math.abs(field.radius90 - radius * Math.sqrt(0.9) * scale)).toBeLessThan(0.5 * scale);
			}),
			{ numRuns: 40 },
		);
	});

	it('of a single pixel has its distance for a radius', () => {
		fc.assert(
			fc.property(fc.nat(128), fc.nat(96), fc.nat(16), fc.nat(12), (px, py, column, row) => {
				const g = geometry(16, 12);
				const field = effectiveField(
					gradientOf(g, (x, y) => (x === px && y === py ? -2 : 0)),
					g,
					cell(row, column),
				);
				const distance = Math.hypot(px - column * 8, py - row * 8);
				expect(Math.abs(field.radius50 - distance)).toBeLessThan(0.5);
				expect(Math.abs(field.radius90 - distance)).toBeLessThan(0.8);
				expect(field.largest).toBe(6);
				expect(field.values[py * field.width + px]).toBe(255);
				expect(field.values.reduce((sum, value) => sum + value, 0)).toBe(255);
			}),
			{ numRuns: 40 },
		);
	});

	it('moves with the gradient: the same field about another cell has the same radii', () => {
		fc.assert(
			fc.property(
				fc.array(fc.nat(30), { minLength: 3, maxLength: 40 }),
				fc.nat(8),
				fc.nat(8),
				(points, down, right) => {
					const g = geometry(20, 20);
					const at = (row: number, column: number) =>
						effectiveField(
							gradientOf(g, (x, y, channel) => {
								const [i, j] = [x - column * 8 + 15, y - row * 8 + 15];
								return i >= 0 && j >= 0 && i <= 30 && j <= 30 && points[(i + 3 * j) % points.length] === i
									? channel - 1
									: 0;
							}),
							g,
							cell(row, column),
						);
					const one = at(4, 4);
					const other = at(4 + down, 4 + right);
					expect(other.x - one.x).toBe(right * 8);
					expect(other.y - one.y).toBe(down * 8);
					expect(other.radius50).toBeCloseTo(one.radius50, 6);
					expect(other.radius90).toBeCloseTo(one.radius90, 6);
					expect(other.largest).toBe(one.largest);
				},
			),
			{ numRuns: 20 },
		);
	});

	it('has a larger radius for a larger share, and no larger one than the picture’s diagonal', () => {
		fc.assert(
			fc.property(fc.array(fc.double({ noNaN: true, min: -9, max: 9 }), { minLength: 1, maxLength: 50 }), (values) => {
				const g = geometry(4, 3, 1.5, 5);
				const gradient = gradientOf(g, (x, y, channel) => values[(x + 7 * y + channel) % values.length]!);
				const field = effectiveField(gradient, g, cell(1, 2));
				expect(field.radius90).toBeGreaterThanOrEqual(field.radius50);
				expect(field.radius90).toBeLessThanOrEqual(Math.hypot(g.pictureWidth, g.pictureHeight));
				expect([field.width, field.height]).toEqual([28, 20]);
				const most = field.values.reduce((sum, value) => Math.max(sum, value), 0);
				expect(most).toBe(field.largest > 0 ? 255 : 0);
			}),
		);
	});

	it('ignores the padding', () => {
		const g = geometry(4, 4, 1, 3);
		const inside = (x: number, y: number) => x < g.resizedWidth && y < g.resizedHeight;
		const field = effectiveField(
			gradientOf(g, (x, y) => (inside(x, y) ? 1 : 1000)),
			g,
			cell(2, 2),
		);
		expect(field.largest).toBe(3);
		expect(new Set(field.values)).toEqual(new Set([255]));
	});

	it('lies about the centroid of an object’s cells', () => {
		const g = geometry(4, 4);
		const cells = [
			{ row: 0, column: 1, weight: 0.5 },
			{ row: 1, column: 3, weight: 0.5 },
		];
		expect(
			effectiveField(
				gradientOf(g, () => 1),
				g,
				cells,
			),
		).toMatchObject({ x: 16.5, y: 4.5 });
	});

	it('of nothing is nothing', () => {
		const g = geometry(2, 2);
		const field = effectiveField(
			gradientOf(g, () => 0),
			g,
			cell(1, 1),
		);
		expect(field).toMatchObject({ largest: 0, radius50: 0, radius90: 0 });
		expect(new Set(field.values)).toEqual(new Set([0]));
	});
});
