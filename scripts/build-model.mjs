/** Builds models/*.onnx from the bundled weights with the product's own graph builder, unless it is up to date. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import esbuild from 'esbuild';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
const model = 'deeplabv2-mobilenetv2-voc';
const weightsName = `${model}.safetensors`;
const output = path.join(root, 'models', `${model}.onnx`);
const stamp = path.join(root, '.cache', 'build-model.json');

/** @param {...(string | Uint8Array)} parts */
function hash(...parts) {
	const digest = createHash('sha256');
	for (const part of parts) {
		digest.update(String(part.length)).update(part);
	}
	return digest.digest('hex');
}

/**
 * Writes beside the file and renames, so that no reader ever sees half of it.
 *
 * @param {string} file
 * @param {string | Uint8Array} content
 */
async function writeWhole(file, content) {
	const temporary = `${file}.${process.pid}.tmp`;
	try {
		await writeFile(temporary, content);
		await rename(temporary, file);
	} catch (error) {
		await rm(temporary, { force: true });
		throw error;
	}
}

/** @param {string} inputs */
async function isUpToDate(inputs) {
	try {
		const written = JSON.parse(await readFile(stamp, 'utf8'));
		return written.inputs === inputs && written.output === hash(await readFile(output));
	} catch {
		return false;
	}
}

const bundle = await esbuild.build({
	entryPoints: ['src/core/onnx/buildModelFile.ts'],
	absWorkingDir: root,
	bundle: true,
	write: false,
	format: 'esm',
	platform: 'neutral',
	target: 'es2022',
	logLevel: 'warning',
});
const code = /** @type {esbuild.OutputFile} */ (bundle.outputFiles[0]).contents;
const weights = await readFile(path.join(root, 'models', weightsName));
const architecture = await readFile(path.join(root, 'models', 'architecture.json'), 'utf8');
const inputs = hash(code, weights, architecture);
if (await isUpToDate(inputs)) {
	console.log(`models/${model}.onnx is up to date`);
} else {
	/** @type {typeof import('../src/core/onnx/buildModelFile')} */
	const { buildModelFile } = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
	const { bytes, parameters } = buildModelFile(JSON.parse(architecture), weights, weightsName);
	await writeWhole(output, bytes);
	await mkdir(path.dirname(stamp), { recursive: true });
	await writeWhole(stamp, JSON.stringify({ inputs, output: hash(bytes) }));
	console.log(`models/${model}.onnx built: ${parameters} parameters, ${bytes.length} bytes`);
}
