/** Gradients of the small ResNet-101 and VGG-16 against PyTorch's. */
import { afterAll, describe, expect, it } from 'vitest';
import type { OnnxModel } from '../../../../../src/core/onnx/ir';
import { hasMini, miniArray, miniResNet, miniVgg } from '../networks/mini';
import { distance, type Loaded, loadGradient, oneHot } from './support';

const networks: readonly (readonly [name: string, prefix: string, model: () => OnnxModel])[] = [
	['ResNet-101', 'resnet101', () => miniResNet()],
	['ResNet-101 with its batch norms', 'resnet101', () => miniResNet({ foldBatchNorm: false })],
	['VGG-16', 'vgg16', () => miniVgg()],
];

describe.skipIf(!hasMini).each(networks)('the gradient of %s', (_, prefix, model) => {
	let loaded: Loaded | undefined;
	afterAll(() => loaded?.release());

	it.each([
		['sum', 'logits'],
		['branch-12', 'aspp.12'],
	])('through the %s', async (reference, target) => {
		loaded ??= await loadGradient(model(), [97, 81], ['aspp.12', 'logits']);
		const { shape } = loaded.built.seeds.find((seed) => seed.target === target)!;
		const input = miniArray('resnet101-input-97x81').data;
		const { gradient } = await loaded.run(input, { [target]: oneHot(shape, 8, 6, 5) });
		const expected = miniArray(`${prefix}-grad-${reference}-class8-y6-x5`);
		expect(loaded.built.inputShape).toEqual(expected.shape);
		const errors = distance(gradient, expected.data);
		console.log(`${prefix} ${reference}: ${errors.norm.toExponential(1)} ${errors.largest.toExponential(1)}`);
		expect(Math.max(errors.norm, errors.largest)).toBeLessThan(1e-3);
	});
});
