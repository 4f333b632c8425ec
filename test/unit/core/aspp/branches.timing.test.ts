import { describe, expect, test } from 'vitest';
import { branchLogits, sumBranches } from '../../../../src/core/aspp/branches';
import { dominantBranches } from '../../../../src/core/aspp/dominance';
import type { TapMaps } from '../../../../src/core/aspp/types';
import type { Geometry } from '../../../../src/core/run';
import { upsampleLabels } from '../../../../src/core/segmentation/upsampleLabels';
import { Noise } from './noise';

const side = 65;
const geometry: Geometry = {
	pictureWidth: 513,
	pictureHeight: 513,
	resizedWidth: 513,
	resizedHeight: 513,
	inputWidth: 513,
	inputHeight: 513,
	gridWidth: side,
	gridHeight: side,
	alignCorners: true,
};

/** Smooth maps, as those of a network are: waves of their own for each tap and class. */
function smoothTaps(): TapMaps {
	const noise = new Noise(1);
	const taps = new Float32Array(4 * 9 * 21 * side * side);
	for (let start = 0; start < taps.length; start += side * side) {
		const [across, down] = [noise.next() * 3, noise.next() * 3];
		for (let cell = 0; cell < side * side; cell++) {
			taps[start + cell] = Math.sin((cell % side) / 9 + across) + Math.cos(Math.floor(cell / side) / 7 + down);
		}
	}
	return { trainedRates: [6, 12, 18, 24], classes: 21, height: side, width: side, taps, bias: noise.floats(84) };
}

/** In milliseconds, of nine after a warm-up. */
function median(work: () => unknown): number {
	const times = Array.from({ length: 12 }, () => {
		const start = performance.now();
		work();
		return performance.now() - start;
	});
	return times.slice(3).sort((one, other) => one - other)[4]!;
}

describe('at 513 x 513 with four branches and 21 classes', () => {
	const taps = smoothTaps();
	const on = [true, true, false, true];
	const maps = taps.trainedRates.map((rate, branch) => branchLogits(taps, branch, rate));

	test('a step of a dilation slider has its maps and mask in time', { retry: 3 }, () => {
		const step = () => {
			const moved = [...maps.slice(0, 3), branchLogits(taps, 3, 17)];
			upsampleLabels(sumBranches(moved, on), geometry);
		};
		expect(median(step)).toBeLessThan(25);
	});

	test('a branch switched has its mask and its dominance in time', { retry: 3 }, () => {
		const toggle = () => {
			const labels = upsampleLabels(sumBranches(maps, on), geometry);
			dominantBranches(maps, on, labels, geometry);
		};
		expect(median(toggle)).toBeLessThan(50);
	});
});
