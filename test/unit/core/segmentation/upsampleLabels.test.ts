import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureMap, Geometry } from '../../../../src/core/run';
import { upsampleLabels } from '../../../../src/core/segmentation/upsampleLabels';

/** Sizes as `prepareInput` makes them, and others that only the types allow. */
const geometries = fc
	.record({
		pictureWidth: fc.integer({ min: 1, max: 70 }),
		pictureHeight: fc.integer({ min: 1, max: 70 }),
		resizedWidth: fc.integer({ min: 1, max: 50 }),
		resizedHeight: fc.integer({ min: 1, max: 50 }),
		paddingRight: fc.integer({ min: 0, max: 8 }),
		paddingBelow: fc.integer({ min: 0, max: 8 }),
		gridWidth: fc.integer({ min: 1, max: 9 }),
		gridHeight: fc.integer({ min: 1, max: 9 }),
		alignCorners: fc.boolean(),
		resize: fc.boolean(),
	})
	.map(({ paddingRight, paddingBelow, resize, ...sizes }): Geometry => {
		const resizedWidth = resize ? sizes.resizedWidth : sizes.pictureWidth;
		const resizedHeight = resize ? sizes.resizedHeight : sizes.pictureHeight;
		return {
			...sizes,
			resizedWidth,
			resizedHeight,
			inputWidth: resizedWidth + paddingRight,
			inputHeight: resizedHeight + paddingBelow,
		};
	});

const cases = geometries.chain((geometry) =>
	fc.record({
		geometry: fc.constant(geometry),
		channels: fc.integer({ min: 1, max: 6 }),
		// Few distinct values make ties and cells with several candidates common.
		values: fc.oneof(
			fc.infiniteStream(fc.integer({ min: -3, max: 3 })),
			fc.infiniteStream(fc.float({ min: -40, max: 40, noNaN: true })),
		),
	}),
);

function mapFrom(channels: number, geometry: Geometry, values: Iterator<number>): FeatureMap {
	const { gridWidth: width, gridHeight: height } = geometry;
	const data = Float32Array.from({ length: channels * height * width }, () => values.next().value as number);
	return { channels, height, width, data };
}

/** Bilinear interpolation as hat functions over the whole grid: no cells, no candidates, no shared code. */
function denseLogits(logits: FeatureMap, geometry: Geometry, x: number, y: number): number[] {
	const axis = (
		pixel: number,
		[picture, resized, input, grid]: readonly [number, number, number, number],
	): number[] => {
		const inInput = Math.min(Math.max(((pixel + 0.5) * resized) / picture - 0.5, 0), resized - 1);
		let position = geometry.alignCorners
			? inInput * (input === 1 ? 0 : (grid - 1) / (input - 1))
			: (inInput + 0.5) * (grid / input) - 0.5;
		position = Math.min(Math.max(position, 0), grid - 1);
		return Array.from({ length: grid }, (_, cell) => Math.max(0, 1 - Math.abs(position - cell)));
	};
	const g = geometry;
	const columns = axis(x, [g.pictureWidth, g.resizedWidth, g.inputWidth, g.gridWidth]);
	const rows = axis(y, [g.pictureHeight, g.resizedHeight, g.inputHeight, g.gridHeight]);
	return Array.from({ length: logits.channels }, (_, c) => {
		let sum = 0;
		for (const [r, rowWeight] of rows.entries()) {
			for (const [k, columnWeight] of columns.entries()) {
				sum += rowWeight * columnWeight * logits.data[(c * logits.height + r) * logits.width + k]!;
			}
		}
		return sum;
	});
}

describe('upsampleLabels', () => {
	it('gives every pixel the class that dense interpolation gives it', () => {
		fc.assert(
			fc.property(cases, ({ geometry, channels, values }) => {
				const logits = mapFrom(channels, geometry, values[Symbol.iterator]());
				const labels = upsampleLabels(logits, geometry);
				expect(labels.length).toBe(geometry.pictureWidth * geometry.pictureHeight);
				for (let y = 0; y < geometry.pictureHeight; y++) {
					for (let x = 0; x < geometry.pictureWidth; x++) {
						const dense = denseLogits(logits, geometry, x, y);
						const label = labels[y * geometry.pictureWidth + x]!;
						// Classes that differ by rounding alone may come out either way.
						expect(dense[label]!).toBeGreaterThan(Math.max(...dense) - 1e-6);
					}
				}
			}),
			{ numRuns: 150 },
		);
	});

	it('gives the lowest label where logits are equal', () => {
		const geometry = sameSize(5, 5, 5, 5);
		const data = new Float32Array(4 * 25);
		data.fill(-1, 0, 25);
		data.fill(2, 25, 100);
		expect(new Set(upsampleLabels({ channels: 4, height: 5, width: 5, data }, geometry))).toEqual(new Set([1]));
	});

	it('crops the padding away', () => {
		// Class 1 wins in the padded right half only.
		const geometry = { ...sameSize(8, 9, 3, 2), inputWidth: 17, alignCorners: true };
		const data = Float32Array.from([1, 1, 0, 1, 1, 0, 0, 0, 9, 0, 0, 9]);
		const labels = upsampleLabels({ channels: 2, height: 2, width: 3, data }, geometry);
		expect(labels.length).toBe(8 * 9);
		expect(new Set(labels)).toEqual(new Set([0]));
	});

	it('does not fail on logits that are not numbers', () => {
		const geometry = sameSize(9, 9, 2, 2);
		const data = new Float32Array(8).fill(Number.NaN);
		expect(upsampleLabels({ channels: 2, height: 2, width: 2, data }, geometry).length).toBe(81);
	});

	it('takes a small part of the network’s time', () => {
		const geometry = sameSize(513, 513, 65, 65);
		let seed = 1;
		const random = () => {
			seed = (seed * 16807) % 2147483647;
			return seed / 2147483647;
		};
		// Worse than any real map: every cell is a border between many classes.
		const data = Float32Array.from({ length: 21 * 65 * 65 }, random);
		const start = performance.now();
		upsampleLabels({ channels: 21, height: 65, width: 65, data }, geometry);
		expect(performance.now() - start).toBeLessThan(500);
	});
});

function sameSize(width: number, height: number, gridWidth: number, gridHeight: number): Geometry {
	return {
		pictureWidth: width,
		pictureHeight: height,
		resizedWidth: width,
		resizedHeight: height,
		inputWidth: width,
		inputHeight: height,
		gridWidth,
		gridHeight,
		alignCorners: true,
	};
}
