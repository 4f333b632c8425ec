/** Effective receptive fields measured in the real worker, against PyTorch's gradients. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { effectiveField } from '../../../src/core/aspp/effectiveField';
import { decodeNpy } from '../../../src/core/checkpoint/npy';
import { decodeOnnx } from '../../../src/core/onnx/decode';
import { encodeOnnx } from '../../../src/core/onnx/encode';
import type { Geometry } from '../../../src/core/run';
import type { GradientParams, GradientStage } from '../../../src/shared/protocol/aspp';
import type { SegmentResult } from '../../../src/shared/protocol/worker';
import type { CallContext } from '../../../src/shared/rpc';
import type { InferenceEngine } from '../../../src/worker/engine/engine';
import { WasmEngine } from '../../../src/worker/engine/wasmEngine';
import { GradientService } from '../../../src/worker/services/gradient';
import { assets, ensureBuilt, modelFile, problemOf, sample, shared, testClient } from './support';

const reference = path.join(shared, 'models/reference');
beforeAll(ensureBuilt);

const modelBytes = () => new Uint8Array(readFileSync(modelFile));
const atCell = { branch: undefined, label: 15, at: { row: 20, column: 15 } };

/** The reference's input is a picture: (v - 128) / 128 of its bytes. */
function astronaut(): Omit<GradientParams, 'model' | 'target'> {
	const [height, width] = [321, 241];
	const input = npy('astronaut-321x241-input');
	const rgb = new Uint8Array(width * height * 3);
	for (let pixel = 0; pixel < width * height; pixel++) {
		for (let channel = 0; channel < 3; channel++) {
			rgb[pixel * 3 + channel] = Math.round(input[channel * width * height + pixel]! * 128 + 128);
		}
	}
	const geometry: Geometry = {
		pictureWidth: width,
		pictureHeight: height,
		resizedWidth: width,
		resizedHeight: height,
		inputWidth: width,
		inputHeight: height,
		gridWidth: 31,
		gridHeight: 41,
		alignCorners: true,
	};
	return { rgb, geometry };
}

function npy(name: string): Float32Array {
	const { data } = decodeNpy(new Uint8Array(readFileSync(path.join(reference, `${name}.npy`))));
	if (!(data instanceof Float32Array)) {
		throw new Error(`${name} is not float32`);
	}
	return data;
}

describe.skipIf(!existsSync(reference))('from a picture to its field', () => {
	const t = testClient();
	afterAll(() => t.client.dispose());

	it.each([
		['sum', undefined, 'logits'],
		['branch-6', 0, 'branch-6'],
		['branch-24', 3, 'branch-24'],
	] as const)('through the %s', async (name, branch, output) => {
		const picture = astronaut();
		const gradient = npy(`astronaut-321x241-grad-${name}-class15-y20-x15`);
		const map = { channels: 3, height: 321, width: 241, data: gradient };
		const expected = effectiveField(map, picture.geometry, [{ row: 20, column: 15, weight: 1 }]);

		const stages: GradientStage[] = [];
		const request = { ...picture, model: t.model, target: { ...atCell, branch } };
		const field = await t.client.gradient(request, { onProgress: (stage) => stages.push(stage) });
		console.log(
			`${name}: ${Math.round(field.milliseconds)} ms, r50 ${field.radius50.toFixed(1)} r90 ${field.radius90.toFixed(1)}`,
		);
		expect(stages).toEqual(['build', 'load', 'run']);
		expect([field.width, field.height, field.x, field.y]).toEqual([241, 321, 120.5, 160.5]);
		// A few units sit at their ReLU's kink (see the tests of the gradient itself): near them the field differs a little.
		expect(field.largest / expected.largest).toBeCloseTo(1, 2);
		expect(field.values.indexOf(255)).toBe(expected.values.indexOf(255));
		expect(Math.abs(field.radius50 - expected.radius50)).toBeLessThan(0.1);
		expect(Math.abs(field.radius90 - expected.radius90)).toBeLessThan(0.1);
		const differences = field.values.map((value, index) => Math.abs(value - expected.values[index]!));
		expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(0.02);
		expect(field.logit).toBeCloseTo(npy(`astronaut-321x241-${output}`)[(15 * 41 + 20) * 31 + 15]!, 3);
	});

	it('is over an object the mean of its cells', async () => {
		const mask = new Uint8Array(41 * 31);
		const cells = [
			[20, 15],
			[21, 15],
			[22, 18],
		] as const;
		for (const [row, column] of cells) {
			mask[row * 31 + column] = 1;
		}
		const field = await t.client.gradient({ ...astronaut(), model: t.model, target: { ...atCell, at: { mask } } });
		const logits = npy('astronaut-321x241-logits');
		const mean = cells.reduce((sum, [row, column]) => sum + logits[(15 * 41 + row) * 31 + column]! / 3, 0);
		expect(field.logit).toBeCloseTo(mean, 3);
		expect(field.x).toBeCloseTo(16 * 8 + 0.5, 6);
		expect(field.y).toBeCloseTo(21 * 8 + 0.5, 6);
	});
});

describe('beside a run', () => {
	const t = testClient();
	let run: SegmentResult;
	const request = () => {
		const { rgb } = run.tensors;
		const { geometry } = run.info;
		return { model: t.model, rgb, geometry, target: { branch: 1, label: 8, at: { row: 20, column: 30 } } };
	};
	beforeAll(async () => {
		run = await t.client.segment({ picture: { name: 'chelsea.png', bytes: sample('chelsea') }, model: t.model });
	});
	afterAll(() => t.client.dispose());

	it('has the run’s own logit, leaves the run’s network loaded, and is quicker to begin the next time', async () => {
		const first = await t.client.gradient(request());
		const { tensors, info } = run;
		const map = tensors.branches[1]!;
		expect(first.logit).toBeCloseTo(map.data[(8 * map.height + 20) * map.width + 30]!, 3);
		expect([first.width, first.height]).toEqual([info.geometry.resizedWidth, info.geometry.resizedHeight]);

		const loads = t.loads();
		const second = await t.client.gradient({ ...request(), target: { ...request().target, branch: undefined } });
		expect(t.loads()).toBe(loads);
		expect(second.radius90).not.toBe(first.radius90);
		const again = await t.client.segment({
			picture: { name: 'chelsea.png', bytes: sample('chelsea') },
			model: t.model,
		});
		expect(t.loads()).toBe(loads);
		expect(again.tensors.labels).toEqual(tensors.labels);
	});

	it('is cancelled at once, and the next one works', async () => {
		for (const stage of ['build', 'run'] as const) {
			const controller = new AbortController();
			const cancelled = t.client.gradient(request(), {
				signal: controller.signal,
				onProgress: (now) => now === stage && controller.abort(),
			});
			expect(await problemOf(cancelled)).toEqual({ code: 'cancelled' });
		}
		expect((await t.client.gradient(request())).largest).toBeGreaterThan(0);
	});

	it('names what cannot be differentiated', async () => {
		const source = decodeOnnx(modelBytes(), 'net.onnx');
		const nodes = source.graph.nodes.map((node) =>
			node.name === 'neck.1.relu' ? { ...node, operator: 'Softplus' } : node,
		);
		const bytes = encodeOnnx({ ...source, graph: { ...source.graph, nodes } });
		const model = { key: 'softplus', name: 'net.onnx', load: async () => bytes };
		expect(await problemOf(t.client.gradient({ ...request(), model }))).toEqual({
			code: 'model.unsupported',
			name: 'net.onnx',
			detail: 'Softplus “neck.1.relu”: this operator cannot be differentiated',
		});
		expect((await t.client.gradient(request())).largest).toBeGreaterThan(0);
	});
});

describe('GradientService', () => {
	let service: GradientService;
	let calls: string[];
	const small = (scale: number): Omit<GradientParams, 'model'> => {
		const [width, height] = [16 * scale + 1, 16 * scale + 1];
		const grid = 2 * scale + 1;
		return {
			rgb: new Uint8Array(width * height * 3).map((_, index) => (index * 37) % 256),
			geometry: {
				pictureWidth: width,
				pictureHeight: height,
				resizedWidth: width,
				resizedHeight: height,
				inputWidth: width,
				inputHeight: height,
				gridWidth: grid,
				gridHeight: grid,
				alignCorners: true,
			},
			target: { branch: undefined, label: 3, at: { row: 1, column: 1 } },
		};
	};
	const context = (cancelAt?: GradientStage): CallContext<GradientStage> => {
		const controller = new AbortController();
		return {
			signal: controller.signal,
			progress: (stage) => {
				calls.push(stage);
				if (stage === cancelAt) {
					controller.abort();
				}
			},
		};
	};
	const measure = (params: Omit<GradientParams, 'model'>, cancelAt?: GradientStage) =>
		service.measure({ ...params, model: { key: 'bundled', name: 'model.onnx' } }, context(cancelAt));

	beforeEach(() => {
		calls = [];
		service = new GradientService({
			modelBytes: () => {
				calls.push('bytes');
				return modelBytes();
			},
			createEngine: async (): Promise<InferenceEngine> => {
				const engine = new WasmEngine({ assets, threads: 1 });
				calls.push('engine');
				return {
					backend: engine.backend,
					load: (bytes, name) => {
						calls.push('loaded');
						return engine.load(bytes, name);
					},
					run: (feeds, outputs) => engine.run(feeds, outputs),
					unload: () => {
						calls.push('unloaded');
						return engine.unload();
					},
				};
			},
		});
	});
	afterEach(() => service.release());

	it('builds and loads once for a model and a size', async () => {
		expect(service.heldModel).toBeUndefined();
		await measure(small(1));
		expect(calls).toEqual(['build', 'bytes', 'load', 'engine', 'loaded', 'run']);
		expect(service.heldModel).toBe('bundled');
		calls = [];
		await measure({ ...small(1), target: { branch: 2, label: 0, at: { row: 0, column: 2 } } });
		expect(calls).toEqual(['build', 'load', 'run']);
		calls = [];
		await measure(small(2));
		expect(calls).toEqual(['build', 'load', 'loaded', 'run']);
	});

	it('lets everything go, and begins anew', async () => {
		await measure(small(1));
		await service.release();
		expect(calls.at(-1)).toBe('unloaded');
		expect(service.heldModel).toBeUndefined();
		calls = [];
		await measure(small(1));
		expect(calls).toEqual(['build', 'bytes', 'load', 'loaded', 'run']);
	});

	it.each<GradientStage>(['build', 'load'])('is cancelled after “%s”', async (stage) => {
		expect(await problemOf(measure(small(1), stage))).toEqual({ code: 'cancelled' });
		expect(calls).not.toContain('run');
		expect((await measure(small(1))).value.largest).toBeGreaterThan(0);
	});

	it('refuses a target that is not there', async () => {
		const { target } = small(1);
		for (const wrong of [
			{ ...target, branch: 4 },
			{ ...target, label: 21 },
			{ ...target, at: { row: 3, column: 0 } },
			{ ...target, at: { mask: new Uint8Array(9) } },
		]) {
			expect(await problemOf(measure({ ...small(1), target: wrong }))).toMatchObject({ code: 'internal' });
		}
		const { geometry } = small(1);
		expect(await problemOf(measure({ ...small(1), geometry: { ...geometry, gridWidth: 5 } }))).toEqual({
			code: 'internal',
			detail: 'aspp.6 is 1x21x3x3 where the run’s grid is 3x5',
		});
	});
});
