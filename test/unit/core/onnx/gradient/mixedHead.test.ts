/** The gradient of a DeepLabv3's logit, image pooling and all, against differences of the whole network. */
import * as ort from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { adoptedMixed, type MixedOptions } from '../../aspp/mixed';
import { Noise } from '../../aspp/noise';
import { load, loadGradient, oneHot } from './support';

const size = [33, 41] as const;

describe.each<MixedOptions>([
	{ pooling: 'module' },
	{ pooling: 'tensor' },
	{ pooling: 'squeezed' },
	{ pooling: 'tensor', decoder: true },
])('of a head with %o', (options) => {
	it('is what a logit changes by', async () => {
		const { model } = adoptedMixed(options);
		const { data: picture } = new Noise(4).tensor(1, 3, ...size);
		const session = await load(model);
		const logitAt = async (input: Float32Array, at: number): Promise<number> => {
			const { logits } = await session.run({ image: new ort.Tensor('float32', input, [1, 3, ...size]) });
			return (logits!.data as Float32Array)[at]!;
		};
		const gradients = await loadGradient(model, size, ['logits']);
		const { shape } = gradients.built.seeds[0]!;
		for (const [label, row, column] of [
			[1, 8, 10],
			[3, 0, 0],
			[0, shape[2]! - 1, 5],
		] as const) {
			const at = (label * shape[2]! + row) * shape[3]! + column;
			const { gradient, targets } = await gradients.run(picture, { logits: oneHot(shape, label, row, column) });
			expect(targets.logits![at]).toBeCloseTo(await logitAt(picture, at), 4);
			// Image pooling reaches every pixel.
			expect(gradient.filter((value) => value !== 0).length / gradient.length).toBeGreaterThan(0.9);

			const norm = Math.sqrt(gradient.reduce((sum, value) => sum + value ** 2, 0));
			for (let direction = 0; direction < 3; direction++) {
				// Along the gradient itself, and along others.
				const noise = new Noise(10 + direction).tensor(1, 3, ...size).data;
				const step = gradient.map((value, i) => ((direction > 0 ? noise[i]! : 0) / 20 + value / norm) / 1000);
				const moved = (sign: number) => picture.map((value, i) => value + sign * step[i]!);
				const measured = ((await logitAt(moved(1), at)) - (await logitAt(moved(-1), at))) / 2;
				const told = gradient.reduce((sum, value, i) => sum + value * step[i]!, 0);
				expect(Math.abs(told - measured) / Math.abs(measured), `${told}, measured ${measured}`).toBeLessThan(0.01);
			}
		}
		await Promise.all([session.release(), gradients.release()]);
	}, 60_000);
});
