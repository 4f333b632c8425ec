/** WebGPU in the extension host, on a software adapter. */
import assert from 'node:assert/strict';
import type { NpyArray } from '../../src/core/checkpoint/npy';
import { host } from './chosenHost';
import { api, forgetFailures, messagesOf, runFile, smallPicture, until, withSetting, workspaceFile } from './support';

describe('WebGPU', function () {
	this.timeout(180_000);

	it('runs the network when it is chosen, and the status bar says on what', async () => {
		const inspector = await api();
		await forgetFailures();
		const messages = await messagesOf(async () => {
			const info = await inspector.segment(await smallPicture());
			assert.equal(info.backend.name, 'webgpu');
			assert.ok(info.backend.adapter?.architecture);
		});
		assert.deepEqual(messages, []);
		assert.match(inspector.backend().shown ?? '', /^WebGPU · \S+/);
		assert.equal(inspector.backend().status?.webgpuRefused, undefined);
	});

	it('gives the logits and the labels of WASM, which is compared by itself after a model’s first run', async () => {
		const inspector = await api();
		const onGpu = await inspector.segment(workspaceFile('chelsea.png'));
		assert.equal(onGpu.backend.name, 'webgpu');
		await until('the comparison', () => inspector.parity(onGpu.id)?.kind === 'compared', 60_000);
		const parity = inspector.parity(onGpu.id);
		assert.ok(parity?.kind === 'compared' && parity.report.agrees, JSON.stringify(parity));
		await withSetting('backend', 'wasm', async () => {
			const onCpu = await inspector.segment(workspaceFile('chelsea.png'));
			assert.equal(onCpu.backend.name, 'wasm');
			assert.deepEqual(onGpu.geometry, onCpu.geometry);
			const names = onCpu.model.branches.map(({ rate }) => `aspp-${rate}.npy`);
			for (const name of ['logits.npy', 'features.npy', ...names]) {
				const [actual, expected] = await Promise.all([runFile(onGpu.id, name), runFile(onCpu.id, name)]);
				assert.deepEqual(actual.shape, expected.shape);
				const difference = relativeDifference(floats(actual), floats(expected));
				console.log(`${name}: WebGPU and WASM are ${difference.toExponential(1)} of the largest magnitude apart`);
				// Were it 0, WASM would have been compared with itself.
				assert.ok(difference > 0 && difference < 1e-3, `${name}: ${difference}`);
			}
			const [actual, expected] = await Promise.all([runFile(onGpu.id, 'labels.npy'), runFile(onCpu.id, 'labels.npy')]);
			const equal = Array.prototype.filter.call(actual.data, (label, i) => label === expected.data[i]).length;
			assert.ok(equal / expected.data.length >= 0.999, `${equal} of ${expected.data.length} labels are the same`);
		});
	});

	it('that breaks down in a run is replaced by WASM, with one message, until another choice', async () => {
		const inspector = await api();
		await forgetFailures();
		// So that it runs for long enough.
		await withSetting('longestSide', 257, async () => {
			const messages = await messagesOf(async () => {
				let killed: Promise<void> | undefined;
				const info = await inspector.segment(workspaceFile('chelsea.png'), {
					onProgress: ({ stage }) => {
						if (stage === 'network') {
							killed ??= host.killGpu();
						}
					},
				});
				await killed;
				assert.equal(info.backend.name, 'wasm');
				assert.equal((await inspector.segment(await smallPicture())).backend.name, 'wasm');
			});
			assert.equal(messages.length, 1, messages.join('\n'));
			assert.match(messages[0]!, /WebGPU failed .*(SIGKILL|lost).* WASM/);
			assert.equal(inspector.backend().status?.webgpuRefused?.reason, 'failed');
			assert.match(inspector.backend().shown ?? '', /^WASM · /);
		});
		await forgetFailures();
		assert.equal((await inspector.segment(await smallPicture())).backend.name, 'webgpu');
	});

	it('is not taken by itself where it is only software', async () => {
		const inspector = await api();
		await withSetting('backend', 'auto', async () => {
			const info = await inspector.segment(await smallPicture());
			assert.equal(info.backend.name, 'wasm');
			const { status, shown } = inspector.backend();
			assert.deepEqual([status?.chosen, status?.webgpuRefused?.reason], ['auto', 'blocklisted']);
			assert.match(shown ?? '', /^WASM · /);
		});
	});
});

function floats({ data }: NpyArray): Float32Array {
	return data instanceof Float32Array ? data : assert.fail('no float32 array');
}

/** The largest difference as a share of the largest magnitude. */
function relativeDifference(actual: Float32Array, expected: Float32Array): number {
	let difference = 0;
	let magnitude = 0;
	for (let index = 0; index < expected.length; index++) {
		difference = Math.max(difference, Math.abs(actual[index]! - expected[index]!));
		magnitude = Math.max(magnitude, Math.abs(expected[index]!));
	}
	return difference / magnitude;
}
