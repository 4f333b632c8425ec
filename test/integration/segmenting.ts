import assert from 'node:assert/strict';
import { decode } from 'fast-png';
import * as vscode from 'vscode';
import { greyPng } from '../support/pictures';
import { host } from './chosenHost';
import {
	api,
	longestGap,
	messagesOf,
	pause,
	readFile,
	segmentsSmall,
	shareOf,
	until,
	useQuickNetwork,
	withSetting,
	workspaceFile,
	writeFile,
} from './support';

describe('segmenting a sample', () => {
	it('finds the person in astronaut.png', async () => {
		const info = await (await api()).segment(workspaceFile('astronaut.png'));
		assert.deepEqual([info.geometry.pictureWidth, info.geometry.pictureHeight], [512, 512]);
		assert.ok(shareOf(info, 'person') > 0.25, `person ${shareOf(info, 'person')}`);
		assert.equal(
			info.classes.reduce((sum, { pixels }) => sum + pixels, 0),
			512 * 512,
		);
		assert.deepEqual(
			info.model.branches.map(({ rate }) => rate),
			[6, 12, 18, 24],
		);
		assert.equal(info.backend.threads, host.threads ?? info.backend.threads);
		for (const { stage, milliseconds } of info.timings) {
			assert.ok(milliseconds >= 0 && milliseconds < 60_000, `${stage} ${milliseconds} ms`);
		}
	});

	it('finds the cat in chelsea.png, by the command, in an Inspector', async () => {
		const inspector = await api();
		await vscode.commands.executeCommand('deeplab.segmentImage', workspaceFile('chelsea.png'));
		const info = inspector.runs()[0];
		assert.equal(info?.pictureName, 'chelsea.png');
		assert.ok(shareOf(info, 'cat') > 0.25, `cat ${shareOf(info, 'cat')}`);
		const shown = inspector.inspectors().find(({ active }) => active);
		assert.ok(shown?.state.kind === 'run' && shown.state.info.id === info.id);
	});
});

describe('segmenting', () => {
	useQuickNetwork();

	it('takes the picture in the active editor', async () => {
		const inspector = await api();
		await vscode.commands.executeCommand('vscode.open', workspaceFile('coffee.png'));
		await until('the editor', () => vscode.window.tabGroups.activeTabGroup.activeTab?.label === 'coffee.png');
		await vscode.commands.executeCommand('deeplab.segmentImage');
		assert.equal(inspector.runs()[0]?.pictureName, 'coffee.png');
	});

	for (const [width, height] of [
		[1, 1],
		[1, 4000],
		[4000, 1],
		[700, 30],
	] as const) {
		it(`segments ${width}x${height}`, async () => {
			const uri = await writeFile(`${width}x${height}.png`, greyPng(width, height));
			const info = await (await api()).segment(uri);
			assert.deepEqual([info.geometry.pictureWidth, info.geometry.pictureHeight], [width, height]);
			assert.equal(
				info.classes.reduce((sum, { pixels }) => sum + pixels, 0),
				width * height,
			);
		});
	}

	it('saves the mask as a palette PNG of the picture’s size, label = index', async () => {
		const inspector = await api();
		const info = await inspector.segment(workspaceFile('chelsea.png'));
		const target = workspaceFile('saved-mask.png');
		const shown = vscode.window as { showSaveDialog: unknown };
		const original = shown.showSaveDialog;
		shown.showSaveDialog = async () => target;
		try {
			await vscode.commands.executeCommand('deeplab.saveMask', info.id);
		} finally {
			shown.showSaveDialog = original;
		}
		const mask = decode(await readFile(workspaceFile('saved-mask.png')));
		assert.deepEqual([mask.width, mask.height], [451, 300]);
		const counts = new Map<number, number>();
		for (const label of mask.data) {
			counts.set(label, (counts.get(label) ?? 0) + 1);
		}
		assert.deepEqual(counts, new Map(info.classes.map(({ label, pixels }) => [label, pixels])));
		for (const { label } of info.classes) {
			assert.deepEqual(mask.palette?.[label]?.slice(0, 3), [...info.model.classes[label]!.color]);
		}
	});

	it('leaves the extension host free', async () => {
		const inspector = await api();
		const longest: number[] = [];
		for (const name of ['astronaut.png', 'coffee.png', 'chelsea.png']) {
			longest.push(await longestGap(() => inspector.segment(workspaceFile(name))));
		}
		console.log(`longest gaps of a 10 ms timer: ${longest.map((gap) => gap.toFixed(0)).join(', ')} ms`);
		// A GPU that is played by the CPU takes the cores from the host, too.
		const limit = host.form.backend === 'webgpu' ? 150 : 50;
		assert.ok(Math.max(...longest) < limit, `${longest.map((gap) => gap.toFixed(0)).join(', ')} ms`);
	});

	it('shows a picture that is on its way only once', async () => {
		const inspector = await api();
		const before = inspector.runs().length;
		const uri = workspaceFile('chelsea.png');
		const [first, second] = await Promise.all([inspector.segment(uri), inspector.segment(uri)]);
		assert.equal(first.id, second.id);
		assert.equal(inspector.runs().length, before + 1);
	});
});

describe('cancelling', () => {
	for (const stage of ['decode', 'model', 'network', 'upsample'] as const) {
		it(`stops in the stage ${stage} at once, silently`, async () => {
			const inspector = await api();
			// The worker is new, so that every stage is gone through.
			await inspector.killWorker();
			await pause(100);
			const before = inspector.runs().length;
			const controller = new AbortController();
			let aborted = 0;
			let ended = 0;
			const messages = await messagesOf(async () => {
				const run = inspector.segment(workspaceFile('astronaut.png'), {
					signal: controller.signal,
					onProgress: (progress) => {
						if (progress.stage === stage && aborted === 0) {
							// Into the middle of the stage, where it is long enough to have one.
							setTimeout(
								() => {
									aborted = performance.now();
									controller.abort();
								},
								stage === 'network' ? 60 : 0,
							);
						}
					},
				});
				const result = await run.then(
					() => 'done',
					(error: { problem?: { code: string } }) => error.problem?.code,
				);
				ended = performance.now();
				assert.equal(result, 'cancelled');
			});
			assert.deepEqual(messages, []);
			assert.ok(aborted > 0 && ended - aborted < 500, `${(ended - aborted).toFixed(0)} ms`);
			assert.equal(inspector.runs().length, before);
			await segmentsSmall();
		});
	}

	it('before it began keeps nothing', async () => {
		const inspector = await api();
		const before = inspector.runs().length;
		const messages = await messagesOf(() =>
			assert.rejects(inspector.segment(workspaceFile('coffee.png'), { signal: AbortSignal.abort() })),
		);
		assert.deepEqual(messages, []);
		assert.equal(inspector.runs().length, before);
	});
});

describe('settings', () => {
	useQuickNetwork();

	it('longestSide bounds the network’s input', async () => {
		await withSetting('longestSide', 257, async () => {
			const { geometry } = await (await api()).segment(workspaceFile('astronaut.png'));
			assert.deepEqual([geometry.resizedWidth, geometry.resizedHeight], [257, 257]);
			assert.deepEqual([geometry.pictureWidth, geometry.pictureHeight], [512, 512]);
		});
	});

	it('multiScale fuses three scales', async () => {
		await withSetting('multiScale', 'kazuto', async () => {
			const { multiScale } = await (await api()).segment(workspaceFile('astronaut.png'));
			assert.deepEqual([multiScale?.rule, multiScale?.scales], ['kazuto', [1, 0.75, 0.5]]);
			assert.ok(multiScale!.shares.every((share) => share > 0));
		});
	});

	it('threads reaches the backend', async () => {
		await withSetting('threads', 1, async () => {
			assert.equal((await segmentsSmall()).backend.threads, 1);
		});
	});

	it('idleSeconds ends the worker', async () => {
		await withSetting('idleSeconds', 1, async () => {
			await segmentsSmall();
			const inspector = await api();
			assert.equal(inspector.workerAlive(), true);
			await until('the worker’s end', () => !inspector.workerAlive(), 4000);
		});
		await segmentsSmall();
	});
});
