/** Every dilation rate alone: a 3x3 convolution on WebGPU against the same on WASM. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeOnnx } from '../../src/core/onnx/encode';
import { builderIrVersion, builderOpset, GraphBuilder } from '../../src/core/onnx/graphBuilder';
import type { Tensor } from '../../src/worker/engine/engine';
import type { WebGpuEngine } from '../../src/worker/engine/webgpuEngine';
import { ensureBuilt } from '../unit/worker/support';
import { cpuEngine, gpuEngine, noise, relativeDifference } from './support';

const rates = Array.from({ length: 36 }, (_, index) => index + 1);
const outputs = 4;

let gpu: WebGpuEngine;
const cpu = cpuEngine();
beforeAll(async () => {
	await ensureBuilt();
	gpu = await gpuEngine();
});
afterAll(async () => {
	await gpu.unload();
	await cpu.unload();
});

/** One convolution a rate, each an output, all of one input. */
function convolutions(channels: number): Uint8Array {
	const graph = new GraphBuilder('dilations');
	const input = graph.input('input', [1, channels, 'height', 'width']);
	for (const rate of rates) {
		const weight = { shape: [outputs, channels, 3, 3], data: noise(outputs * channels * 9, rate) };
		const bias = { shape: [outputs], data: noise(outputs, 100 + rate) };
		graph.conv(`rate${rate}`, input, { weight, bias, dilation: rate, padding: rate });
		graph.output(`rate${rate}`, [1, outputs, 'height', 'width']);
	}
	return encodeOnnx({
		irVersion: builderIrVersion,
		opset: builderOpset,
		producer: 'test',
		graph: graph.build(),
		metadata: {},
	});
}

describe.each([
	// 8 channels are read four at a time, 5 are not.
	[8, 33, 33],
	[8, 7, 5],
	[5, 9, 40],
	[5, 1, 3],
])('%i channels of %i x %i', (channels, height, width) => {
	let onGpu: Readonly<Record<string, Tensor>> = {};
	let onCpu: Readonly<Record<string, Tensor>> = {};
	beforeAll(async () => {
		const bytes = convolutions(channels);
		const input = { dims: [1, channels, height, width], data: noise(channels * height * width, 7) };
		const names = rates.map((rate) => `rate${rate}`);
		await gpu.load(bytes, 'dilations.onnx');
		await cpu.load(bytes, 'dilations.onnx');
		onGpu = await gpu.run(input, names);
		onCpu = await cpu.run(input, names);
	});

	it.each(rates)('rate %i', (rate) => {
		const [actual, expected] = [onGpu[`rate${rate}`]!, onCpu[`rate${rate}`]!];
		expect(actual.dims).toEqual([1, outputs, height, width]);
		expect(relativeDifference(actual.data, expected.data)).toBeLessThan(1e-5);
	});
});
