import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { BackendName } from '../../src/core/backend';
import { badPictures } from '../support/pictures';
import { host } from './chosenHost';
import {
	api,
	extension,
	failsWith,
	forgetFailures,
	messagesOf,
	pause,
	readFile,
	segmentsSmall,
	skip,
	smallPicture,
	useQuickNetwork,
	withSetting,
	workspaceFile,
	writeFile,
} from './support';

describe('a bad picture ends in one message, and the next run works:', () => {
	useQuickNetwork();

	const bad = async (name: string) => {
		const sample = await readFile(vscode.Uri.joinPath(extension().extensionUri, 'media/samples/chelsea.png'));
		return await writeFile(name, badPictures(sample).get(name)!);
	};

	it('not a picture', async () => {
		await failsWith(await bad('not-a-picture.png'), 'picture.notAPicture', /not-a-picture\.png/);
	});

	it('empty', async () => {
		await failsWith(await bad('empty.png'), 'picture.empty', /empty\.png/);
	});

	it('truncated', async () => {
		await failsWith(await bad('truncated.png'), 'picture.damaged', /truncated\.png/);
	});

	it('20000x20000', async () => {
		await failsWith(await bad('claims-20000.png'), 'picture.tooLarge', /20000/);
	});

	it('a folder', async () => {
		await vscode.workspace.fs.createDirectory(workspaceFile('folder.png'));
		await failsWith(workspaceFile('folder.png'), 'picture.isFolder', /folder\.png/);
	});

	it('deleted', async () => {
		const uri = await writeFile('deleted.png', new Uint8Array(4));
		await vscode.workspace.fs.delete(uri);
		await failsWith(uri, 'picture.notFound', /deleted\.png/);
	});

	it('unreadable', async function () {
		if (!host.makeUnreadable) {
			return skip(this, 'a file system in memory has no permissions');
		}
		await host.makeUnreadable('unreadable.png');
		await failsWith(workspaceFile('unreadable.png'), 'picture.unreadable', /unreadable\.png/);
	});
});

describe('a bad model ends in one message, and the next run works:', () => {
	useQuickNetwork();

	const bundled = async () =>
		await readFile(vscode.Uri.joinPath(extension().extensionUri, 'models/deeplabv2-mobilenetv2-voc.onnx'));
	const cases = [
		['missing', 'no-such-model.onnx', undefined, 'model.notFound'],
		['not an ONNX file', 'text.onnx', async () => new TextEncoder().encode('This is a text.'), 'model.damaged'],
		['empty', 'empty.onnx', async () => new Uint8Array(0), 'model.damaged'],
		['truncated', 'truncated.onnx', async () => (await bundled()).subarray(0, 1_000_000), 'model.damaged'],
	] as const;
	for (const [title, name, bytes, code] of cases) {
		it(title, async () => {
			if (bytes) {
				await writeFile(name, await bytes());
			}
			const inspector = await api();
			const picture = await smallPicture();
			await withSetting('model', name, async () => {
				let problem: { code?: string } | undefined;
				const messages = await messagesOf(() =>
					inspector.segment(picture).catch((error: { problem?: { code?: string } }) => {
						problem = error.problem;
					}),
				);
				assert.equal(problem?.code, code, JSON.stringify(problem));
				assert.equal(messages.length, 1, messages.join('\n'));
				assert.ok(messages[0]!.includes(name), messages[0]);
			});
			await segmentsSmall();
		});
	}
});

const onGpu = host.form.backend === 'webgpu';

describe('a failing worker ends in one message, and the next run works:', () => {
	it(onGpu ? 'killed in mid-run, after which WASM ends the run' : 'killed in mid-run', async () => {
		const inspector = await api();
		let problem: { code?: string } | undefined;
		let ranOn: BackendName | undefined;
		let killing: Promise<void> | undefined;
		const messages = await messagesOf(() =>
			inspector
				.segment(workspaceFile('astronaut.png'), {
					onProgress: ({ stage }) => {
						if (stage === 'network') {
							killing ??= pause(60).then(() => inspector.killWorker());
						}
					},
				})
				.then(
					({ backend }) => {
						ranOn = backend.name;
					},
					(error: { problem?: { code?: string } }) => {
						problem = error.problem;
					},
				),
		);
		await killing;
		assert.deepEqual([problem?.code, ranOn], onGpu ? [undefined, 'wasm'] : ['worker.crashed', undefined]);
		assert.equal(messages.length, 1, messages.join('\n'));
		assert.match(messages[0]!, onGpu ? /WebGPU failed .* WASM/ : /[Tt]ry again/);
		if (onGpu) {
			await forgetFailures();
		}
		await segmentsSmall();
	});

	const wasm = 'dist/assets/ort-wasm-simd-threaded.wasm';
	const wasmOfWebGpu = 'dist/assets/ort-wasm-simd-threaded.asyncify.wasm';
	/** Segments in a new worker that lacks files: how it ended, and what the user was told. */
	const segmentWithout = async (...files: string[]) => {
		const inspector = await api();
		const picture = await smallPicture();
		await inspector.killWorker();
		await pause(100);
		let outcome: string | undefined;
		let messages: string[] = [];
		await host.without(files, async () => {
			messages = await messagesOf(async () => {
				outcome = await inspector.segment(picture).then(
					({ backend }) => backend.name,
					(error: { problem?: { code?: string } }) => error.problem?.code,
				);
			});
		});
		assert.equal(messages.length, 1, messages.join('\n'));
		if (onGpu) {
			await forgetFailures();
		}
		await segmentsSmall();
		return outcome;
	};

	it('onnxruntime’s wasm is missing', async () => {
		const code = onGpu ? 'backend.bothFailed' : 'runtime.unavailable';
		assert.equal(await segmentWithout(wasm, wasmOfWebGpu), code);
	});

	if (onGpu) {
		it('onnxruntime’s wasm for WebGPU is missing, after which WASM ends the run', async () => {
			assert.equal(await segmentWithout(wasmOfWebGpu), 'wasm');
		});
	}
});
