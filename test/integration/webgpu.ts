/** WebGPU in the extension host, on a software adapter: the launcher that has one says so. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { api, messagesOf, smallPicture, until, withSetting } from './support';

const offered = process.env.DEEPLAB_TEST_BACKEND === 'webgpu';

(offered ? describe : describe.skip)('WebGPU', () => {
	it('runs the network when it is chosen, and the status bar says on what', async function () {
		this.timeout(180_000);
		const inspector = await api();
		await withSetting('backend', 'webgpu', async () => {
			await until('the choice alone', () => inspector.backend().status === undefined);
			const messages = await messagesOf(async () => {
				const info = await inspector.segment(await smallPicture());
				assert.equal(info.backend.name, 'webgpu');
				assert.ok(info.backend.adapter?.architecture);
			});
			assert.deepEqual(messages, []);
			assert.match(inspector.backend().shown ?? '', /^WebGPU · \S+/);
			assert.equal(inspector.backend().status?.webgpuRefused, undefined);
		});
	});

	it('that breaks down in a run is replaced by WASM, with one message, until another choice', async function () {
		this.timeout(180_000);
		const inspector = await api();
		await withSetting('backend', 'webgpu', async () => {
			const messages = await messagesOf(async () => {
				let killed = false;
				const info = await inspector.segment(await smallPicture(), {
					onProgress: ({ stage }) => {
						if (stage === 'network' && !killed) {
							killed = true;
							execFileSync('pkill', ['-KILL', '-P', String(process.pid), '-f', 'gpu\\.mjs']);
						}
					},
				});
				assert.equal(info.backend.name, 'wasm');
				assert.equal((await inspector.segment(await smallPicture())).backend.name, 'wasm');
			});
			assert.equal(messages.length, 1, messages.join('\n'));
			assert.match(messages[0]!, /WebGPU failed .*SIGKILL.* WASM/);
			assert.equal(inspector.backend().status?.webgpuRefused?.reason, 'failed');
			assert.match(inspector.backend().shown ?? '', /^WASM · /);
		});
		await until('the choice is forgotten', () => inspector.backend().status === undefined);
	});

	it('is not taken by itself where it is only software', async () => {
		const inspector = await api();
		const info = await inspector.segment(await smallPicture());
		assert.equal(info.backend.name, 'wasm');
		const { status, shown } = inspector.backend();
		assert.deepEqual([status?.chosen, status?.webgpuRefused?.reason], ['auto', 'blocklisted']);
		assert.match(shown ?? '', /^WASM · /);
	});
});
