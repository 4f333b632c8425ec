import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareInput } from '../../../../src/core/image/prepare';
import type { Preprocessing } from '../../../../src/core/model';
import { sampleMetadata } from '../onnx/sampleModel';

const own: Preprocessing = { ...sampleMetadata.preprocessing, longestSide: 65, padMultiple: 8 };
const side = fc.integer({ min: 1, max: 200 });

function geometryOf(width: number, height: number, preprocessing: Preprocessing) {
	return prepareInput({ width, height, rgb: new Uint8Array(width * height * 3) }, preprocessing).geometry;
}

describe('prepareInput', () => {
	it('fits any picture into the one size that a network takes, and pads the rest', () => {
		fc.assert(
			fc.property(side, side, (width, height) => {
				const geometry = geometryOf(width, height, { ...own, longestSide: 500, inputSize: [48, 64] });
				expect([geometry.inputHeight, geometry.inputWidth]).toEqual([48, 64]);
				expect(geometry.resizedHeight).toBeLessThanOrEqual(Math.min(48, height));
				expect(geometry.resizedWidth).toBeLessThanOrEqual(Math.min(64, width));
			}),
		);
		expect(geometryOf(128, 48, { ...own, longestSide: 500, inputSize: [48, 64] })).toMatchObject({
			resizedWidth: 64,
			resizedHeight: 24,
		});
	});

	it('stretches to the whole input', () => {
		expect(geometryOf(30, 20, { ...own, resize: 'stretch' })).toMatchObject({
			resizedWidth: 65,
			resizedHeight: 65,
			inputWidth: 65,
			inputHeight: 65,
		});
		expect(geometryOf(30, 20, { ...own, resize: 'stretch', inputSize: [48, 64] })).toMatchObject({
			resizedWidth: 64,
			resizedHeight: 48,
		});
	});

	it('pads to multiples, or to one pixel more', () => {
		expect(geometryOf(33, 20, own)).toMatchObject({ inputWidth: 33, inputHeight: 25 });
		const whole = { ...own, padMultiple: 32, padRemainder: 0 } as const;
		expect(geometryOf(33, 20, whole)).toMatchObject({ inputWidth: 64, inputHeight: 32 });
		expect(geometryOf(1, 32, whole)).toMatchObject({ inputWidth: 32, inputHeight: 32 });
	});
});
