/**
 * Measures the whole way from a picture's bytes to its mask against the network's bare run, and what the ASPP views
 * compute when something is changed; where Node has WebGPU (from 24 on) also the backends against each other.
 * `npm run bench [-- --json FILE] [--threads N] [--rounds N] [--model FILE.onnx] [--longest-side N]`; of another model than
 * the bundled one the whole way is measured alone.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { asppFigures } from './bench/asppFigures.mjs';
import { webgpuFigures } from './bench/webgpuFigures.mjs';
import { importBundled } from './lib/importBundled.mjs';

const { values } = parseArgs({
	options: {
		json: { type: 'string' },
		threads: { type: 'string' },
		rounds: { type: 'string' },
		model: { type: 'string' },
		'longest-side': { type: 'string' },
	},
});
const threads = Number(values.threads ?? Math.min(availableParallelism(), 8));
const rounds = Math.max(5, Number(values.rounds ?? 15));
const coldRounds = values.model ? 1 : 5;
const longestSide = values['longest-side'] ? Number(values['longest-side']) : undefined;

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const modelFile = path.resolve(values.model ?? path.join(root, 'models/deeplabv2-mobilenetv2-voc.onnx'));
const pictureFile = path.join(root, 'media/samples/coffee.png');
const assets = `${pathToFileURL(path.join(root, 'dist/assets')).href}/`;
// What is measured is what the sources say now.
await import('./build.mjs');

/** @type {Map<string, { unit: string, samples: number[], about: string }>} */
const figures = new Map();
/** @param {string} name @param {string} unit @param {string} about @param {number} sample */
function record(name, unit, about, sample) {
	const figure = figures.get(name) ?? { unit, samples: [], about };
	figure.samples.push(sample);
	figures.set(name, figure);
}
/** @param {readonly number[]} samples */
function median(samples) {
	const sorted = [...samples].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @type {typeof import('./bench/entry.ts')} */
const product = await importBundled('scripts/bench/entry.ts');
/**
 * @param {Partial<import('../src/shared/protocol/worker.ts').WorkerSetup>} [more]
 * @param {(status: import('../src/core/backend.ts').BackendStatus) => void} [onBackend]
 */
const newClient = (more = {}, onBackend = () => undefined) =>
	new product.InferenceClient({
		startWorker: () => product.startNodeWorker(path.join(root, 'dist/worker.mjs')),
		setup: () => ({ assets, threads, ...more }),
		onBackend,
		idleMilliseconds: () => Number.POSITIVE_INFINITY,
	});
const bytes = new Uint8Array(await readFile(pictureFile));
const model = {
	key: modelFile,
	name: path.basename(modelFile),
	load: async () => new Uint8Array(await readFile(modelFile)),
};
const prepared = await preparedInput(longestSide);
const { geometry } = prepared;

const request = {
	picture: { name: path.basename(pictureFile), bytes },
	model,
	...(longestSide ? { longestSide } : {}),
};

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${threads} threads, Node ${process.version}`);
console.log(
	`${path.basename(pictureFile)} ${geometry.pictureWidth} x ${geometry.pictureHeight}, longest side reduced to ${longestSide ?? 'the model’s own'}: ` +
		`${model.name}, network input ${geometry.inputWidth} x ${geometry.inputHeight}; ${rounds} rounds, every measure once a round\n`,
);

for (let i = 0; i < coldRounds; i++) {
	const client = newClient();
	const start = performance.now();
	const { info } = await client.segment(request);
	record('cold.whole', 'ms', 'first picture: worker start, onnxruntime, model, whole way', performance.now() - start);
	const modelTime = info.timings.find((timing) => timing.stage === 'model')?.milliseconds ?? Number.NaN;
	record('cold.model', 'ms', 'of it: onnxruntime’s wasm and the session', modelTime);
	await client.dispose();
}

const client = newClient();
const bare = await startBare('wasm', prepared);
const native = await startBare('native', prepared);
for (let i = -2; i < rounds; i++) {
	const start = performance.now();
	const { info } = await client.segment(request);
	const whole = performance.now() - start;
	const bareRun = await bare.run();
	const nativeRun = await native.run();
	if (i < 0) {
		continue;
	}
	record('whole', 'ms', 'whole way: bytes in the host to mask in the host, model held', whole);
	for (const { stage, milliseconds } of info.timings) {
		record(`stage.${stage}`, 'ms', `of it: ${stage}`, milliseconds);
	}
	record('bare', 'ms', 'bare session.run, onnxruntime-web, own worker, same input and threads', bareRun);
	record('native', 'ms', 'bare session.run, onnxruntime-node, own worker, same input and threads', nativeRun);
	record('ratio.whole/bare', 'x', 'whole way / bare run of the same round (target: at most 1.25)', whole / bareRun);
	record('ratio.whole/native', 'x', 'whole way / native run of the same round', whole / nativeRun);
	record('ratio.bare/native', 'x', 'WASM / native, both bare', bareRun / nativeRun);
}
for (let i = 0; i < Math.min(rounds, 5); i++) {
	const profiler = newClient();
	const { plainMilliseconds, profiledMilliseconds } = await profiler.profile(request);
	await profiler.dispose();
	const bareRun = median([await bare.run(), await bare.run(), await bare.run()]);
	record('profile.plain', 'ms', 'network in a profile, as always', plainMilliseconds);
	record('profile.timed', 'ms', 'network in a profile, its operators timed', profiledMilliseconds);
	record('ratio.plain/bare', 'x', 'network in a profile / bare run of the same round', plainMilliseconds / bareRun);
	record('ratio.timed/plain', 'x', 'what a profile says that timing costs', profiledMilliseconds / plainMilliseconds);
	record('ratio.timed/bare', 'x', 'network with its operators timed / bare run', profiledMilliseconds / bareRun);
}
await Promise.all([bare.end(), native.end()]);
if (!values.model) {
	await asppFigures(product, client, model, path.join(root, 'media/samples/astronaut.png'), rounds, record);
}
const gpuModule = product.nodeGpuModule(path.join(root, 'dist'));
/** @type {import('../src/core/backend.ts').BackendStatus | undefined} */
let status;
const gpu = newClient({ backend: 'webgpu', ...(gpuModule ? { gpuModule } : {}) }, (told) => {
	status = told;
});
const nativeAt = async (/** @type {number | undefined} */ side) => startBare('native', await preparedInput(side));
console.log(
	`${await webgpuFigures({ gpu, cpu: client, status: () => status, request, native: nativeAt, rounds }, record)}\n`,
);
await gpu.dispose();
await client.dispose();

const rows = [...figures].map(([name, { unit, samples, about }]) => {
	const digits = unit === 'x' ? 2 : 1;
	const [low, high] = [Math.min(...samples), Math.max(...samples)].map((value) => value.toFixed(digits));
	return [name, `${median(samples).toFixed(digits)} ${unit}`, `${low}–${high}`, `${samples.length}`, about];
});
const table = [['figure', 'median', 'range', 'n', 'what is measured'], ...rows];
const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
for (const row of table) {
	console.log(
		row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0]) : i < 4 ? cell.padStart(widths[i]) : cell)).join('  '),
	);
}

if (values.json) {
	const entries = [...figures].map(([name, { unit, samples }]) => [name, { value: median(samples), unit, samples }]);
	await writeFile(values.json, `${JSON.stringify(Object.fromEntries(entries), null, '\t')}\n`);
}

/** The network's input as the product makes it, for the bare runs. @param {number | undefined} side */
async function preparedInput(side) {
	const decoder = product.createPictureDecoder(async (file) => new Uint8Array(await readFile(new URL(file, assets))));
	const picture = await decoder.decode(pictureFile, bytes);
	const client = newClient();
	const { metadata } = await client.describeModel(model);
	await client.dispose();
	return {
		...product.prepareInput(picture, metadata.preprocessing, side),
		outputs: ['features', ...metadata.branches.map((branch) => branch.output), 'logits'],
	};
}

/** @param {'wasm' | 'native'} runtime @param {Awaited<ReturnType<typeof preparedInput>>} prepared */
async function startBare(runtime, { input, geometry, outputs }) {
	const shape = [1, 3, geometry.inputHeight, geometry.inputWidth];
	const worker = new Worker(new URL('./bench/bareWorker.mjs', import.meta.url), {
		workerData: { runtime, modelFile, assets, threads, shape, outputs },
	});
	const message = () =>
		new Promise((resolve, reject) => {
			worker.once('message', resolve);
			worker.once('error', reject);
		}).finally(() => worker.removeAllListeners('error'));
	await message();
	return {
		/** @returns {Promise<number>} milliseconds of session.run alone */
		run: async () => {
			const answer = message();
			worker.postMessage(input);
			return /** @type {number} */ (await answer);
		},
		end: () => worker.terminate(),
	};
}
