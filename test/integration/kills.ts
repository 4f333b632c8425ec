import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { encodeOnnx } from '../../src/core/onnx/encode';
import { buildRandomNetwork } from '../../src/core/onnx/networks/randomWeights';
import type { Problem } from '../../src/core/problem';
import { host } from './chosenHost';
import { api, messagesOf, pause, smallPicture, withSetting, workspaceFile, writeFile } from './support';

const kills = 50;
/** What the process may have grown by since the first few kills. */
const limitBytes = 100 * 2 ** 20;
const warmUp = 5;

describe('killed in mid-run', () => {
	/** A worker’s start and its run cost little. */
	const tiny = async (work: () => Promise<void>) => {
		const network = buildRandomNetwork('vgg16', 'largefov', { classes: 3, width: 1 / 16, seed: 1 }, { name: 'tiny' });
		await writeFile('tiny.onnx', encodeOnnx(network));
		await withSetting('backend', 'wasm', () => withSetting('model', 'tiny.onnx', work));
	};

	it(`the worker, ${kills} times: a result or one clear error, the next run works, memory is given back`, async function () {
		this.timeout(300_000);
		await tiny(async () => {
			const inspector = await api();
			const picture = await smallPicture();
			const duration = await timeOf(async () => {
				await inspector.killWorker();
				await inspector.segment(picture);
			});
			const outcomes: string[] = [];
			const sizes: number[] = [];
			for (let kill = 0; kill < kills; kill++) {
				// All over a run, its worker's start included, and a little beyond it.
				if (kill % 2 === 0) {
					await inspector.killWorker();
				}
				let outcome = '';
				const messages = await messagesOf(async () => {
					const running = inspector.segment(picture).then(() => 'result', problemCode);
					await pause((duration * 1.1 * kill) / kills);
					await inspector.killWorker();
					outcome = await running;
				});
				outcomes.push(outcome);
				assert.ok(outcome === 'result' || outcome === 'worker.crashed', outcome);
				assert.equal(messages.length, outcome === 'result' ? 0 : 1, messages.join('\n'));
				await inspector.segment(picture);
				sizes.push(host.residentBytes?.() ?? 0);
			}
			assert.ok(outcomes.includes('worker.crashed'), 'no kill met a run');
			assertGivenBack(sizes);
		});
	});

	it(`the page, ${kills} times: the run ends, and its picture opens again`, async function () {
		this.timeout(300_000);
		await tiny(async () => {
			const inspector = await api();
			const picture = await smallPicture();
			const other = workspaceFile('not-a-picture.png');
			const duration = await timeOf(() => inspector.segment(picture));
			const sizes: number[] = [];
			for (let kill = 0; kill < kills; kill++) {
				const closes = kill % 2 === 0;
				const messages = await messagesOf(async () => {
					const running = inspector.segment(picture).then(() => 'result', problemCode);
					await pause((duration * 1.1 * kill) / kills);
					// Closed, or hidden behind another editor, which ends its page as well.
					await (closes
						? vscode.commands.executeCommand('workbench.action.closeAllEditors')
						: vscode.commands.executeCommand('vscode.open', other));
					const outcome = await running;
					assert.ok(outcome === 'result' || (closes && outcome === 'cancelled'), outcome);
				});
				assert.deepEqual(messages, []);
				const { id } = await inspector.segment(picture);
				await inspector.openRun(id);
				const shown = inspector.inspectors().find(({ active }) => active)?.state;
				assert.ok(shown?.kind === 'run' && shown.info.id === id, shown?.kind);
				sizes.push(host.residentBytes?.() ?? 0);
			}
			await vscode.commands.executeCommand('workbench.action.closeAllEditors');
			assert.deepEqual(inspector.inspectors(), []);
			assertGivenBack(sizes);
		});
	});
});

/** A browser does not tell. */
function assertGivenBack(sizes: readonly number[]): void {
	if (!host.residentBytes) {
		return;
	}
	const megabytes = sizes.map((size) => Math.round(size / 2 ** 20));
	console.log(`process after each kill: ${megabytes.join(', ')} MiB`);
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
