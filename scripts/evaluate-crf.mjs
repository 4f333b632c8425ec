/**
 * What the dense CRF does to the bundled model's masks over pictures with ground truth in VOC's layout.
 *
 *     npm run evaluate:crf -- FOLDER [--search] [--json FILE]
 *
 * Prints mean IoU, pixel accuracy and the trimap curve before and after, with the default settings, over the half of the
 * pictures that no setting was chosen on (those at odd places of val.txt). `--search` first looks for better settings on
 * the other half, coarse to fine as arXiv 1606.00915 does, and reports with what it found. It goes by the mean IoU of the
 * classes that are in at least 10 of its pictures: one picture decides over the IoU of a class that is in two or three.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { importBundled } from './lib/importBundled.mjs';

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { search: { type: 'boolean' }, json: { type: 'string' } },
});
const folder = positionals[0];
if (!folder) {
	console.error('Name the folder with JPEGImages, SegmentationClass and ImageSets/Segmentation/val.txt.');
	process.exit(2);
}

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const assets = path.join(root, 'dist/assets');
const modelFile = path.join(root, 'models/deeplabv2-mobilenetv2-voc.onnx');
const ignoreLabel = 255;
const threads = Math.min(availableParallelism(), 4);
/** A class has to be in so many pictures of the searched half to count in the search. */
const leastPictures = 10;
await import('./build.mjs');
/** @type {typeof import('./evaluate/entry.ts')} */
const product = await importBundled('scripts/evaluate/entry.ts');
const crf = await product.createDenseCrf(
	await product.compileWasm(new Uint8Array(await readFile(path.join(assets, 'dense-crf-threads.wasm')))),
	{ threads, startThread: product.nodeCrfThreads(path.join(root, 'dist/crfThread.mjs')) },
);

/**
 * @typedef {import('../src/core/crf/parameters.ts').CrfParameters} CrfParameters
 * @typedef {object} Sample
 * @property {number} width
 * @property {number} height
 * @property {Uint8Array} truth
 * @property {import('../src/core/run.ts').RunTensors} tensors
 * @property {import('../src/core/run.ts').Geometry} geometry
 * @property {Float32Array} [unary] made once: a search needs it many times
 */
const samples = await segmentAll();
const classCount = samples[0]?.tensors.logits.channels ?? 0;
const searched = samples.filter((_, i) => i % 2 === 0);
const reported = samples.filter((_, i) => i % 2 === 1);

const parameters = values.search ? search() : product.defaultCrfParameters;
const before = measure(reported, ({ tensors }) => tensors.labels);
const after = measure(reported, (sample) => refine(sample, parameters));
const all = {
	before: measure(samples, ({ tensors }) => tensors.labels),
	after: measure(samples, (sample) => refine(sample, parameters)),
};
print();
if (values.json) {
	const figures = { parameters, pictures: reported.length, before, after, all: { pictures: samples.length, ...all } };
	await writeFile(values.json, `${JSON.stringify(figures, null, '\t')}\n`);
}
crf.dispose();

/** The network over every picture of the list. @returns {Promise<Sample[]>} */
async function segmentAll() {
	/** @param {string} file */
	const read = async (file) => new Uint8Array(await readFile(path.join(folder ?? '', file)));
	const list = await readFile(path.join(folder ?? '', 'ImageSets/Segmentation/val.txt'), 'utf8');
	const model = {
		key: 'bundled',
		name: path.basename(modelFile),
		load: async () => new Uint8Array(await readFile(modelFile)),
	};
	const client = new product.InferenceClient({
		startWorker: () => product.startNodeWorker(path.join(root, 'dist/worker.mjs')),
		setup: () => ({ assets: `${pathToFileURL(assets).href}/`, threads }),
		idleMilliseconds: () => Number.POSITIVE_INFINITY,
	});
	const found = [];
	for (const name of list.trim().split(/\s+/)) {
		const picture = { name, bytes: await read(`JPEGImages/${name}.jpg`) };
		const { info, tensors } = await client.segment({ picture, model });
		const { labels: truth } = product.decodeLabelPng(await read(`SegmentationClass/${name}.png`));
		const { pictureWidth: width, pictureHeight: height } = info.geometry;
		found.push({ width, height, truth, tensors, geometry: info.geometry });
	}
	await client.dispose();
	return found;
}

/** The mask after the CRF, at the picture's own size. @param {Sample} sample @param {CrfParameters} settings */
function refine(sample, settings) {
	const { width, height, tensors, geometry } = sample;
	sample.unary ??= product.unaryFromLogits(tensors.logits, geometry);
	const { unary } = sample;
	crf.setInput({ width, height, classes: tensors.logits.channels, unary, rgb: tensors.rgb });
	crf.setParameters(settings);
	crf.run();
	return crf.labels();
}

/**
 * @param {readonly Sample[]} pictures
 * @param {(sample: Sample) => Uint8Array} mask
 */
function measure(pictures, mask) {
	const matrix = new product.ConfusionMatrix(classCount, ignoreLabel);
	const trimap = new product.TrimapCurve(classCount, ignoreLabel);
	for (const sample of pictures) {
		const labels = mask(sample);
		matrix.add(sample.truth, labels);
		trimap.add(sample.truth, labels, sample.width, sample.height);
	}
	return {
		meanIoU: matrix.meanIoU(),
		frequentIoU: frequentIoU(matrix, pictures),
		pixelAccuracy: matrix.pixelAccuracy(),
		trimap: trimap.meanIoU(),
	};
}

/**
 * Mean IoU of the classes that at least {@link leastPictures} of the pictures have.
 * @param {InstanceType<typeof product.ConfusionMatrix>} matrix
 * @param {readonly Sample[]} pictures
 */
function frequentIoU(matrix, pictures) {
	const present = pictures.map(({ truth }) => new Set(truth));
	const frequent = matrix
		.classIoU()
		.filter((_, label) => present.filter((labels) => labels.has(label)).length >= leastPictures);
	const known = frequent.filter((value) => value !== undefined);
	return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/**
 * Coarse to fine over w1, sigma alpha and sigma beta; w2 and sigma gamma are held at 3, the iterations at 10, as in the
 * paper. The grid is the paper's, widened to weaker and narrower kernels.
 * @returns {CrfParameters}
 */
function search() {
	/** @type {Map<string, number>} */
	const tried = new Map();
	const unrefined = measure(searched, ({ tensors }) => tensors.labels);
	console.log(`before: ${percent(unrefined.frequentIoU)} (${percent(unrefined.meanIoU)} with the rare classes)`);
	/** @param {readonly [number, number, number]} point */
	const score = ([bilateralWeight, bilateralSigmaXy, bilateralSigmaRgb]) => {
		const key = `w1 ${bilateralWeight}, sigma alpha ${bilateralSigmaXy}, sigma beta ${bilateralSigmaRgb}`;
		const known = tried.get(key);
		if (known !== undefined) {
			return known;
		}
		const settings = { ...base, bilateralWeight, bilateralSigmaXy, bilateralSigmaRgb };
		const matrix = new product.ConfusionMatrix(classCount, ignoreLabel);
		for (const sample of searched) {
			matrix.add(sample.truth, refine(sample, settings));
		}
		const value = frequentIoU(matrix, searched);
		tried.set(key, value);
		console.log(`${key}: ${percent(value)} (${percent(matrix.meanIoU())} with the rare classes)`);
		return value;
	};
	const base = { ...product.defaultCrfParameters, iterations: 10, spatialWeight: 3, spatialSigma: 3 };
	/** @type {[number, number, number]} */
	let best = [3, 50, 5];
	/** @param {readonly [readonly number[], readonly number[], readonly number[]]} grid */
	const tryAll = (grid) => {
		for (const w of grid[0]) {
			for (const xy of grid[1]) {
				for (const rgb of grid[2]) {
					if (score([w, xy, rgb]) > score(best)) {
						best = [w, xy, rgb];
					}
				}
			}
		}
	};
	tryAll([
		[1, 3, 6],
		[20, 50, 80],
		[3, 5, 9],
	]);
	const [w, xy, rgb] = best;
	tryAll([
		[w - 1, w, w + 1],
		[xy - 10, xy, xy + 10],
		[rgb - 1, rgb, rgb + 1],
	]);
	const [bilateralWeight, bilateralSigmaXy, bilateralSigmaRgb] = best;
	return { ...base, bilateralWeight, bilateralSigmaXy, bilateralSigmaRgb };
}

function print() {
	const { bilateralWeight, bilateralSigmaXy, bilateralSigmaRgb, spatialWeight, spatialSigma, iterations } = parameters;
	console.log(
		`\nw1 ${bilateralWeight}, sigma alpha ${bilateralSigmaXy}, sigma beta ${bilateralSigmaRgb}, ` +
			`w2 ${spatialWeight}, sigma gamma ${spatialSigma}, ${iterations} iterations\n`,
	);
	console.log(`| | mean IoU | of the classes in ≥ ${leastPictures} pictures | pixel accuracy |\n|---|---|---|---|`);
	for (const [pictures, name, figures] of /** @type {const} */ ([
		[reported.length, 'before the CRF', before],
		[reported.length, 'after it', after],
		[samples.length, 'before the CRF', all.before],
		[samples.length, 'after it', all.after],
	])) {
		const columns = [figures.meanIoU, figures.frequentIoU, figures.pixelAccuracy].map(percent);
		console.log(`| ${pictures} pictures, ${name} | ${columns.join(' | ')} |`);
	}
	console.log(`\n| trimap width, px | mean IoU before | after |\n|---|---|---|`);
	for (const [index, value] of before.trimap.entries()) {
		console.log(`| ${index + 1} | ${percent(value)} | ${percent(after.trimap[index] ?? Number.NaN)} |`);
	}
}

/** @param {number} share */
function percent(share) {
	return (share * 100).toFixed(2);
}
