import { describe, expect, it } from 'vitest';
import { normalization } from '../../../../src/core/image/normalizations';
import type { ModelMetadata } from '../../../../src/core/model';
import { InspectorError } from '../../../../src/core/problem';
import { upsampleLabels } from '../../../../src/core/segmentation/upsampleLabels';
import { Exam, type ExamParts } from '../../../../src/extension/doctor/exam';
import type { SegmentRequest } from '../../../../src/worker/client/client';
import { makeRun } from '../support';

const made = makeRun('picture', { width: 1000, height: 500 });
const { tensors } = made;
const base = { ...made.info, geometry: { ...made.info.geometry, inputWidth: 1000, inputHeight: 500 } };
const own = { ...base.model.preprocessing, ...normalization('caffe', 'BGR'), alignCorners: true };

/** A network that is right, and sure, only where pictures reach it as RGB in −1…1, fitted; elsewhere all is background. */
function network(model: ModelMetadata = { ...base.model, preprocessing: own }) {
	const requests: SegmentRequest[] = [];
	const waiting: (() => void)[] = [];
	const changes: (readonly string[])[] = [];
	let held = false;
	const segment: ExamParts['segment'] = async (request, { signal }) => {
		requests.push(request);
		if (held) {
			await new Promise<void>((resolve) => waiting.push(resolve));
		}
		if (signal?.aborted) {
			throw new InspectorError({ code: 'cancelled' });
		}
		const { channelOrder, mean, resize = 'fit' } = request.preprocessing ?? model.preprocessing;
		const right = channelOrder === 'RGB' && mean[0] === 127.5 && resize === 'fit';
		const cat = right ? 4 : -0.5;
		const data = Float32Array.of(0, 0, 0, 0, 0, 0, cat, cat, cat, cat, cat, cat);
		return {
			info: { ...base, model },
			tensors: { ...tensors, logits: { channels: 2, height: 3, width: 2, data } },
		};
	};
	const parts: ExamParts = {
		picture: { name: 'picture.png', bytes: new Uint8Array(1) },
		model: { key: 'net', name: 'net.onnx', load: () => Promise.resolve(new Uint8Array(1)) },
		longestSide: 321,
		backend: () => undefined,
		segment,
		onChange: (computed) => void changes.push(computed),
	};
	return {
		parts,
		requests,
		changes,
		hold: () => {
			held = true;
		},
		release: () => {
			held = false;
			for (const go of waiting.splice(0)) {
				go();
			}
		},
	};
}

const never = new AbortController().signal;
const truth = (fill: number, width = 1000, height = 500) => ({
	name: 'truth.png',
	width,
	height,
	labels: new Uint8Array(width * height).fill(fill),
});

describe('an exam', () => {
	it('runs everything on what the model has been found to run on', async () => {
		const { parts, requests } = network();
		const exam = await Exam.begin({ ...parts, backend: () => 'wasm' }, never);
		await exam.run(never);
		expect(new Set(requests.map(({ backend }) => backend))).toEqual(new Set(['wasm']));
	});

	it('runs the model’s own first and every input once, and finds the one that is right', async () => {
		const { parts, requests, changes } = network();
		const exam = await Exam.begin(parts, never);
		expect(requests).toEqual([{ picture: parts.picture, model: parts.model, longestSide: 321 }]);
		expect(exam.current).toBe('bgr-caffe-fit-corners');
		expect(exam.tiles.filter(({ confidence }) => confidence).map(({ id }) => id)).toEqual([
			'bgr-caffe-fit-corners',
			'bgr-caffe-fit-half-pixel',
		]);
		await exam.run(never);
		expect(requests).toHaveLength(16);
		expect(new Set(requests.map(({ preprocessing }) => JSON.stringify(preprocessing))).size).toBe(16);
		// Sizes and padding are the model's.
		expect(requests.slice(1).every(({ preprocessing }) => preprocessing?.padMultiple === own.padMultiple)).toBe(true);
		expect(changes.flat()).toHaveLength(30);
		expect(exam.tiles).toHaveLength(32);
		expect(exam.tiles[0]!.id).toBe('rgb-symmetric-fit-corners');
		expect(exam.preprocessingOf('rgb-symmetric-fit-half-pixel')).toEqual({
			...own,
			...normalization('symmetric', 'RGB'),
			resize: 'fit',
			alignCorners: false,
		});
	});

	it('keeps the exact values of the model’s own, and has them as one more choice where they are none of the usual', async () => {
		const nearly = { ...own, mean: [104.008, 116.669, 122.5] as const };
		const exam = await Exam.begin(network({ ...base.model, preprocessing: nearly }).parts, never);
		expect(exam.tiles).toHaveLength(32);
		expect(exam.preprocessingOf(exam.current)).toEqual(nearly);
		const odd = { ...own, mean: [1, 2, 3] as const, alignCorners: false };
		const other = await Exam.begin(network({ ...base.model, preprocessing: odd }).parts, never);
		expect(other.tiles).toHaveLength(34);
		expect(other.current).toBe('bgr-own-fit-half-pixel');
		expect(other.preprocessingOf(other.current)).toEqual(odd);
	});

	it('stays in the order of computing until it has ended', async () => {
		const { parts, hold, release } = network();
		const exam = await Exam.begin(parts, never);
		const before = exam.tiles.map(({ id }) => id);
		hold();
		const running = exam.run(never);
		expect(exam.running).toBe(true);
		expect(exam.tiles.map(({ id }) => id)).toEqual(before);
		release();
		await running;
		expect(exam.running).toBe(false);
		expect(exam.tiles.map(({ id }) => id)).not.toEqual(before);
	});

	it('is cancelled with what is there, and goes on from it', async () => {
		const { parts, requests, hold, release } = network();
		const exam = await Exam.begin(parts, never);
		const controller = new AbortController();
		hold();
		const running = exam.run(controller.signal);
		controller.abort();
		release();
		await expect(running).rejects.toMatchObject({ problem: { code: 'cancelled' } });
		expect(exam.running).toBe(false);
		// What is computed comes first.
		expect(exam.tiles.findIndex(({ confidence }) => !confidence)).toBe(2);
		await exam.run(never);
		expect(requests).toHaveLength(17);
		expect(exam.tiles.every(({ confidence }) => confidence)).toBe(true);
	});

	it('sorts by the pixels that agree with ground truth, as long as there is some', async () => {
		const { parts } = network();
		const exam = await Exam.begin(parts, never);
		await exam.compareWith(truth(0));
		await exam.run(never);
		expect(exam.truthName).toBe('truth.png');
		expect(exam.tiles[0]).toMatchObject({ agreement: { pixels: 1 } });
		expect(exam.tiles[0]!.id).not.toMatch(/^rgb-symmetric-fit/);
		expect(exam.tiles.at(-1)!.id).toMatch(/^rgb-symmetric-fit/);
		await exam.compareWith(truth(1));
		expect(exam.tiles[0]).toMatchObject({ id: 'rgb-symmetric-fit-corners', agreement: { pixels: 1 } });
		await exam.compareWith(undefined);
		expect(exam.truthName).toBeUndefined();
		expect(exam.tiles.every(({ agreement }) => agreement === undefined)).toBe(true);
	});

	it('keeps its ground truth where another one does not fit', async () => {
		const exam = await Exam.begin(network().parts, never);
		await exam.compareWith(truth(255));
		expect(exam.tiles[0]!.agreement?.pixels).toBeNaN();
		await exam.compareWith(truth(1));
		const before = exam.tiles;
		await expect(exam.compareWith(truth(1, 999))).rejects.toMatchObject({
			problem: { code: 'picture.unsupported', detail: '999 x 500 ground truth for a picture of 1000 x 500' },
		});
		await expect(exam.compareWith(truth(7))).rejects.toMatchObject({ problem: { code: 'picture.unsupported' } });
		expect(exam.truthName).toBe('truth.png');
		expect(exam.tiles).toEqual(before);
	});

	it('gives masks at the sizes that are shown, never larger', async () => {
		const exam = await Exam.begin(network().parts, never);
		expect(exam.picture).toMatchObject({ width: 768, height: 384 });
		expect(exam.picture.rgb).toHaveLength(768 * 384 * 3);
		const { current } = exam;
		expect(exam.tileMask(current)).toMatchObject({ width: 256, height: 128 });
		const large = exam.mask(current)!;
		expect([large.width, large.height, large.labels.length]).toEqual([768, 384, 768 * 384]);
		const whole = upsampleLabels(
			{ channels: 2, height: 3, width: 2, data: new Float32Array(12) },
			{ ...base.geometry, alignCorners: true },
		);
		expect(new Set(large.labels)).toEqual(new Set(whole));
		expect(exam.mask('rgb-unit-fit-corners')).toBeUndefined();
		expect(() => exam.mask('rgb-none-fit-corners')).toThrow('no choice');
	});

	it('has another choice as the current one once that is kept', async () => {
		const { parts, changes } = network();
		const exam = await Exam.begin(parts, never);
		exam.keep('rgb-unit-fit-corners');
		expect(exam.current).toBe('rgb-unit-fit-corners');
		expect(changes).toEqual([[]]);
	});
});
