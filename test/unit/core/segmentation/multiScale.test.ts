import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureMap, Geometry } from '../../../../src/core/run';
import {
	fuseScales,
	multiScaleRules,
	multiScales,
	scaledInput,
	scaledSize,
	winningScales,
} from '../../../../src/core/segmentation/multiScale';
import { resizeMap } from '../../../../src/core/segmentation/resizeMap';
import { upsampleLabels } from '../../../../src/core/segmentation/upsampleLabels';
import { type Array4, hasMini, miniArray, miniResNet, relativeError, runOn, sessionOf } from '../onnx/networks/mini';

const rule = fc.constantFrom(...multiScaleRules);
const side = fc.integer({ min: 1, max: 12 });

function mapOf({ shape, data }: Array4): FeatureMap {
	const [, channels, height, width] = shape as [number, number, number, number];
	return { channels, height, width, data };
}

describe('scaledSize', () => {
	it('has the sizes of both code bases', () => {
		expect(multiScales.map((scale) => scaledSize(513, scale, 'caffe'))).toEqual([513, 385, 257]);
		expect(multiScales.map((scale) => scaledSize(513, scale, 'kazuto'))).toEqual([513, 384, 256]);
		expect(scaledSize(1, 0.5, 'caffe')).toBe(1);
		expect(scaledSize(1, 0.5, 'kazuto')).toBe(1);
	});
});

describe('resizeMap', () => {
	it('puts corners on corners, or keeps to half pixels', () => {
		const map = { channels: 1, height: 1, width: 3, data: Float32Array.of(0, 4, 8) };
		expect([...resizeMap(map, 1, 5, true).data]).toEqual([0, 2, 4, 6, 8]);
		// PyTorch: F.interpolate(torch.tensor([[[[0., 4., 8.]]]]), size=(1, 6), mode='bilinear', align_corners=False)
		expect([...resizeMap(map, 1, 6, false).data]).toEqual([0, 1, 3, 5, 7, 8]);
	});

	it('keeps a plane where it is exact: corners aligned, values linear in x and y', () => {
		fc.assert(
			fc.property(side, side, side, side, (height, width, toHeight, toWidth) => {
				fc.pre(height > 1 && width > 1 && toHeight > 1 && toWidth > 1);
				const plane = (rows: number, columns: number): FeatureMap => ({
					channels: 1,
					height: rows,
					width: columns,
					data: Float32Array.from(
						{ length: rows * columns },
						(_, at) => Math.floor(at / columns) / (rows - 1) - (at % columns) / (columns - 1),
					),
				});
				const resized = resizeMap(plane(height, width), toHeight, toWidth, true);
				for (const [at, value] of plane(toHeight, toWidth).data.entries()) {
					expect(resized.data[at]).toBeCloseTo(value, 5);
				}
			}),
		);
	});
});

describe('fuseScales', () => {
	it('is the largest of the scales, and never below the full one', () => {
		const full = { channels: 1, height: 2, width: 2, data: Float32Array.of(1, 2, 3, 4) };
		const half = { channels: 1, height: 1, width: 1, data: Float32Array.of(2.5) };
		fc.assert(
			fc.property(rule, (each) => {
				const { logits, scales } = fuseScales([full, half], each);
				expect([...logits.data]).toEqual([2.5, 2.5, 3, 4]);
				expect(scales[0]).toBe(full);
			}),
		);
	});
});

describe('winningScales', () => {
	const geometry: Geometry = {
		pictureWidth: 3,
		pictureHeight: 1,
		resizedWidth: 3,
		resizedHeight: 1,
		inputWidth: 3,
		inputHeight: 1,
		gridWidth: 3,
		gridHeight: 1,
		alignCorners: true,
	};

	it('tells of each pixel which scale its class has its logit from, of equal ones the larger', () => {
		const map = (...data: number[]) => ({ channels: 2, height: 1, width: 3, data: Float32Array.from(data) });
		const { logits, scales } = fuseScales([map(5, 0, 1, 0, 0, 1), map(1, 1, 0, 0, 9, 1)], 'caffe');
		const labels = upsampleLabels(logits, geometry);
		expect([...labels]).toEqual([0, 1, 0]);
		const won = winningScales(scales, labels, geometry);
		expect([...won.scales]).toEqual([0, 1, 0]);
		expect(won.shares).toEqual([2 / 3, 1 / 3]);
	});
});

describe.skipIf(!hasMini)('the paper’s scores of a small ResNet-101', () => {
	it('are PyTorch’s, computed with Caffe’s sizes', async () => {
		const session = await sessionOf(miniResNet());
		const input = mapOf(miniArray('resnet101-input-97x97'));
		const maps: FeatureMap[] = [];
		for (const scale of multiScales) {
			const { channels, height, width, data } = scaledInput(input, scale, 'caffe');
			const { logits } = await runOn(session, { shape: [1, channels, height, width], data });
			maps.push(mapOf(logits!));
		}
		const { logits } = fuseScales(maps, 'caffe');
		const error = relativeError(logits.data, miniArray('resnet101-msc-fused-97x97').data);
		expect(error).toBeLessThan(1e-4);
		// The other rule is another network input: were it not seen, neither would a wrong size be.
		const other = fuseScales(maps, 'kazuto').logits;
		expect(relativeError(other.data, miniArray('resnet101-msc-fused-97x97').data)).toBeGreaterThan(1e-3);
	});
});
