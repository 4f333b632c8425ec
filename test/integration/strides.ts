import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { decodeNpy } from '../../src/core/checkpoint/npy';
import { maskChanges } from '../../src/core/crf/changes';
import { decodeLabelPng } from '../../src/core/image/palettePng';
import type { InspectorPanel } from '../../src/extension/inspector/inspectorPanel';
import { RunStore } from '../../src/extension/runs/runStore';
import { StrideController, type StrideControllerParts } from '../../src/extension/strides/strideController';
import type { InspectorStrideMask, InspectorStrides } from '../../src/shared/protocol/strides';
import {
	api,
	extension,
	messagesOf,
	modelPlace,
	runFile,
	until,
	withSetting,
	workspaceFile,
	writeFile,
} from './support';

describe('output strides', () => {
	after(async () => {
		await vscode.commands.executeCommand('workbench.action.closeAllEditors');
	});

	it('are compared by the command: the run’s own mask against that of the network at 16', async () => {
		const inspector = await api();
		const run = await inspector.segment(workspaceFile('chelsea.png'));
		const before = inspector.runs().length;
		assert.equal(inspector.strides(run.id), undefined);
		const messages = await messagesOf(async () => {
			await vscode.commands.executeCommand('deeplab.compareStrides');
		});
		assert.deepEqual(messages, []);
		const state = inspector.strides(run.id);
		assert.deepEqual([state?.pair, state?.activity], [[8, 16], { kind: 'idle' }]);
		const [own, other] = state!.sides;
		const [height = 0, width = 0] = (await runFile(run.id, 'logits.npy')).shape.slice(-2);
		assert.deepEqual([own?.own, own?.gridWidth, own?.gridHeight], [true, width, height]);
		assert.equal(own?.milliseconds, run.timings.find(({ stage }) => stage === 'network')?.milliseconds);
		// Its input is a multiple of 16 and one pixel more.
		const halved = [width, height].map((cells) => Math.ceil((cells - 1) / 2) + 1);
		assert.deepEqual(
			[other?.own, other?.gridWidth, other?.gridHeight, other?.rates],
			[false, ...halved, [3, 6, 9, 12]],
		);
		assert.equal(inspector.runs().length, before, 'no run was kept');

		// What it says is what the two masks say; the second one is what is saved.
		const target = workspaceFile('at-16.png');
		const showSaveDialog = vscode.window.showSaveDialog;
		(vscode.window as { showSaveDialog: unknown }).showSaveDialog = async () => target;
		try {
			await vscode.commands.executeCommand('deeplab.saveMask', run.id, 'stride');
		} finally {
			(vscode.window as { showSaveDialog: unknown }).showSaveDialog = showSaveDialog;
		}
		const saved = decodeLabelPng(await vscode.workspace.fs.readFile(target));
		const file = vscode.Uri.joinPath(inspector.runsFolder, run.id, 'labels.npy');
		const labels = decodeNpy(await vscode.workspace.fs.readFile(file)).data as Uint8Array;
		const { changedPixels, changes } = maskChanges(labels, saved.labels);
		assert.deepEqual(state?.effect, { changedPixels, changes });
		// On a grid of few cells borders move by more.
		const most = labels.length / (height < 20 ? 2 : 10);
		assert.ok(changedPixels > 100 && changedPixels < most, String(changedPixels));
	});

	it('of another pair compute what is missing, and the next picture goes through the model as it is', async () => {
		const inspector = await api();
		const run = await inspector.segment(workspaceFile('chelsea.png'));
		const state = await inspector.compareStrides(run.id, [16, 32]);
		assert.deepEqual(
			state.sides.map((side) => [side?.stride, side?.rounded]),
			[
				[16, []],
				[32, [6, 18]],
			],
		);
		assert.equal((await inspector.segment(workspaceFile('coffee.png'))).model.outputStride, 8);
		await until('the run is let go', () => inspector.strides(run.id) !== undefined);
		await vscode.commands.executeCommand('workbench.action.closeAllEditors');
		await until('nothing is compared any more', () => inspector.strides(run.id) === undefined);
	});

	it('are kept with the run, and there again without the worker', async () => {
		const inspector = await api();
		const run = await inspector.segment(workspaceFile('chelsea.png'));
		const before = await inspector.compareStrides(run.id, [16, 32]);
		const reopened = async () => {
			await vscode.commands.executeCommand('workbench.action.closeAllEditors');
			await until('nothing is compared', () => inspector.strides(run.id) === undefined);
			await inspector.killWorker();
			await inspector.openRun(run.id);
		};
		await reopened();
		await until('the kept comparison', () => inspector.strides(run.id)?.effect !== undefined);
		assert.deepEqual(inspector.strides(run.id), before);
		// And the same once more, or another pair of these masks, costs nothing.
		assert.deepEqual(await inspector.compareStrides(run.id), before);
		const other = await inspector.compareStrides(run.id, [8, 32]);
		assert.deepEqual(other.sides[1], before.sides[1]);
		assert.equal(inspector.workerAlive(), false);

		// As after the window was closed: nothing is known but what is on the disk.
		const warnings: string[] = [];
		const log = { info: () => undefined, warn: (text: string) => void warnings.push(text) };
		const fresh = () =>
			new RunStore({
				fs: vscode.workspace.fs,
				joinPath: vscode.Uri.joinPath,
				folder: inspector.runsFolder,
				log,
				drawThumbnail: async () => new Uint8Array(),
				onChange: () => undefined,
			});
		const shown: InspectorStrides[] = [];
		const masks: InspectorStrideMask[] = [];
		const controller = (store: RunStore) => {
			const panel = {
				state: { kind: 'run', info: run },
				tellRun: (id: string, method: string, params: unknown) => {
					assert.equal(id, run.id);
					(method === 'strides' ? shown : masks).push(params as never);
				},
			};
			const parts = {
				inference: () => Promise.reject(new Error('no worker is to be asked')),
				store,
				panels: { all: [panel], onDidChange: () => ({ dispose: () => undefined }) },
				crf: { layerOf: () => 'mask', showLayer: () => undefined },
				log,
			} as unknown as StrideControllerParts;
			const strides = new StrideController(parts);
			strides.pageIsReady(panel as unknown as InspectorPanel);
			return strides;
		};
		const restored = controller(fresh());
		await until('what is on the disk', () => shown.length > 0);
		assert.deepEqual(shown, [other]);
		assert.deepEqual(
			masks.map(({ stride }) => stride),
			[8, 32],
		);
		restored.dispose();

		// A damaged file is told in the log, and computed when it is asked for.
		const file = vscode.Uri.joinPath(inspector.runsFolder, run.id, 'stride-32.npy');
		await vscode.workspace.fs.writeFile(file, (await vscode.workspace.fs.readFile(file)).slice(0, 500));
		assert.equal(await fresh().strides(run.id), undefined);
		assert.match(warnings.join(), /^The comparison of output strides of the kept run \S+ is left out: /);
		await reopened();
		const again = await inspector.compareStrides(run.id, [16, 32]);
		assert.deepEqual(again.effect, before.effect);
		assert.equal(inspector.workerAlive(), true);
		assert.equal((await fresh().strides(run.id))?.strides.length, 2);
	});

	it('of a run of several scales are those of all its scales', async () => {
		await withSetting('multiScale', 'caffe', async () => {
			const inspector = await api();
			const run = await inspector.segment(workspaceFile('chelsea.png'));
			assert.deepEqual(run.multiScale?.scales, [1, 0.75, 0.5]);
			const state = await inspector.compareStrides(run.id);
			assert.equal(state.sides[1]?.stride, 16);
			assert.ok(state.effect!.changedPixels > 0);
		});
	});

	it('of a model that cannot be taken to another one: the reason is told where the comparison is', async () => {
		const inspector = await api();
		const { decodeOnnx } = await import('../../src/core/onnx/decode');
		const { encodeOnnx } = await import('../../src/core/onnx/encode');
		const bundled = vscode.Uri.joinPath(extension().extensionUri, 'models/deeplabv2-mobilenetv2-voc.onnx');
		const model = decodeOnnx(await vscode.workspace.fs.readFile(bundled), 'bundled');
		// A step of its own in front of the branches, which nothing tells how to replace.
		const odd = model.graph.nodes.map((node) =>
			node.name === 'backbone.block2.depthwise'
				? ({
						...node,
						attributes: new Map(node.attributes)
							.set('dilations', { kind: 'ints', value: [2, 2] })
							.set('pads', { kind: 'ints', value: [2, 2, 2, 2] }),
					} as typeof node)
				: node,
		);
		const file = await writeFile('odd.onnx', encodeOnnx({ ...model, graph: { ...model.graph, nodes: odd } }));
		await withSetting('model', modelPlace(file), async () => {
			const run = await inspector.segment(workspaceFile('chelsea.png'));
			const messages = await messagesOf(async () => {
				await vscode.commands.executeCommand('deeplab.compareStrides');
			});
			assert.deepEqual(messages, []);
			const activity = inspector.strides(run.id)?.activity;
			assert.equal(activity?.kind, 'failed');
			assert.match(
				activity?.kind === 'failed' ? activity.message : '',
				/odd\.onnx” cannot be run at output stride 16: layer “backbone/,
			);
		});
	});
});
