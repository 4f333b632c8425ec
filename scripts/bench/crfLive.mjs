/**
 * How soon a mask follows a slider in the product's own way: through the worker's client, from the request to the mask
 * on the host's side; then to all iterations with their figures.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** @typedef {import('../../src/shared/protocol/crf.ts').CrfSource} CrfSource */
/** @typedef {import('../../src/core/crf/parameters.ts').CrfParameters} CrfParameters */

/**
 * @param {object} given
 * @param {typeof import('./crfEntry.ts')} given.product
 * @param {string} given.root the repository
 * @param {import('./crfPeer.mjs').Input} given.input set A's picture
 * @param {CrfParameters} given.parameters set A, pruned
 * @param {number} given.rounds
 * @param {(name: string, unit: string, sample: number) => void} given.record
 */
export async function measureLive({ product, root, input, parameters, rounds, record }) {
	const client = new product.InferenceClient({
		startWorker: () => product.startNodeWorker(path.join(root, 'dist/worker.mjs')),
		setup: () => ({ assets: `${pathToFileURL(path.join(root, 'dist/assets')).href}/`, threads: 2 }),
		idleMilliseconds: () => Number.POSITIVE_INFINITY,
	});
	try {
		const cases = /** @type {const} */ ([
			['rbird.A', sourceOf(input), parameters],
			['astronaut.default', await segmented(client, root), product.defaultCrfParameters],
		]);
		for (const [name, source, base] of cases) {
			await measure(client, name, source, base, rounds, record);
		}
	} finally {
		await client.dispose();
	}
}

/**
 * @param {import('../../src/worker/client/client.ts').InferenceClient} client
 * @param {string} name @param {CrfSource} source @param {CrfParameters} base @param {number} rounds
 * @param {(name: string, unit: string, sample: number) => void} record
 */
async function measure(client, name, source, base, rounds, record) {
	/** @param {Partial<CrfParameters>} move */
	const request = (move) => ({
		runId: name,
		settings: { parameters: { ...base, ...move }, resolution: /** @type {const} */ ('picture') },
		loadSource: async () => structuredClone(source),
	});
	for (let round = -1; round < rounds; round++) {
		const change = round + 2;
		/** @type {Record<string, Partial<CrfParameters>>} */
		const moves = {
			w1: { bilateralWeight: base.bilateralWeight - change / 10 },
			w2: { spatialWeight: base.spatialWeight - change / 10 },
			'iterations + 1': { iterations: base.iterations + 1 },
			'iterations - 1': { iterations: base.iterations - 1 },
			σα: { bilateralSigmaXy: base.bilateralSigmaXy + change },
			σβ: { bilateralSigmaRgb: base.bilateralSigmaRgb + change / 20 },
			σγ: { spatialSigma: base.spatialSigma + change / 10 },
		};
		for (const [slider, move] of Object.entries(moves)) {
			await client.refine(request({}));
			const moved = request(move);
			const start = performance.now();
			const { labels } = await client.crfMask({
				...moved,
				iteration: moved.settings.parameters.iterations,
				entropy: false,
			});
			const first = performance.now() - start;
			const { labels: all } = await client.refine(moved);
			const whole = performance.now() - start;
			if (labels.some((label, i) => label !== all.at(-1)?.[i])) {
				throw new Error(`${name}, ${slider}: the mask is not that of the steps`);
			}
			if (round >= 0) {
				record(`live.${name}.${slider}.mask`, 'ms', first);
				record(`live.${name}.${slider}.all`, 'ms', whole);
			}
		}
	}
}

/** The bundled model's soft scores. @param {import('../../src/worker/client/client.ts').InferenceClient} client @param {string} root @returns {Promise<CrfSource>} */
async function segmented(client, root) {
	const read = async (/** @type {string} */ file) => new Uint8Array(await readFile(path.join(root, file)));
	const { info, tensors } = await client.segment({
		picture: { name: 'astronaut.png', bytes: await read('media/samples/astronaut.png') },
		model: { key: 'bundled', name: 'bundled', load: () => read('models/deeplabv2-mobilenetv2-voc.onnx') },
	});
	return { rgb: tensors.rgb, logits: tensors.logits, geometry: info.geometry };
}

/** Scores that lie on the picture's own pixels. @param {import('./crfPeer.mjs').Input} input @returns {CrfSource} */
function sourceOf({ width, height, classes, unary, rgb }) {
	return {
		rgb,
		logits: { channels: classes, height, width, data: unary.map((value) => -value) },
		geometry: {
			pictureWidth: width,
			pictureHeight: height,
			resizedWidth: width,
			resizedHeight: height,
			inputWidth: width,
			inputHeight: height,
			gridWidth: width,
			gridHeight: height,
			alignCorners: false,
		},
	};
}
