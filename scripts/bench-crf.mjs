/**
 * Measures the dense CRF: whole jobs (unary and picture in, labels out), and how soon labels follow a slider, in the
 * kernel (`slider`) and through the product's worker (`live`).
 * `npm run bench:crf [-- --json FILE] [--rounds N] [--only TEXT]`
 *
 * Where the environment's PYDENSECRF_PYTHON names a Python that has pydensecrf, that does the same jobs in turns with
 * ours; a ratio is that of one round.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureLive } from './bench/crfLive.mjs';
import { startPeer } from './bench/crfPeer.mjs';
import { importBundled } from './lib/importBundled.mjs';

const { values } = parseArgs({
	options: { json: { type: 'string' }, rounds: { type: 'string' }, only: { type: 'string' } },
});
const rounds = Math.max(5, Number(values.rounds ?? 7));
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const shared = path.join(root, '../shared/crf/golden');
await import('./build.mjs');
/** @type {typeof import('./bench/crfEntry.ts')} */
const product = await importBundled('scripts/bench/crfEntry.ts');

/** @typedef {import('./bench/crfPeer.mjs').Input} Input */
/** @typedef {Awaited<ReturnType<typeof product.createDenseCrf>>} DenseCrf */

const common = { iterations: 10, normalization: /** @type {const} */ ('symmetric') };
const settings = {
	A: { ...common, spatialWeight: 3, spatialSigma: 3, bilateralWeight: 10, bilateralSigmaXy: 80, bilateralSigmaRgb: 13 },
	B: { ...common, spatialWeight: 3, spatialSigma: 1, bilateralWeight: 4, bilateralSigmaXy: 67, bilateralSigmaRgb: 3 },
};
const prunings = { exact: 0, pruned: product.defaultPruning };

/** @type {Map<string, { unit: string, samples: number[] }>} */
const figures = new Map();
/** @param {string} name @param {string} unit @param {number} sample */
function record(name, unit, sample) {
	const figure = figures.get(name) ?? { unit, samples: [] };
	figure.samples.push(sample);
	figures.set(name, figure);
}
/** @param {readonly number[]} samples */
function median(samples) {
	const sorted = [...samples].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const python = process.env.PYDENSECRF_PYTHON;
const peer = python ? startPeer(python) : undefined;
const crfs = await makeCrfs();
console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, ${rounds} rounds`);
console.log(peer ? `against pydensecrf of ${python}` : 'PYDENSECRF_PYTHON is not set: no peer');

for (const name of ['rbird', 'rcity']) {
	const input = await picture(name, 513);
	for (const [set, parameters] of Object.entries(settings)) {
		const job = `513.${name}.${set}`;
		if (wanted(job)) {
			await measureJob(job, input, parameters);
		}
	}
	if (name === 'rbird' && wanted('slider')) {
		measureSliders(input);
	}
	if (name === 'rbird' && wanted('live')) {
		const parameters = { ...settings.A, pruning: prunings.pruned };
		await measureLive({ product, root, input, parameters, rounds, record });
	}
}
if (wanted('182')) {
	await measureManyClasses();
}
for (const { crf } of crfs) {
	crf.dispose();
}
peer?.end();

const rows = [...figures].map(([name, { unit, samples }]) => {
	const digits = unit === 'x' ? 2 : 1;
	const [low, high] = [Math.min(...samples), Math.max(...samples)].map((value) => value.toFixed(digits));
	return [name, `${median(samples).toFixed(digits)} ${unit}`, `${low}–${high}`, `${samples.length}`];
});
const table = [['figure', 'median', 'range', 'n'], ...rows];
const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
for (const row of table) {
	console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[i]))).join('  '));
}
if (values.json) {
	const entries = [...figures].map(([name, { unit, samples }]) => [name, { value: median(samples), unit, samples }]);
	await writeFile(values.json, `${JSON.stringify(Object.fromEntries(entries), null, '\t')}\n`);
}

/** @param {string} name */
function wanted(name) {
	return values.only === undefined || name.includes(values.only);
}

/**
 * A whole job with every number of threads and every pruning, in turns; nothing is kept from the round before.
 * @param {string} job @param {Input} input @param {typeof settings.A} parameters
 */
async function measureJob(job, input, parameters) {
	for (let round = -1; round < rounds; round++) {
		const other = peer && (await peer.run(input, parameters));
		if (other && round >= 0) {
			record(`${job}.pydensecrf`, 'ms', other.milliseconds);
		}
		for (const { threads, crf } of crfs) {
			for (const [kind, pruning] of Object.entries(prunings)) {
				forget(crf);
				crf.setParameters({ ...parameters, pruning });
				const start = performance.now();
				crf.setInput(input);
				crf.run();
				const labels = crf.labels();
				const time = performance.now() - start;
				if (round < 0) {
					if (other) {
						const wrong = labels.reduce((sum, label, i) => sum + (label === other.labels[i] ? 0 : 1), 0);
						record(`${job}.${kind}.${threads}.differing labels`, 'px', wrong);
					}
					continue;
				}
				record(`${job}.${kind}.${threads}`, 'ms', time);
				if (other) {
					record(`${job}.${kind}.${threads}.ratio`, 'x', other.milliseconds / time);
				}
			}
		}
	}
}

/** From a changed parameter to new labels, the picture held. @param {Input} input */
function measureSliders(input) {
	for (const { threads, crf } of crfs) {
		crf.setInput(input);
		const base = { ...settings.A, pruning: prunings.pruned };
		crf.setParameters(base);
		crf.run();
		for (let round = -1; round < rounds; round++) {
			const change = round + 2;
			const moves = {
				'bilateral weight': { bilateralWeight: 10 - change / 10 },
				'spatial weight': { spatialWeight: 3 - change / 10 },
				iterations: { iterations: 9 },
				'spatial sigma': { spatialSigma: 3 + change / 10 },
				'bilateral sigma xy': { bilateralSigmaXy: 80 + change },
				'bilateral sigma rgb': { bilateralSigmaRgb: 13 - change / 10 },
			};
			for (const [slider, move] of Object.entries(moves)) {
				crf.setParameters(base);
				crf.run();
				const start = performance.now();
				crf.setParameters({ ...base, ...move });
				crf.run();
				crf.labels();
				if (round >= 0) {
					record(`slider.${slider}.${threads}`, 'ms', performance.now() - start);
				}
			}
		}
	}
}

/** 182 classes, as of COCO-Stuff, none of them hopeless. */
async function measureManyClasses() {
	const base = await picture('rcity', 321);
	const classes = 182;
	const pixels = base.width * base.height;
	const unary = new Float32Array(classes * pixels);
	for (let c = 0; c < classes; c++) {
		for (let i = 0; i < pixels; i++) {
			unary[c * pixels + i] = base.unary[((c * 5) % base.classes) * pixels + i] + ((c * 37) % 23) / 10;
		}
	}
	const input = { ...base, classes, unary };
	for (let round = -1; round < Math.min(rounds, 5); round++) {
		const other = peer && (await peer.run(input, settings.A));
		for (const { threads, crf } of await makeCrfs()) {
			crf.setParameters({ ...settings.A, pruning: 0 });
			const start = performance.now();
			crf.setInput(input);
			crf.run();
			const labels = crf.labels();
			const time = performance.now() - start;
			if (round >= 0) {
				record(`321.182 classes.exact.${threads}`, 'ms', time);
				record(`321.182 classes.memory.${threads}`, 'MB', crf.memoryBytes / 2 ** 20);
				if (other) {
					record(`321.182 classes.exact.${threads}.ratio`, 'x', other.milliseconds / time);
				}
			} else if (other) {
				const wrong = labels.reduce((sum, label, i) => sum + (label === other.labels[i] ? 0 : 1), 0);
				record(`321.182 classes.exact.${threads}.differing labels`, 'px', wrong);
			}
			crf.dispose();
		}
		if (other && round >= 0) {
			record('321.182 classes.pydensecrf', 'ms', other.milliseconds);
		}
	}
}

/** A picture of one pixel takes the place of the one before, and with it the lattices go. @param {DenseCrf} crf */
function forget(crf) {
	crf.setInput({ width: 1, height: 1, classes: 1, unary: new Float32Array(1), rgb: new Uint8Array(3) });
}

/** @param {string} name @param {number} size @returns {Promise<Input>} */
async function picture(name, size) {
	const file = path.join(shared, `${name}-${size}.npz`);
	if (existsSync(file)) {
		const { image, unary } = product.decodeNpz(await readFile(file));
		const scores = /** @type {Float32Array} */ (unary.data);
		return { width: size, height: size, classes: 21, unary: scores, rgb: /** @type {Uint8Array} */ (image.data) };
	}
	console.log(`${file} is not there: “${name}” is a synthetic picture`);
	return synthetic(size);
}

/** Discs on a gradient with noise, and scores that are blurred and partly wrong. @param {number} size @returns {Input} */
function synthetic(size) {
	const classes = 21;
	const rgb = new Uint8Array(size * size * 3);
	const unary = new Float32Array(classes * size * size).fill(11.5);
	let state = 1;
	const random = () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 2 ** 32;
	};
	for (let y = 0; y < size; y++) {
		for (let x = 0; x < size; x++) {
			const at = y * size + x;
			const cell = (Math.floor(x / 97) + 2 * Math.floor(y / 97)) % 8;
			const distance = Math.hypot((x % 97) - 48, (y % 97) - 48) - 36;
			const inside = distance < 0;
			for (let k = 0; k < 3; k++) {
				const base = inside ? 60 + 20 * ((cell * (k + 2)) % 8) : 40 + (100 * (k === 0 ? x : y)) / size;
				rgb[at * 3 + k] = base + 12 * random();
			}
			const probability = 1 / (1 + Math.exp(distance / 8));
			unary[at] = -Math.log(Math.max(1e-5, 1 - probability));
			unary[(cell + 1) * size * size + at] = -Math.log(Math.max(1e-5, probability));
		}
	}
	return { width: size, height: size, classes, unary, rgb };
}

/** One and two threads, each with a kernel of its own. */
async function makeCrfs() {
	/** @param {string} file */
	const module = async (file) =>
		product.compileWasm(new Uint8Array(await readFile(path.join(root, 'dist/assets', file))));
	const startThread = product.nodeCrfThreads(path.join(root, 'dist/crfThread.mjs'));
	return [
		{ threads: '1 thread', crf: await product.createDenseCrf(await module('dense-crf.wasm')) },
		{
			threads: '2 threads',
			crf: await product.createDenseCrf(await module('dense-crf-threads.wasm'), { threads: 2, startThread }),
		},
	];
}
