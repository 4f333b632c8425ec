import assert from 'node:assert/strict';
import { decode } from 'fast-png';
import * as vscode from 'vscode';
import { sumBranches } from '../../src/core/aspp/branches';
import { maskChanges } from '../../src/core/crf/changes';
import type { BranchMap, RunInfo } from '../../src/core/run';
import { logitsAt } from '../../src/core/segmentation/probabilities';
import { upsampleLabels } from '../../src/core/segmentation/upsampleLabels';
import type { InspectorApi } from '../../src/extension/api';
import type { AsppRunView, ReceptiveFieldRunView } from '../../src/shared/protocol/aspp';
import { api, extension, messagesOf, readFile, runFile, sameBytes, until, withSetting, workspaceFile } from './support';

const allOn = [true, true, true, true];
const trained = [6, 12, 18, 24];

function view({ aspp }: InspectorApi): AsppRunView {
	const state = aspp.branches();
	assert.equal(state.kind, 'run', JSON.stringify(state));
	return state.kind === 'run' ? state.view : assert.fail();
}

function fields({ aspp }: InspectorApi): ReceptiveFieldRunView {
	const state = aspp.receptiveField();
	assert.equal(state.kind, 'run', JSON.stringify(state));
	return state.kind === 'run' ? state.view : assert.fail();
}

/** A sample in its Inspector, with its head read. */
async function shown(name: string): Promise<{ inspector: InspectorApi; run: RunInfo }> {
	const inspector = await api();
	const run = await inspector.segment(workspaceFile(name));
	await inspector.aspp.open();
	assert.equal(view(inspector).runId, run.id);
	return { inspector, run };
}

/** What onnxruntime gave, from the folder in which the run is kept. */
async function keptBranches({ id, model }: RunInfo): Promise<BranchMap[]> {
	const maps = model.branches.map(async ({ rate }) => {
		const { shape, data } = await runFile(id, `aspp-${rate}.npy`);
		const [channels, height, width] = shape as [number, number, number];
		return { rate, channels, height, width, data: data as Float32Array };
	});
	return await Promise.all(maps);
}

async function keptMask({ id }: RunInfo): Promise<Uint8Array> {
	return (await runFile(id, 'labels.npy')).data as Uint8Array;
}

describe('the ASPP head', () => {
	after(async () => {
		await vscode.commands.executeCommand('workbench.action.closeSidebar');
		await vscode.commands.executeCommand('workbench.action.closeAllEditors');
	});

	it('is that of the model, as the network has it', async () => {
		const { inspector, run } = await shown('chelsea.png');
		const { head, rates, on, label, labelIsChosen, effect } = view(inspector);
		assert.deepEqual([head.linear, head.classes, head.branches.length], [true, 21, 4]);
		assert.deepEqual([rates, on], [trained, allOn]);
		assert.deepEqual([label, labelIsChosen], [run.classes[0]!.label, false]);
		assert.equal(effect, undefined);
		assert.deepEqual(await inspector.aspp.mask(), await keptMask(run));
		assert.equal(run.modelFile?.location, '');
	});

	it('with branches off has the labels of onnxruntime’s sum of those that are on', async () => {
		const { inspector, run } = await shown('chelsea.png');
		const before = await keptMask(run);
		const branches = await keptBranches(run);
		for (const on of [
			[true, true, true, false],
			[false, true, false, false],
			[true, false, false, true],
			[false, false, false, false],
		]) {
			inspector.aspp.setOn(on);
			const mask = await inspector.aspp.mask();
			const expected = upsampleLabels(sumBranches(branches, on), run.geometry);
			assert.ok(sameBytes(mask, expected), `the mask of ${on}`);
			assert.deepEqual(view(inspector).effect, maskChanges(before, expected));
		}
		inspector.aspp.setOn(allOn);
		assert.ok(sameBytes(await inspector.aspp.mask(), before));
		assert.equal(view(inspector).effect, undefined);
	});

	it('adds up, pixel by pixel, to the network’s logit', async () => {
		const { inspector, run } = await shown('coffee.png');
		const branches = await keptBranches(run);
		const logits = sumBranches(branches, allOn);
		const magnitude = Math.max(...logits.data.subarray(0, 20_000).map(Math.abs));
		for (const [x, y] of [
			[0, 0],
			[123, 77],
			[run.geometry.pictureWidth - 1, run.geometry.pictureHeight - 1],
		] as const) {
			inspector.aspp.setProbe({ x, y });
			const { explanation, label } = view(inspector);
			assert.deepEqual([explanation?.x, explanation?.y, explanation?.chosen.label], [x, y, label]);
			const expected = logitsAt(logits, run.geometry, x, y);
			const shares = explanation!.chosen.branches.flatMap(({ bias, taps }) => [bias, ...(taps ?? [])]);
			assert.equal(shares.length, 4 * 10);
			const sum = shares.reduce((total, share) => total + share, 0);
			assert.ok(Math.abs(sum - expected[label]!) < 1e-4 * magnitude, `${sum} at ${x}, ${y}: ${expected[label]}`);
			assert.ok(expected.every((logit) => logit <= expected[label]! + 1e-4 * magnitude));
		}
		assert.deepEqual(inspector.inspectors().find(({ active }) => active)?.state.kind, 'run');
	});

	it('at other rates changes maps and mask without the network, and comes back', async () => {
		const { inspector, run } = await shown('astronaut.png');
		const person = run.model.classes.findIndex(({ name }) => name === 'person');
		const own = inspector.aspp.maps(person)!;
		await inspector.killWorker();
		const began = performance.now();
		for (let rate = 7; rate <= 36; rate++) {
			inspector.aspp.setRates([rate, 12, 18, 24]);
		}
		const each = (performance.now() - began) / 30;
		const mask = await inspector.aspp.mask();
		console.log(`a step of a rate: ${each.toFixed(1)} ms in the host, before the mask`);
		assert.ok(each < 50);
		const { rates, effect } = view(inspector);
		assert.deepEqual(rates, [36, 12, 18, 24]);
		assert.deepEqual(effect, maskChanges(await keptMask(run), mask));
		const moved = inspector.aspp.maps(person)!;
		const plane = own.height * own.width;
		assert.notDeepEqual(moved.branches.subarray(0, plane), own.branches.subarray(0, plane));
		assert.deepEqual(moved.branches.subarray(plane), own.branches.subarray(plane));
		assert.equal(moved.scale, own.scale);
		inspector.aspp.setRates(trained);
		assert.ok(sameBytes(await inspector.aspp.mask(), await keptMask(run)));
		assert.equal(inspector.workerAlive(), false);
	});

	it('a switch reaches the whole mask within 50 ms in the host', async () => {
		const { inspector } = await shown('astronaut.png');
		const times: number[] = [];
		for (let i = 0; i < 11; i++) {
			const began = performance.now();
			inspector.aspp.setOn([i % 2 === 0, true, true, true]);
			await inspector.aspp.mask();
			times.push(performance.now() - began);
		}
		times.sort((a, b) => a - b);
		console.log(`a switch: median ${times[5]!.toFixed(1)} ms, at most ${times[10]!.toFixed(1)} ms to the mask`);
		assert.ok(times[5]! < 50);
		inspector.aspp.setOn(allOn);
	});

	it('is shown by its commands, and follows the run that is active', async () => {
		const { inspector } = await shown('chelsea.png');
		await vscode.commands.executeCommand('deeplab.showAsppBranches');
		const next = await inspector.segment(workspaceFile('coffee.png'));
		await until('the next run', () => {
			const state = inspector.aspp.branches();
			return state.kind === 'run' && state.view.runId === next.id;
		});
		await vscode.commands.executeCommand('deeplab.showReceptiveField');
		inspector.aspp.setProbe({ x: 3, y: 3 });
		const { explanation, drawn } = fields(inspector);
		assert.equal(drawn, true);
		const { branches, row, column } = explanation!.cell;
		assert.deepEqual([row, column], [0, 0]);
		const [height = 0, width = 0] = (await runFile(next.id, 'logits.npy')).shape.slice(-2);
		assert.deepEqual(
			branches.map(({ tapsInPadding, effectiveKernel }) => [tapsInPadding, effectiveKernel]),
			[6, 12, 18, 24].map((rate) => [9 - (rate < height ? 2 : 1) * (rate < width ? 2 : 1), 2 * rate + 1]),
		);
		await vscode.commands.executeCommand('workbench.action.closeAllEditors');
		await until('no run', () => inspector.aspp.branches().kind === 'noRun');
		assert.equal(inspector.aspp.receptiveField().kind, 'noRun');
		await vscode.commands.executeCommand('workbench.action.closeSidebar');
	});

	it('keeps how its branches were set while another run is looked at', async () => {
		const { inspector, run } = await shown('chelsea.png');
		inspector.aspp.setOn([true, false, true, true]);
		const mask = await inspector.aspp.mask();
		await inspector.segment(workspaceFile('coffee.png'));
		await inspector.openRun(run.id);
		await until('its Inspector is active', () =>
			inspector.inspectors().some(({ active, state }) => active && state.kind === 'run' && state.info.id === run.id),
		);
		await inspector.aspp.open();
		assert.equal(view(inspector).runId, run.id);
		assert.deepEqual(view(inspector).on, [true, false, true, true]);
		assert.ok(sameBytes(await inspector.aspp.mask(), mask));
		inspector.aspp.setOn(allOn);
	});

	it('saves the mask of its branches', async () => {
		const { inspector, run } = await shown('chelsea.png');
		inspector.aspp.setOn([false, false, true, true]);
		const expected = await inspector.aspp.mask();
		const dialogs = vscode.window as { showSaveDialog: unknown };
		const original = dialogs.showSaveDialog;
		dialogs.showSaveDialog = async () => workspaceFile('branches.png');
		try {
			await vscode.commands.executeCommand('deeplab.saveMask', run.id, 'branches');
		} finally {
			dialogs.showSaveDialog = original;
		}
		const saved = decode(await readFile(workspaceFile('branches.png')));
		assert.ok(sameBytes(saved.data, expected));
		inspector.aspp.setOn(allOn);
	});

	it('measures the effective receptive field, in the picture, smaller than the theoretical one', async () => {
		const { inspector, run } = await shown('astronaut.png');
		inspector.aspp.setProbe({ x: 240, y: 240 });
		const alive = inspector.workerAlive();
		await inspector.aspp.measure(0, 'cell');
		assert.ok(alive);
		const { measured, activity, shownField, head } = fields(inspector);
		assert.deepEqual(activity, { kind: 'idle' });
		assert.equal(shownField, 0);
		const [found] = measured;
		console.log(`effective receptive field: ${JSON.stringify(found)}`);
		assert.ok(found!.radius50 > 4 && found!.radius50 < found!.radius90);
		const { pictureWidth, resizedWidth } = run.geometry;
		const theoretical = (head.branches[0]!.receptiveField!.size[0] * pictureWidth) / resizedWidth;
		assert.ok(found!.radius90 < theoretical / 2);
		assert.ok(found!.ratio! > 0.05 && found!.ratio! < 1);
		await inspector.aspp.measure(undefined, 'object');
		assert.equal(fields(inspector).measured.length, 2);
		assert.deepEqual(fields(inspector).activity, { kind: 'idle' });
	});

	it('ends a measurement that is cancelled, silently, and the next works', async () => {
		const { inspector } = await shown('astronaut.png');
		inspector.aspp.setProbe({ x: 200, y: 200 });
		const messages = await messagesOf(async () => {
			const measuring = inspector.aspp.measure(undefined, 'cell');
			await until('it runs', () => fields(inspector).activity.kind === 'running');
			inspector.aspp.cancelMeasuring();
			assert.deepEqual(fields(inspector).activity, { kind: 'idle' });
			await measuring;
		});
		assert.deepEqual(messages, []);
		assert.equal(fields(inspector).measured.length, 0);
		await inspector.aspp.measure(undefined, 'cell');
		assert.equal(fields(inspector).measured.length, 1);
	});

	it('of a model whose file is gone or another one by now is told, and nothing else breaks', async () => {
		const inspector = await api();
		const bundled = vscode.Uri.joinPath(extension().extensionUri, 'models', 'deeplabv2-mobilenetv2-voc.onnx');
		const copy = workspaceFile('copy.onnx');
		await vscode.workspace.fs.copy(bundled, copy, { overwrite: true });
		await withSetting('model', 'copy.onnx', async () => {
			const run = await inspector.segment(workspaceFile('chelsea.png'));
			assert.match(run.modelFile!.location, /copy\.onnx$/);
			await inspector.aspp.open();
			assert.equal(view(inspector).runId, run.id);
			await vscode.commands.executeCommand('workbench.action.closeAllEditors');
			// Written anew with the same bytes it is the same model.
			await vscode.workspace.fs.copy(bundled, copy, { overwrite: true });
			await inspector.openRun(run.id);
			await inspector.aspp.open();
			assert.equal(view(inspector).runId, run.id);
			await vscode.commands.executeCommand('workbench.action.closeAllEditors');
			await vscode.workspace.fs.delete(copy);
			const messages = await messagesOf(async () => {
				await inspector.openRun(run.id);
				await inspector.aspp.open();
			});
			const state = inspector.aspp.branches();
			assert.equal(state.kind, 'failed');
			assert.match(state.kind === 'failed' ? state.message : '', /no model at .*copy\.onnx/);
			// No view is in sight that would tell it.
			assert.equal(messages.length, 1, messages.join('\n'));
			await vscode.commands.executeCommand('workbench.action.closeAllEditors');
		});
	});
});
