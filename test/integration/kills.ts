import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { encodeOnnx } from '../../src/core/onnx/encode';
import type { Problem } from '../../src/core/problem';
import type { RunInfo } from '../../src/core/run';
import type { InspectorApi } from '../../src/extension/api';
import { host } from './chosenHost';
import {
	api,
	messagesOf,
	pause,
	quickNetwork,
	saveSetting,
	smallPicture,
	withSetting,
	workspaceFile,
	writeFile,
} from './support';

const onGpu = host.form.backend === 'webgpu';
const kills = 50;
/** In Node the tests of WebGPU kill the same process, below VS Code, as often. */
const gpuKills = host.kind === 'web' ? kills : 10;
/** Of what is killed as often on WASM: on a GPU that is played by the CPU a worker takes seconds to be there again. */
const killsBesideGpu = onGpu ? 10 : kills;
/** What the memory may have grown by since the first few kills. */
const limitBytes = 100 * 2 ** 20;
const warmUp = 5;

/** With the model of a name. */
type Segment = (name: string, options?: Parameters<InspectorApi['segment']>[1]) => Promise<RunInfo>;

describe('killed in mid-run', function () {
	this.timeout(300_000);

	/** Segments the same small picture with one small model after another: what failed on WebGPU is not tried again. */
	const withModels = async (work: (segment: Segment) => Promise<void>) => {
		const inspector = await api();
		const picture = await smallPicture();
		const network = encodeOnnx(quickNetwork());
		let shown = '';
		const segment: Segment = async (name, options) => {
			if (shown !== name) {
				await writeFile(name, network);
				await saveSetting('model', name);
				shown = name;
			}
			return await inspector.segment(picture, options);
		};
		await withSetting('backend', host.form.backend, () => withSetting('model', '', () => work(segment)));
	};
	const usualTime = async (segment: Segment) => {
		await segment('usual.onnx');
		const began = performance.now();
		await segment('usual.onnx');
		return performance.now() - began;
	};

	it(`the worker, ${killsBesideGpu} times: a result or one clear error, the next run works, memory is given back`, async () => {
		const inspector = await api();
		await withModels(async (segment) => {
			const duration = await timeOf(async () => {
				await inspector.killWorker();
				await segment('timed.onnx');
			});
			const outcomes: string[] = [];
			const sizes: number[] = [];
			for (let kill = 0; kill < killsBesideGpu; kill++) {
				// All over a run, its worker's start included, and a little beyond it.
				if (kill % 2 === 0) {
					await inspector.killWorker();
				}
				let outcome = '';
				const messages = await messagesOf(async () => {
					const running = segment(`killed-${kill}.onnx`).then(({ backend }) => backend.name, problemCode);
					await pause((duration * 1.1 * kill) / killsBesideGpu);
					await inspector.killWorker();
					outcome = await running;
				});
				outcomes.push(outcome);
				// A run on WebGPU is finished by WASM, which is told.
				assert.ok([host.form.backend, onGpu ? 'wasm' : 'worker.crashed'].includes(outcome), outcome);
				assert.equal(messages.length, outcome === host.form.backend ? 0 : 1, messages.join('\n'));
				assert.equal((await segment(`works-${kill}.onnx`)).backend.name, host.form.backend);
				sizes.push(await host.residentBytes());
			}
			assert.ok(
				outcomes.some((outcome) => outcome !== host.form.backend),
				'no kill met a run',
			);
			assertGivenBack(sizes);
		});
	});

	it(`the page, ${killsBesideGpu} times: the run ends, and its picture opens again`, async () => {
		await withModels(async (segment) => {
			const inspector = await api();
			const other = workspaceFile('not-a-picture.png');
			const duration = await usualTime(segment);
			const sizes: number[] = [];
			for (let kill = 0; kill < killsBesideGpu; kill++) {
				const closes = kill % 2 === 0;
				const messages = await messagesOf(async () => {
					const running = segment('usual.onnx').then(() => 'result', problemCode);
					await pause((duration * 1.1 * kill) / killsBesideGpu);
					// Closed, or hidden behind another editor, which ends its page as well.
					await (closes
						? vscode.commands.executeCommand('workbench.action.closeAllEditors')
						: vscode.commands.executeCommand('vscode.open', other));
					const outcome = await running;
					assert.ok(outcome === 'result' || (closes && outcome === 'cancelled'), outcome);
				});
				assert.deepEqual(messages, []);
				const { id } = await segment('usual.onnx');
				await inspector.openRun(id);
				const shown = inspector.inspectors().find(({ active }) => active)?.state;
				assert.ok(shown?.kind === 'run' && shown.info.id === id, shown?.kind);
				sizes.push(await host.residentBytes());
			}
			await vscode.commands.executeCommand('workbench.action.closeAllEditors');
			assert.deepEqual(inspector.inspectors(), []);
			assertGivenBack(sizes);
		});
	});

	if (onGpu) {
		it(`the GPU’s process, ${gpuKills} times: a result with one message, the next run works, memory is given back`, async () => {
			await withModels(async (segment) => {
				const duration = await usualTime(segment);
				const sizes: number[] = [];
				let met = 0;
				for (let kill = 0; kill < gpuKills; kill++) {
					let outcome = '';
					const messages = await messagesOf(async () => {
						let killing: Promise<void> | undefined;
						// As the network begins, or at any time from when it is loaded until a little after the run.
						const [at, delay] = kill % 2 === 0 ? ['network', 0] : ['model', (duration * kill) / gpuKills];
						const running = segment(`lost-${kill}.onnx`, {
							onProgress: ({ stage }) => {
								if (stage === at) {
									killing ??= pause(delay).then(() => host.killGpu());
								}
							},
						});
						outcome = await running.then(({ backend }) => backend.name, problemCode);
						await killing;
						if (outcome === 'webgpu') {
							// The kill came too late for its run and meets this one.
							await segment(`lost-${kill}.onnx`);
						}
					});
					assert.ok(outcome === 'webgpu' || outcome === 'wasm', outcome);
					assert.ok(outcome === 'wasm' ? messages.length === 1 : messages.length <= 1, messages.join('\n'));
					met += messages.length;
					assert.equal((await segment(`again-${kill}.onnx`)).backend.name, 'webgpu');
					sizes.push(await host.residentBytes());
				}
				console.log(`${met} of ${gpuKills} kills met a run`);
				assert.ok(met > gpuKills / 2, `${met} of ${gpuKills} kills met a run`);
				assertGivenBack(sizes);
			});
		});
	}
});

/** Where nothing tells the memory there is nothing to hold against it. */
function assertGivenBack(sizes: readonly number[]): void {
	const megabytes = sizes.map((size) => Math.round(size / 2 ** 20));
	console.log(`memory after each kill: ${megabytes.join(', ')} MiB`);
	if (sizes.some(Number.isNaN)) {
		return;
	}
	// What is not collected yet comes and goes.
	const after = Math.min(...sizes.slice(-warmUp));
	assert.ok(after - Math.max(...sizes.slice(0, warmUp)) < limitBytes, megabytes.join(', '));
}

async function timeOf(doing: () => Promise<unknown>): Promise<number> {
	const began = performance.now();
	await doing();
	return performance.now() - began;
}

function problemCode(error: unknown): string {
	assert.ok(error instanceof Error && 'problem' in error, String(error));
	return (error.problem as Problem).code;
}
