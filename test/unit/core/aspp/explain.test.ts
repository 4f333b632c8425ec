import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { branchLogits, sumBranches } from '../../../../src/core/aspp/branches';
import { dominantBranches, noBranch } from '../../../../src/core/aspp/dominance';
import {
	bestLabel,
	decidingBranch,
	explainCell,
	explainPixel,
	logitsOfCell,
	runnerUpAt,
} from '../../../../src/core/aspp/explain';
import type { ClassExplanation, TapMaps } from '../../../../src/core/aspp/types';
import type { Geometry } from '../../../../src/core/run';
import { logitsAt } from '../../../../src/core/segmentation/probabilities';
import { upsampleLabels } from '../../../../src/core/segmentation/upsampleLabels';
import { Noise } from './noise';

function randomTaps(noise: Noise, branches: number, classes: number, height: number, width: number): TapMaps {
	return {
		trainedRates: Array.from({ length: branches }, (_, index) => 2 * index + 1),
		classes,
		height,
		width,
		taps: noise.floats(branches * 9 * classes * height * width),
		bias: noise.floats(branches * classes),
	};
}

function geometryOf(gridHeight: number, gridWidth: number, scale: number, alignCorners: boolean): Geometry {
	const [inputHeight, inputWidth] = [8 * gridHeight - 7, 8 * gridWidth - 7];
	const [resizedHeight, resizedWidth] = [Math.max(1, inputHeight - 3), Math.max(1, inputWidth - 5)];
	return {
		pictureWidth: Math.max(1, Math.round(resizedWidth * scale)),
		pictureHeight: Math.max(1, Math.round(resizedHeight * scale)),
		resizedWidth,
		resizedHeight,
		inputWidth,
		inputHeight,
		gridWidth,
		gridHeight,
		alignCorners,
	};
}

const scene = fc.record({
	seed: fc.integer(),
	branches: fc.integer({ min: 1, max: 7 }),
	classes: fc.integer({ min: 1, max: 4 }),
	height: fc.integer({ min: 1, max: 6 }),
	width: fc.integer({ min: 1, max: 6 }),
	scale: fc.constantFrom(0.6, 1, 2.3),
	alignCorners: fc.boolean(),
	rates: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 7, maxLength: 7 }),
});

describe('shares', () => {
	it('from tap maps and from branch maps add up to the logit that is read out, whatever is on', () => {
		fc.assert(
			fc.property(scene, ({ seed, branches, classes, height, width, scale, alignCorners, rates: all }) => {
				const noise = new Noise(seed);
				const taps = randomTaps(noise, branches, classes, height, width);
				const geometry = geometryOf(height, width, scale, alignCorners);
				const rates = all.slice(0, branches);
				const maps = rates.map((rate, branch) => branchLogits(taps, branch, rate));
				const on = rates.map(() => noise.next() > 0);
				const logits = sumBranches(maps, on);
				const label = noise.integer(classes);
				const x = noise.integer(geometry.pictureWidth);
				const y = noise.integer(geometry.pictureHeight);
				const [row, column] = [noise.integer(height), noise.integer(width)];
				const sources = [
					{ kind: 'taps', taps, rates },
					{ kind: 'maps', maps, rates },
				] as const;
				const explained = sources.map((source) => ({
					pixel: explainPixel(source, geometry, { x, y, label, on }),
					cell: explainCell(source, { row, column, label, on }),
				}));
				for (const { pixel, cell } of explained) {
					expect(pixel.logit).toBeCloseTo(logitsAt(logits, geometry, x, y)[label]!, 4);
					expect(cell.logit).toBeCloseTo(logitsOfCell(logits, row, column)[label]!, 4);
				}
				for (const [index, { share }] of explained[0]!.pixel.branches.entries()) {
					expect(share).toBeCloseTo(explained[1]!.pixel.branches[index]!.share, 4);
				}
				expect(explained[1]!.pixel.branches.every((branch) => branch.taps === undefined)).toBe(true);
			}),
			{ numRuns: 200 },
		);
	});

	it('a tap in the padding has none', () => {
		const taps = randomTaps(new Noise(1), 1, 2, 3, 3);
		const { branches } = explainCell({ kind: 'taps', taps, rates: [2] }, { row: 0, column: 0, label: 1, on: [true] });
		expect(branches[0]!.taps!.map((tap) => tap === 0)).toEqual([
			true,
			true,
			true,
			true,
			false,
			false,
			true,
			false,
			false,
		]);
	});
});

describe('the other class', () => {
	const logits = { channels: 3, height: 1, width: 1, data: Float32Array.of(1, 3, 2) };
	const geometry = geometryOf(1, 1, 1, true);

	it('is the best but the chosen one', () => {
		expect(runnerUpAt(logits, geometry, { x: 0, y: 0, label: 1 })).toBe(2);
		expect(runnerUpAt(logits, geometry, { x: 0, y: 0, label: 0 })).toBe(1);
		expect(bestLabel([5, 7, 7])).toBe(1);
		expect(bestLabel([5], 0)).toBeUndefined();
	});

	const explanation = (label: number, shares: readonly number[], on: readonly boolean[]): ClassExplanation => ({
		label,
		logit: shares.reduce((sum, share, index) => (on[index] ? sum + share : sum), 0),
		branches: shares.map((share) => ({ rate: 1, bias: 0, share, taps: undefined })),
	});

	it('was decided by the branch that pushes most in the direction of the difference', () => {
		const decide = (one: readonly number[], other: readonly number[], on = one.map(() => true)) =>
			decidingBranch(explanation(0, one, on), explanation(1, other, on), on);
		expect(decide([3, 1, 0], [0, 0, 3])).toBe(0);
		expect(decide([0, 1, 0], [3, 0, 1])).toBe(0);
		expect(decide([5, 1, 0], [0, 0, 0], [false, true, true])).toBe(1);
		// The chosen class is behind: what counts is who pushed it there.
		expect(decide([0, 4], [6, 0])).toBe(0);
		expect(decide([1, 2], [1, 2])).toBeUndefined();
		expect(decide([1, 2], [0, 0], [false, false])).toBeUndefined();
	});
});

describe('dominance', () => {
	it('is, at each pixel, the branch that is on with the largest share of the pixel’s class', () => {
		fc.assert(
			fc.property(scene, ({ seed, branches, classes, height, width, scale, alignCorners }) => {
				const noise = new Noise(seed);
				const geometry = geometryOf(height, width, scale, alignCorners);
				const maps = Array.from({ length: branches }, () => noise.map(classes, height, width));
				const on = maps.map(() => noise.next() > -0.5);
				const labels = upsampleLabels(sumBranches(maps, on), geometry);
				const { branches: dominant, shares } = dominantBranches(maps, on, labels, geometry);
				const rates = maps.map(() => 1);
				for (let i = 0; i < 40; i++) {
					const x = noise.integer(geometry.pictureWidth);
					const y = noise.integer(geometry.pictureHeight);
					const at = y * geometry.pictureWidth + x;
					const { branches: all } = explainPixel({ kind: 'maps', maps, rates }, geometry, {
						x,
						y,
						label: labels[at]!,
						on,
					});
					const lit = all.map(({ share }, index) => (on[index] ? share : Number.NEGATIVE_INFINITY));
					if (!on.includes(true)) {
						expect(dominant[at]).toBe(noBranch);
					} else {
						expect(on[dominant[at]!]).toBe(true);
						expect(lit[dominant[at]!]).toBeCloseTo(Math.max(...lit), 6);
					}
				}
				for (const [index, share] of shares.entries()) {
					expect(share).toBeCloseTo(dominant.filter((branch) => branch === index).length / dominant.length, 12);
				}
			}),
			{ numRuns: 100 },
		);
	});
});
