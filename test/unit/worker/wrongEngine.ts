/** WASM that says it is WebGPU, and, where it is told to, computes a layer wrongly. */

import type { BackendInfo } from '../../../src/core/backend';
import { decodeOnnx } from '../../../src/core/onnx/decode';
import { encodeOnnx } from '../../../src/core/onnx/encode';
import { DataType, type OnnxModel } from '../../../src/core/onnx/ir';
import type { Feeds, InferenceEngine, Tensor } from '../../../src/worker/engine/engine';
import { WasmEngine } from '../../../src/worker/engine/wasmEngine';
import { assets } from './support';

export const fakeAdapter = { vendor: 'acme', architecture: 'one', device: '', description: 'Acme One' };

/** What becomes of a value. */
export interface Fault {
	/** Name of the value. */
	readonly value: string;
	/** By what it is multiplied; NaN makes all of it NaN. */
	readonly factor: number;
}

export class PretendedWebGpu implements InferenceEngine {
	private readonly wasm = new WasmEngine({ assets, threads: 1 });

	/** @param track told of what is loaded and let go */
	constructor(
		private readonly faults: readonly Fault[] = [],
		private readonly track: (event: 'load' | 'unload') => void = () => undefined,
	) {}

	get backend(): BackendInfo {
		return { ...this.wasm.backend, name: 'webgpu', adapter: fakeAdapter };
	}

	async load(bytes: Uint8Array, name: string): Promise<void> {
		this.track('load');
		await this.wasm.load(encodeOnnx(withFaults(decodeOnnx(bytes, name), this.faults)), name);
	}

	run(feeds: Tensor | Feeds, outputs: readonly string[]): Promise<Readonly<Record<string, Tensor>>> {
		return this.wasm.run(feeds, outputs);
	}

	async unload(): Promise<void> {
		this.track('unload');
		await this.wasm.unload();
	}
}

/** Multiplies values as they are made; those that the graph does not make are left alone. */
export function withFaults(model: OnnxModel, faults: readonly Fault[]): OnnxModel {
	let { graph } = model;
	for (const { value, factor } of faults) {
		const right = `${value}/right`;
		const by = `${value}/factor`;
		if (!graph.nodes.some(({ outputs }) => outputs.includes(value))) {
			continue;
		}
		graph = {
			...graph,
			nodes: graph.nodes.flatMap((node) =>
				node.outputs.includes(value)
					? [
							{ ...node, outputs: node.outputs.map((each) => (each === value ? right : each)) },
							{ name: `${value}/fault`, operator: 'Mul', inputs: [right, by], outputs: [value], attributes: new Map() },
						]
					: [node],
			),
			initializers: [
				...graph.initializers,
				{ name: by, dims: [], dataType: DataType.float, data: new Uint8Array(Float32Array.of(factor).buffer) },
			],
		};
	}
	return { ...model, graph };
}
