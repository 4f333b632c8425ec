/**
 * Measures importing at full size: ResNet-101 with random weights as torch's two containers hold it, and as the released
 * `.caffemodel` with its three copies. Each import is a process of its own, as in the terminal.
 * `npm run bench:import [-- --keep FOLDER] [--rounds N]`; with `--keep` the files stay there.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { importBundled } from './lib/importBundled.mjs';

const { values } = parseArgs({ options: { keep: { type: 'string' }, rounds: { type: 'string' } } });
const rounds = Math.max(1, Number(values.rounds ?? 3));

await import('./build.mjs');
/** @type {typeof import('./bench/importEntry.ts')} */
const product = await importBundled('scripts/bench/importEntry.ts');
const peak = fileURLToPath(new URL('./bench/importPeak.mjs', import.meta.url));

const folder = values.keep ? path.resolve(values.keep) : await mkdtemp(path.join(tmpdir(), 'bench-import-'));
try {
	await mkdir(folder, { recursive: true });
	await writeFiles();
	console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, ${rounds} rounds, medians\n`);
	console.log('file                     size  to a model  processor  peak memory  peak / file');
	for (const file of ['resnet101.zip.pth', 'resnet101.legacy.pth', 'resnet101.caffemodel']) {
		await measure(file);
	}
} finally {
	if (!values.keep) {
		await rm(folder, { recursive: true, force: true });
	}
}

async function writeFiles() {
	const network = product.randomResNet101({ branches: 4, classes: 21, width: 1, seed: 1 });
	const tensors = product.kazutoTensors(network);
	await writeFile(path.join(folder, 'resnet101.zip.pth'), product.torchZipFile(tensors));
	await writeFile(path.join(folder, 'resnet101.legacy.pth'), product.torchLegacyFile(tensors));
	await writeFile(path.join(folder, 'resnet101.caffemodel'), product.caffeModelFile(network));
}

/** @param {string} file */
async function measure(file) {
	const checkpoint = path.join(folder, file);
	const { size } = await stat(checkpoint);
	/** @type {{ seconds: number, processor: number, peakBytes: number }[]} */
	const runs = [];
	for (let round = 0; round < rounds; round++) {
		const figures = path.join(folder, 'figures.json');
		const out = path.join(folder, `${file}.onnx`);
		const { status, stderr } = spawnSync(process.execPath, [peak, figures, 'import', checkpoint, '-o', out], {
			encoding: 'utf8',
		});
		if (status !== 0) {
			throw new Error(`${file}: ${stderr}`);
		}
		runs.push(JSON.parse(await readFile(figures, 'utf8')));
		await rm(figures);
	}
	const [seconds, processor, bytes] = [
		median(runs.map((run) => run.seconds)),
		median(runs.map((run) => run.processor)),
		median(runs.map((run) => run.peakBytes)),
	];
	console.log(
		[
			file.padEnd(22),
			`${(size / 1e6).toFixed(0)} MB`.padStart(6),
			`${seconds.toFixed(1)} s`.padStart(11),
			`${processor.toFixed(1)} s`.padStart(10),
			`${(bytes / 1e6).toFixed(0)} MB`.padStart(12),
			(bytes / size).toFixed(2).padStart(12),
		].join(' '),
	);
}

/** @param {readonly number[]} samples */
function median(samples) {
	const sorted = [...samples].sort((a, b) => a - b);
	return sorted[sorted.length >> 1] ?? Number.NaN;
}
