/** WebGPU against WASM and against native onnxruntime, each picture on all three in turns. */

/**
 * @typedef {object} Parts
 * @property {import('../../src/worker/client/client').InferenceClient} gpu whose backend is WebGPU, where there is one
 * @property {import('../../src/worker/client/client').InferenceClient} cpu
 * @property {() => import('../../src/core/backend').BackendStatus | undefined} status of `gpu`, after its first picture
 * @property {import('../../src/worker/client/client').SegmentRequest} request
 * @property {(longestSide: number | undefined) => Promise<{ run(): Promise<number>, end(): Promise<unknown> }>} native
 * @property {number} rounds
 */

/** A software adapter shows that it works, not how fast: a small picture does. */
const softwareSide = 65;

/**
 * @param {Parts} parts
 * @param {(name: string, unit: string, about: string, sample: number) => void} record
 * @returns {Promise<string>} a line that says what ran, or why nothing did
 */
export async function webgpuFigures({ gpu, cpu, status, request, native, rounds }, record) {
	/** @param {import('../../src/worker/client/client').InferenceClient} client @param {number | undefined} side */
	const network = async (client, side) => {
		const { info } = await client.segment({ ...request, ...(side ? { longestSide: side } : {}) });
		return info.timings.find(({ stage }) => stage === 'network')?.milliseconds ?? Number.NaN;
	};
	await network(gpu, softwareSide);
	const { runs, webgpuRefused } = status() ?? {};
	if (runs?.name !== 'webgpu') {
		return `no WebGPU: ${webgpuRefused?.reason} ${webgpuRefused?.detail}`;
	}
	const { vendor, architecture, description } = runs.adapter ?? { vendor: '', architecture: '', description: '' };
	const software = /swiftshader|llvmpipe|basic render/i.test(`${architecture} ${description}`);
	const side = software ? softwareSide : request.longestSide;
	const of = software ? `, software adapter, longest side ${softwareSide}` : '';
	const bare = await native(side);
	for (let i = software ? -1 : -2; i < (software ? 3 : rounds); i++) {
		const [onGpu, onCpu, onNative] = [await network(gpu, side), await network(cpu, side), await bare.run()];
		if (i < 0) {
			continue;
		}
		record('webgpu.network', 'ms', `the network on WebGPU, in the product${of}`, onGpu);
		record('ratio.webgpu/wasm', 'x', `WebGPU / WASM, the network in the product${of}`, onGpu / onCpu);
		record('ratio.webgpu/native', 'x', `WebGPU / bare session.run of onnxruntime-node${of}`, onGpu / onNative);
	}
	await bare.end();
	return `WebGPU: ${vendor} ${architecture}, ${description}${software ? ' (software adapter: for correctness alone)' : ''}`;
}
