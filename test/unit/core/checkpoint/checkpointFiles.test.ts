/** One random network through every container: the model must always be the same. */
import { describe, expect, it } from 'vitest';
import { importCheckpoint } from '../../../../src/core/checkpoint/importCheckpoint';
import { initialNoise } from '../../../../src/core/health/initialNoise';
import { encodeOnnx } from '../../../../src/core/onnx/encode';
import { readMetadata } from '../../../../src/core/onnx/metadata';
import { buildRandomNetwork, headRates, randomResNet101 } from '../../../../src/core/onnx/networks/randomWeights';
import { caffeModelFile, kazutoTensors, torchLegacyFile, torchZipFile } from '../../../support/checkpointFiles';

const network = randomResNet101({ branches: 4, classes: 21, width: 1 / 16, seed: 3 });

describe('a network in three containers', () => {
	const own = encodeOnnx(
		buildRandomNetwork('resnet101', 'aspp-l', { classes: 21, width: 1 / 16, seed: 3 }, { name: 'n' }),
	);
	const tensors = kazutoTensors(network);
	it.each([
		['torch.zip', 'kazuto', () => torchZipFile(tensors)],
		['torch.legacy', 'kazuto', () => torchLegacyFile(tensors)],
		['caffe', 'caffe', () => caffeModelFile(network)],
	] as const)('%s', (format, family, file) => {
		const overrides = {
			name: 'n',
			classes: Array.from({ length: 21 }, (_, label) => `class ${label}`),
			alignCorners: true,
		};
		const { model, report } = importCheckpoint(file(), 'f', overrides);
		expect(report).toMatchObject({ format, family, backbone: 'resnet101', left: [], modelRates: [6, 12, 18, 24] });
		expect(Buffer.from(encodeOnnx(model)).equals(own)).toBe(true);
	});
});

describe('random networks', () => {
	it('are the same for the same seed alone', () => {
		const build = (seed: number) =>
			encodeOnnx(buildRandomNetwork('vgg16', 'largefov', { classes: 5, width: 1 / 32, seed }, { name: 'n' }));
		expect(Buffer.from(build(1)).equals(build(1))).toBe(true);
		expect(Buffer.from(build(1)).equals(build(2))).toBe(false);
	});

	it.each(['aspp-l', 'aspp-s', 'largefov'] as const)('have the branches of %s', (head) => {
		for (const backbone of ['resnet101', 'vgg16'] as const) {
			const model = buildRandomNetwork(backbone, head, { classes: 7, width: 1 / 32, seed: 1 }, { name: 'n' });
			const metadata = readMetadata(model, 'n');
			expect(metadata.branches.map(({ rate }) => rate)).toEqual(headRates[head]);
			expect(metadata).toMatchObject({ backbone, linearHead: backbone === 'resnet101' });
			expect(metadata.classes).toHaveLength(7);
		}
	});

	it('have heads of normal noise with the paper’s deviation', () => {
		const [branch] = network.branches[0]!;
		const noise = initialNoise(branch.weight.data as Float32Array, undefined, 9 * 128);
		expect(noise?.standardDeviation).toBeCloseTo(0.01, 3);
	});
});
