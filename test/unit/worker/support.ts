/** What the tests of the worker share: a fresh dist/worker.mjs, a client on it, the pictures. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import esbuild from 'esbuild';
import { InspectorError, type Problem } from '../../../src/core/problem';
import type { WorkerSetup } from '../../../src/shared/protocol/worker';
import {
	InferenceClient,
	type InferenceClientOptions,
	type ModelHandle,
	type WorkerHandle,
} from '../../../src/worker/client/client';
import { startNodeWorker } from '../../../src/worker/client/startWorker.node';

export const root = path.resolve(import.meta.dirname, '../../..');
export const shared = path.resolve(root, '../shared');
export const modelFile = path.join(root, 'models/deeplabv2-mobilenetv2-voc.onnx');
export const assets = `${pathToFileURL(path.join(root, 'dist/assets')).href}/`;
const workerScript = path.join(root, 'dist/worker.mjs');

/** Builds dist/worker.mjs, dist/cli.mjs, their assets and the model where they are missing or older than the sources. */
export async function ensureBuilt(): Promise<void> {
	const sources = newest(path.join(root, 'src'), /(core|shared|worker|cli)[/\\].*\.ts$/);
	await bundleIfStale('src/worker/main.node.ts', workerScript, sources);
	await bundleIfStale('src/worker/crf/crfThread.node.ts', path.join(root, 'dist/crfThread.mjs'), sources);
	await bundleIfStale('src/worker/gpu/gpuMain.node.ts', path.join(root, 'dist/gpu.mjs'), sources);
	await bundleIfStale('src/worker/gpu/gpuKeeper.node.ts', path.join(root, 'dist/gpuKeeper.mjs'), sources);
	await bundleIfStale('src/cli/main.node.ts', path.join(root, 'dist/cli.mjs'), sources);
	mkdirSync(path.join(root, 'dist/assets'), { recursive: true });
	for (const asset of [
		'onnxruntime-web/dist/ort-wasm-simd-threaded.wasm',
		'onnxruntime-web/dist/ort-wasm-simd-threaded.mjs',
		'onnxruntime-web/dist/ort.webgpu.min.mjs',
		'onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm',
		'onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs',
		'@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm',
		'@jsquash/webp/codec/dec/webp_dec.wasm',
	]) {
		const to = path.join(root, 'dist/assets', path.basename(asset));
		if (!existsSync(to)) {
			copyFileSync(path.join(root, 'node_modules', asset), `${to}.${process.pid}`);
			renameSync(`${to}.${process.pid}`, to);
		}
	}
	if (!existsSync(path.join(root, 'dist/assets/dense-crf.wasm'))) {
		const built = spawnSync('node', ['scripts/build-crf.mjs'], { cwd: root, encoding: 'utf8' });
		if (built.status !== 0) {
			throw new Error(`build-crf failed: ${built.stderr}`);
		}
	}
	if (!existsSync(modelFile)) {
		const built = spawnSync('node', ['scripts/build-model.mjs'], { cwd: root, encoding: 'utf8' });
		if (built.status !== 0) {
			throw new Error(`build-model failed: ${built.stderr}`);
		}
	}
}

/** Several test files may come here at once: each writes its own file and renames it. */
async function bundleIfStale(entry: string, to: string, sources: number): Promise<void> {
	if (existsSync(to) && statSync(to).mtimeMs > sources) {
		return;
	}
	const part = `${to}.${process.pid}.mjs`;
	await esbuild.build({
		entryPoints: [path.join(root, entry)],
		outfile: part,
		bundle: true,
		format: 'esm',
		platform: 'node',
		target: 'es2022',
		logLevel: 'warning',
		banner: {
			js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
		},
	});
	renameSync(part, to);
	rmSync(part, { force: true });
}

function newest(folder: string, pattern: RegExp): number {
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.filter((file) => pattern.test(file))
		.reduce((latest, file) => Math.max(latest, statSync(path.join(folder, file)).mtimeMs), 0);
}

/** A sample picture that ships with the product. */
export function sample(name: 'chelsea' | 'astronaut' | 'coffee'): Uint8Array {
	return readFileSync(path.join(root, `media/samples/${name}.png`));
}

export interface TestClient {
	readonly client: InferenceClient;
	/** Every worker started so far, in order. */
	readonly handles: readonly WorkerHandle[];
	/** How many of them have ended. */
	ended(): number;
	/** How often the model's bytes were asked for. */
	loads(): number;
	readonly model: ModelHandle;
	setup: WorkerSetup;
}

export function testClient(
	options: { readonly idleMilliseconds?: number; readonly setup?: WorkerSetup } & Pick<
		InferenceClientOptions,
		'onBackend' | 'onFallback'
	> = {},
): TestClient {
	const handles: WorkerHandle[] = [];
	let ended = 0;
	let loads = 0;
	const result: TestClient = {
		client: new InferenceClient({
			startWorker: () => {
				const handle = startNodeWorker(workerScript);
				handle.onExit(() => ended++);
				handles.push(handle);
				return handle;
			},
			setup: () => result.setup,
			idleMilliseconds: () => options.idleMilliseconds ?? Number.POSITIVE_INFINITY,
			onBackend: (status) => options.onBackend?.(status),
			onFallback: (problem, name) => options.onFallback?.(problem, name),
		}),
		handles,
		ended: () => ended,
		loads: () => loads,
		model: {
			key: 'bundled',
			name: path.basename(modelFile),
			load: async () => {
				loads++;
				return new Uint8Array(readFileSync(modelFile));
			},
		},
		setup: options.setup ?? { assets, threads: 2 },
	};
	return result;
}

/** The problem a promise is rejected with. */
export async function problemOf(promise: Promise<unknown>): Promise<Problem> {
	try {
		await promise;
	} catch (error) {
		if (error instanceof InspectorError) {
			return error.problem;
		}
		throw error;
	}
	throw new Error('nothing failed');
}
