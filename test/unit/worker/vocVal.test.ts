/** The figures on the model's card, measured anew on the whole way from the file to the mask. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeLabelPng } from '../../../src/core/image/palettePng';
import { ConfusionMatrix } from '../../../src/core/metrics/confusion';
import { ensureBuilt, shared, testClient } from './support';

const folder = path.join(shared, 'voc-val');
const t = testClient();
beforeAll(ensureBuilt);
afterAll(() => t.client.dispose());

describe.skipIf(!existsSync(folder))('the 238 pictures', () => {
	it('give the card’s mean IoU and pixel accuracy', async () => {
		const names = readFileSync(path.join(folder, 'ImageSets/Segmentation/val.txt'), 'utf8').trim().split(/\s+/);
		expect(names.length).toBe(238);
		const read = (file: string) => new Uint8Array(readFileSync(path.join(folder, file)));
		const matrix = new ConfusionMatrix(21, 255);
		for (const name of names) {
			const picture = { name, bytes: read(`JPEGImages/${name}.jpg`) };
			const { tensors } = await t.client.segment({ picture, model: t.model });
			matrix.add(decodeLabelPng(read(`SegmentationClass/${name}.png`)).labels, tensors.labels);
		}
		const meanIoU = matrix.meanIoU() * 100;
		const accuracy = matrix.pixelAccuracy() * 100;
		console.log(`mean IoU ${meanIoU.toFixed(2)} (card 57.05), pixel accuracy ${accuracy.toFixed(2)} (card 93.32)`);
		expect(Math.abs(meanIoU - 57.05)).toBeLessThan(0.5);
		expect(Math.abs(accuracy - 93.32)).toBeLessThan(0.1);
	}, 900_000);
});
