import { describe, expect, it } from 'vitest';
import { choiceId, doctorInputs } from '../../../src/core/doctor/choices';
import { agreementOf, confidenceOf, ranked } from '../../../src/core/doctor/judge';
import type { Geometry } from '../../../src/core/run';
import { sampleMetadata } from './onnx/sampleModel';

const geometry: Geometry = {
	pictureWidth: 8,
	pictureHeight: 8,
	resizedWidth: 8,
	resizedHeight: 8,
	inputWidth: 16,
	inputHeight: 8,
	gridWidth: 2,
	gridHeight: 1,
	alignCorners: false,
};

describe('doctorInputs', () => {
	it('are all different, and keep the model’s sizes', () => {
		const inputs = doctorInputs({ ...sampleMetadata.preprocessing, inputSize: [64, 64] });
		expect(inputs).toHaveLength(16);
		const ids = inputs.flatMap(({ choices }) => choices.map(choiceId));
		expect(new Set(ids).size).toBe(32);
		expect(ids).toContain('rgb-symmetric-fit-corners');
		expect(new Set(inputs.map(({ preprocessing }) => JSON.stringify(preprocessing))).size).toBe(16);
		expect(inputs.every(({ preprocessing }) => preprocessing.inputSize?.[0] === 64)).toBe(true);
	});

	it('turn means with the channels', () => {
		const means = doctorInputs(sampleMetadata.preprocessing)
			.filter(({ choices }) => choices[0].normalization === 'caffe')
			.map(({ preprocessing }) => [preprocessing.channelOrder, preprocessing.mean]);
		expect(means.slice(0, 2)).toEqual([
			['RGB', [122.675, 116.669, 104.008]],
			['BGR', [104.008, 116.669, 122.675]],
		]);
	});
});

describe('judging', () => {
	it('measures confidence on the picture, not on the padding', () => {
		const sure = { channels: 2, height: 1, width: 2, data: Float32Array.of(100, 0, 0, 0) };
		const certain = confidenceOf(sure, geometry);
		expect(certain.probability).toBeCloseTo(1, 12);
		expect(certain.entropy).toBeCloseTo(0, 12);
		const torn = confidenceOf({ ...sure, data: Float32Array.of(3, 100, 3, 0) }, geometry);
		expect(torn.probability).toBeCloseTo(0.5, 12);
		expect(torn.entropy).toBeCloseTo(1, 12);
	});

	it('counts agreement without the pixels to ignore', () => {
		const { pixels, meanIoU } = agreementOf(Uint8Array.of(0, 1, 1, 1), Uint8Array.of(0, 0, 1, 255), 2, 255);
		expect(pixels).toBeCloseTo(2 / 3, 12);
		expect(meanIoU).toBeCloseTo(0.5, 12);
	});

	it('ranks by agreement, without it by probability, and leaves equal ones as they came', () => {
		const entry = (id: string, probability: number, pixels?: number) => ({
			id,
			confidence: { probability, entropy: 0 },
			agreement: pixels === undefined ? undefined : { pixels, meanIoU: 0 },
		});
		expect(ranked([entry('a', 0.9, 0.1), entry('b', 0.2, 0.5), entry('c', 0.1, 0.5)]).map(({ id }) => id)).toEqual([
			'b',
			'c',
			'a',
		]);
		expect(ranked([entry('a', 0.2), entry('b', 0.9)]).map(({ id }) => id)).toEqual(['b', 'a']);
	});
});
