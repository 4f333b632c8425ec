import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { decodeOnnx } from '../../src/core/onnx/decode';
import { readMetadata } from '../../src/core/onnx/metadata';
import { randomResNet101 } from '../../src/core/onnx/networks/randomWeights';
import { caffeModelFile, kazutoTensors, torchLegacyFile, torchZipFile } from '../support/checkpointFiles';
import { global, op, pickled, text, torchZip, tuple } from '../unit/core/checkpoint/pickles';
import {
	api,
	exists,
	messagesOf,
	modelPlace,
	readFile,
	segmentsSmall,
	smallPicture,
	until,
	useQuickNetwork,
	workspaceFile,
	writeFile,
} from './support';

const network = randomResNet101({ branches: 4, classes: 21, width: 1 / 32, seed: 9 });

/** The model that is set, as the user's settings have it. */
function setModel(): string {
	return vscode.workspace.getConfiguration('deeplab').get<string>('model', '');
}

async function resetModel(): Promise<void> {
	await vscode.workspace.getConfiguration('deeplab').update('model', undefined, vscode.ConfigurationTarget.Global);
}

function problemOf(work: Promise<unknown>): Promise<{ code?: string; name?: string; detail?: string }> {
	return work.then(
		() => assert.fail('nothing failed'),
		(error: { problem?: object }) => error.problem ?? {},
	);
}

/** Files that an import has begun and not finished. */
async function leftovers(): Promise<string[]> {
	const entries = await vscode.workspace.fs.readDirectory(workspaceFile('.'));
	return entries.map(([name]) => name).filter((name) => name.endsWith('.part'));
}

describe('importing a checkpoint', () => {
	afterEach(resetModel);

	it('shows what is in it, and writes nothing', async () => {
		const inspector = await api();
		const uri = await writeFile('look.caffemodel', caffeModelFile(network));
		const { report, tensors } = await inspector.examineCheckpoint(uri);
		assert.deepEqual(
			[report.format, report.family, report.backbone, report.classes, report.classSet],
			['caffe', 'caffe', 'resnet101', 21, 'voc'],
		);
		assert.deepEqual(report.modelRates, [6, 12, 18, 24]);
		assert.ok(tensors.some(({ use }) => use === 'scaledCopy'));
		assert.ok(!(await exists(workspaceFile('look.onnx'))));
		const sum = await inspector.examineCheckpoint(uri, { sum: [6, 12] });
		assert.deepEqual(sum.report.modelRates, [6, 12]);
		assert.deepEqual(
			(await problemOf(inspector.examineCheckpoint(uri, { rates: [1, 2] }))).code,
			'weights.unsupported',
		);
	});

	it('makes the model in use, whose head the ASPP views show', async () => {
		const inspector = await api();
		const uri = await writeFile('net.pth', torchZipFile(kazutoTensors(network)));
		const imported = await inspector.importCheckpoint(uri);
		assert.equal(imported.uri.toString(), workspaceFile('net.onnx').toString());
		assert.equal(setModel(), modelPlace(workspaceFile('net.onnx')));
		assert.equal(inspector.importedModels()[0]?.toString(), imported.uri.toString());
		assert.ok((imported.summary.memory?.bytes ?? 0) > 0);
		assert.deepEqual(await leftovers(), []);
		const run = await inspector.segment(await smallPicture());
		assert.equal(run.model.backbone, 'resnet101');
		assert.equal(run.modelFile?.location, modelPlace(workspaceFile('net.onnx')));
		await inspector.aspp.open();
		const state = inspector.aspp.branches();
		assert.equal(state.kind, 'run', JSON.stringify(state));
		if (state.kind === 'run') {
			assert.deepEqual([state.view.head.linear, state.view.rates], [true, [6, 12, 18, 24]]);
		}
		await vscode.commands.executeCommand('workbench.action.closeAllEditors');
	});

	it('takes what the user knows better, and writes where they say', async () => {
		const inspector = await api();
		const uri = await writeFile('told.pth', torchLegacyFile(kazutoTensors(network)));
		const target = workspaceFile('elsewhere.onnx');
		const names = Array.from({ length: 21 }, (_, label) => `thing ${label}`);
		await inspector.importCheckpoint(uri, { target, overrides: { classes: names, outputStride: 16, sum: [6, 12] } });
		const metadata = readMetadata(decodeOnnx(await readFile(workspaceFile('elsewhere.onnx')), 'e'), 'e');
		assert.equal(metadata.outputStride, 16);
		assert.equal(metadata.classes[20]?.name, 'thing 20');
		assert.deepEqual(
			metadata.branches.map(({ rate }) => rate),
			[3, 6],
		);
		assert.ok(!(await exists(workspaceFile('told.onnx'))));
		const run = await segmentsSmall();
		assert.equal(run.model.outputStride, 16);
	});

	it('given up, or where nothing can be written, leaves nothing behind', async () => {
		const inspector = await api();
		const uri = await writeFile('given-up.pth', torchZipFile(kazutoTensors(network)));
		const controller = new AbortController();
		const work = inspector.importCheckpoint(uri, { signal: controller.signal });
		setTimeout(() => controller.abort(), 5);
		assert.equal((await problemOf(work)).code, 'cancelled');
		assert.ok(!(await exists(workspaceFile('given-up.onnx'))));
		await vscode.workspace.fs.createDirectory(workspaceFile('in-the-way.onnx/inside'));
		const blocked = inspector.importCheckpoint(uri, { target: workspaceFile('in-the-way.onnx') });
		assert.equal((await problemOf(blocked)).code, 'output.unwritable');
		assert.ok(await exists(workspaceFile('in-the-way.onnx/inside')));
		const itself = inspector.importCheckpoint(uri, { target: uri });
		assert.equal((await problemOf(itself)).code, 'output.unwritable');
		assert.deepEqual(await leftovers(), []);
		assert.equal(setModel(), '');
		await segmentsSmall();
	});

	it('a picture is segmented with another model by one command, and the setting stays', async () => {
		const inspector = await api();
		const uri = await writeFile('other.pth', torchZipFile(kazutoTensors(network)));
		const { uri: model } = await inspector.importCheckpoint(uri);
		await resetModel();
		const bundled = await segmentsSmall();
		assert.equal(bundled.model.backbone, 'mobilenetv2');
		await vscode.commands.executeCommand('deeplab.segmentWithAnother', model);
		await until('the other model’s run', () =>
			inspector
				.inspectors()
				.some(({ active, state }) => active && state.kind === 'run' && state.info.model.backbone === 'resnet101'),
		);
		assert.equal(setModel(), '');
		await vscode.workspace.fs.delete(model);
		assert.ok(inspector.importedModels().some((each) => each.toString() === model.toString()));
		await vscode.commands.executeCommand('workbench.action.closeAllEditors');
	});
});

describe('a bad checkpoint ends in one message, and the next run works:', () => {
	useQuickNetwork();

	const cut = torchZipFile(kazutoTensors(network));
	const evil = torchZip(pickled([...global('os', 'system'), ...tuple(text('touch /tmp/run')), ...op.reduce]));
	const backbone = new Map([...kazutoTensors(network)].filter(([name]) => !name.includes('aspp')));
	const cases: readonly (readonly [string, string, Uint8Array | undefined, RegExp])[] = [
		['a pickle that would run a program', 'evil.pth', evil, /evil\.pth.*os\.system/s],
		['cut', 'cut.pth', cut.subarray(0, cut.length / 2), /cut\.pth/],
		['a backbone alone', 'backbone.pth', torchZipFile(backbone), /backbone\.pth.*without a head/s],
		[
			'a text',
			'only-text.caffemodel',
			new TextEncoder().encode('This is a text.'),
			/only-text\.caffemodel.*no checkpoint/s,
		],
		['empty', 'nothing-in-it.pt', new Uint8Array(0), /nothing-in-it\.pt.*empty/s],
		['gone', 'gone.npz', undefined, /gone\.npz/],
	];
	for (const [title, name, bytes, message] of cases) {
		it(title, async () => {
			if (bytes) {
				await writeFile(name, bytes);
			}
			const messages = await messagesOf(async () => {
				await vscode.commands.executeCommand('deeplab.importCheckpoint', workspaceFile(name));
			});
			assert.equal(messages.length, 1, messages.join('\n'));
			assert.match(messages[0]!, message);
			assert.ok(!(await exists(workspaceFile(name.replace(/\.[^.]+$/, '.onnx')))));
			await segmentsSmall();
		});
	}
});
