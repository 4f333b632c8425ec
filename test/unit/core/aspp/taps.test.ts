/** Tap maps, branches at any rate and the shares of a logit, against onnxruntime and PyTorch's tensors. */
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { branchLogits, classMap, sumBranches } from '../../../../src/core/aspp/branches';
import { explainCell, explainPixel } from '../../../../src/core/aspp/explain';
import { branchOutput, buildHeadModel } from '../../../../src/core/aspp/headModel';
import { tapPlan } from '../../../../src/core/aspp/tapModel';
import type { TapMaps } from '../../../../src/core/aspp/types';
import type { ModelMetadata } from '../../../../src/core/model';
import type { OnnxModel } from '../../../../src/core/onnx/ir';
import type { FeatureMap, Geometry } from '../../../../src/core/run';
import { logitsAt } from '../../../../src/core/segmentation/probabilities';
import { bundledModel, reference, references, relativeError, runModel } from './heads';
import { networkWithHead } from './networkWithHead';
import { Noise } from './noise';

async function tapMaps(model: OnnxModel, metadata: ModelMetadata, features: FeatureMap): Promise<TapMaps> {
	const plan = tapPlan(model, metadata, 'own.onnx');
	const { taps } = await runModel(plan.model, { features });
	return plan.maps(taps!.data, taps!.height, taps!.width);
}

describe.skipIf(!existsSync(references))('the bundled head against PyTorch', () => {
	const { model, metadata } = bundledModel();

	describe.each([
		['chelsea-305x457', { pictureWidth: 451, pictureHeight: 300, resizedWidth: 451, resizedHeight: 300 }],
		['astronaut-321x241', { pictureWidth: 512, pictureHeight: 682, resizedWidth: 241, resizedHeight: 321 }],
	])('%s', (name, sizes) => {
		const features = reference(`${name}-features`);
		const expected = [6, 12, 18, 24].map((rate) => reference(`${name}-branch-${rate}`));
		const logits = reference(`${name}-logits`);
		const [inputHeight, inputWidth] = name.match(/\d+/g)!.map(Number);
		const geometry: Geometry = {
			...sizes,
			inputWidth: inputWidth!,
			inputHeight: inputHeight!,
			gridWidth: logits.width,
			gridHeight: logits.height,
			alignCorners: true,
		};
		let taps: TapMaps;
		beforeAll(async () => {
			taps = await tapMaps(model, metadata, features);
		});

		it('tap maps are the 1x1 products, tap by tap', () => {
			const { graph } = model;
			const weight = graph.initializers.find((tensor) => tensor.name === 'aspp.18.weight')!;
			const values = new Float32Array(new Uint8Array(weight.data).buffer);
			const plane = features.height * features.width;
			const noise = new Noise(1);
			for (let i = 0; i < 200; i++) {
				const [tap, label, at] = [noise.integer(9), noise.integer(21), noise.integer(plane)];
				let sum = 0;
				for (let channel = 0; channel < 256; channel++) {
					sum += values[(label * 256 + channel) * 9 + tap]! * features.data[channel * plane + at]!;
				}
				expect(taps.taps[((2 * 9 + tap) * 21 + label) * plane + at]).toBeCloseTo(sum, 4);
			}
		});

		it('branches at the trained rates, and their sum', () => {
			const maps = taps.trainedRates.map((rate, branch) => branchLogits(taps, branch, rate));
			for (const [branch, map] of maps.entries()) {
				expect(relativeError(map, expected[branch]!)).toBeLessThan(1e-4);
			}
			expect(relativeError(sumBranches(maps, [true, true, true, true]), logits)).toBeLessThan(1e-4);
		});

		it('shares add up to the logit, at any pixel, cell and class', () => {
			const magnitude = logits.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
			const source = { kind: 'taps', taps, rates: taps.trainedRates } as const;
			const noise = new Noise(2);
			for (let i = 0; i < 500; i++) {
				const on = Array.from({ length: 4 }, () => noise.next() > 0);
				const label = noise.integer(21);
				const summed = sumBranches(expected, on);
				const [x, y] = [noise.integer(geometry.pictureWidth), noise.integer(geometry.pictureHeight)];
				const atPixel = explainPixel(source, geometry, { x, y, label, on });
				expect(Math.abs(atPixel.logit - logitsAt(summed, geometry, x, y)[label]!)).toBeLessThan(1e-4 * magnitude);
				const [row, column] = [noise.integer(logits.height), noise.integer(logits.width)];
				const atCell = explainCell(source, { row, column, label, on });
				const value = summed.data[(label * logits.height + row) * logits.width + column]!;
				expect(Math.abs(atCell.logit - value)).toBeLessThan(1e-4 * magnitude);
				for (const { logit, branches } of [atPixel, atCell]) {
					const shares = branches.map(({ share }) => share);
					expect(shares.reduce((sum, share, index) => (on[index] ? sum + share : sum), 0)).toBe(logit);
					for (const { bias, taps: nine, share } of branches) {
						expect(nine).toHaveLength(9);
						expect(nine!.reduce((sum, tap) => sum + tap, bias)).toBe(share);
					}
				}
			}
		});
	});

	it('other rates, of which some have taps in the padding alone', async () => {
		const features = reference('astronaut-321x241-features');
		const taps = await tapMaps(model, metadata, features);
		for (const rates of [
			[2, 4, 8, 12],
			[1, 36, 12, 12],
		]) {
			const results = await runModel(buildHeadModel(model, metadata, rates, 'own.onnx'), { features });
			for (const [branch, rate] of rates.entries()) {
				expect(relativeError(branchLogits(taps, branch, rate), results[branchOutput(branch)]!)).toBeLessThan(1e-4);
			}
		}
	});
});

describe.each([[[12]], [[1, 2, 3, 4]], [[1, 2, 3, 5, 7, 11, 13]]])('a linear head with rates %j', (rates) => {
	it.each([true, false])('at any rates; bias: %s', async (bias) => {
		const { model, metadata } = networkWithHead({ rates, bias });
		const features = new Noise(4).map(5, 7, 9);
		const taps = await tapMaps(model, metadata, features);
		expect(taps).toMatchObject({ trainedRates: rates, classes: 3, height: 7, width: 9 });
		const others = rates.map((_, branch) => [1, 8, 20, 36, 3, 6, 9][branch]!);
		for (const chosen of [rates, others]) {
			const results = await runModel(buildHeadModel(model, metadata, chosen, 'own.onnx'), { features });
			for (const [branch, rate] of chosen.entries()) {
				const expected = results[branchOutput(branch)]!;
				const map = branchLogits(taps, branch, rate);
				expect(relativeError(map, expected)).toBeLessThan(1e-5);
				expect(classMap(taps, branch, rate, 2)).toEqual(map.data.subarray(2 * 7 * 9));
			}
		}
	});
});

describe('a head that is not linear', () => {
	it('at its own rates gives the network’s branches; at others, others', async () => {
		const { model, metadata } = networkWithHead({ rates: [2, 4], chain: true });
		const whole = await runModel(model, { input: new Noise(5).map(3, 17, 21) });
		const features = whole.features!;
		const same = await runModel(buildHeadModel(model, metadata, [2, 4], 'own.onnx'), { features });
		const swapped = await runModel(buildHeadModel(model, metadata, [4, 1], 'own.onnx'), { features });
		for (const branch of [0, 1]) {
			expect(relativeError(same[branchOutput(branch)]!, whole[`aspp.${branch}`]!)).toBeLessThan(1e-5);
			expect(relativeError(swapped[branchOutput(branch)]!, whole[`aspp.${branch}`]!)).toBeGreaterThan(0.01);
		}
		// The second branch's other rate is what a network built with it gives.
		const trained = networkWithHead({ rates: [4, 1], chain: true });
		const other = await runModel(trained.model, { input: new Noise(5).map(3, 17, 21) });
		expect(relativeError(swapped[branchOutput(1)]!, other['aspp.1']!)).toBeLessThan(1e-5);
		expect(relativeError(swapped[branchOutput(0)]!, other['aspp.0']!)).toBeLessThan(1e-5);
	});
});

it('sums nothing to zeros', () => {
	const noise = new Noise(6);
	const maps = [noise.map(2, 3, 4), noise.map(2, 3, 4)];
	expect(sumBranches(maps, [false, false]).data).toEqual(new Float32Array(24));
	expect(sumBranches(maps, [false, true]).data).toEqual(maps[1]!.data);
});
