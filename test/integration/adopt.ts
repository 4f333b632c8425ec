import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { decodeOnnx } from '../../src/core/onnx/decode';
import { encodeOnnx } from '../../src/core/onnx/encode';
import { readMetadata } from '../../src/core/onnx/metadata';
import { api, extension, messagesOf, readFile, shareOf, withSetting, workspaceFile, writeFile } from './support';

const asked = ['showInformationMessage', 'createQuickPick', 'showSaveDialog'] as const;
type Answers = Record<(typeof asked)[number], (...args: unknown[]) => unknown>;

/** A quick pick whose item is accepted as soon as it is shown: the first that fits. */
function pickerOf(fits: (title: string, item: vscode.QuickPickItem) => boolean, titles: string[]): () => unknown {
	return () => {
		let accept = () => {};
		const none = () => ({ dispose: () => undefined });
		const pick = {
			title: '',
			items: [] as vscode.QuickPickItem[],
			selectedItems: [] as vscode.QuickPickItem[],
			onDidAccept: (listener: () => void) => {
				accept = listener;
				return none();
			},
			onDidTriggerButton: none,
			onDidHide: none,
			dispose: () => undefined,
			step: 0,
			totalSteps: 0,
			show: () => {
				titles.push(`${pick.title} ${pick.step}/${pick.totalSteps}`);
				pick.selectedItems = pick.items.filter((item) => fits(pick.title, item)).slice(0, 1);
				accept();
			},
		};
		return pick;
	};
}

/** Answers what the extension asks for the time of a piece of work. */
async function answering(answers: Answers, work: () => Promise<void>): Promise<void> {
	const shown = vscode.window as unknown as Answers;
	const originals = asked.map((name) => shown[name]);
	for (const name of asked) {
		shown[name] = answers[name];
	}
	try {
		await work();
	} finally {
		asked.forEach((name, i) => {
			shown[name] = originals[i]!;
		});
	}
}

describe('a model of another tool', () => {
	const foreign = async (name: string) => {
		const bundled = vscode.Uri.joinPath(extension().extensionUri, 'models/deeplabv2-mobilenetv2-voc.onnx');
		const model = decodeOnnx(new Uint8Array(await readFile(bundled)), 'bundled');
		return await writeFile(name, encodeOnnx({ ...model, metadata: {} }));
	};

	it('is offered to be adopted where it is selected, and segments then', async () => {
		const uri = await foreign('foreign.onnx');
		const target = workspaceFile('adopted.onnx');
		const told: string[] = [];
		const lastButton = async (message: unknown, ...rest: unknown[]) => {
			told.push(String(message), JSON.stringify(rest));
			return rest.findLast((each) => typeof each === 'string');
		};
		const titles: string[] = [];
		const wanted: Record<string, string> = {
			'How do pictures reach the model?': '−1…1',
			'Channel order': 'RGB',
			Classes: 'PASCAL VOC',
			'How are pictures brought to its size?': 'Fitted',
			'What are sides padded to?': '16k+1',
			align_corners: 'Yes',
		};
		const tensorflow = pickerOf((title, { label }) => label === wanted[title], titles);
		await withSetting('model', '', async () => {
			await answering(
				{ showInformationMessage: lastButton, createQuickPick: tensorflow, showSaveDialog: async () => target },
				async () => {
					await vscode.commands.executeCommand('deeplab.selectModel', uri);
				},
			);
			assert.equal(told.length, 4, told.join('\n'));
			assert.deepEqual(
				titles,
				Object.keys(wanted).map((title, index) => `${title} ${index + 1}/6`),
			);
			const written = readMetadata(decodeOnnx(new Uint8Array(await readFile(target)), 'adopted'), 'adopted');
			assert.equal(written.preprocessing.padMultiple, 16);
			assert.equal(written.preprocessing.padRemainder ?? 1, 1);
			assert.match(told[0]!, /“foreign\.onnx” is an ONNX model of another tool/);
			assert.match(told[3]!, /dilation rates 6, 12, 18, 24, one convolution each, summed/);
			const info = await (await api()).segment(workspaceFile('astronaut.png'));
			assert.match(info.modelFile!.location, /adopted\.onnx$/);
			assert.ok(shareOf(info, 'person') > 0.25, `person ${shareOf(info, 'person')}`);
		});
	});

	it('is told as one where it is set by hand', async () => {
		await foreign('other.onnx');
		await withSetting('model', 'other.onnx', async () => {
			const inspector = await api();
			const messages = await messagesOf(() => inspector.segment(workspaceFile('astronaut.png')).catch(() => undefined));
			assert.equal(messages.length, 1, messages.join('\n'));
			assert.match(messages[0]!, /Adopt it: choose it with “DeepLab: Select Model…”/);
		});
	});
});
