import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { decodeOnnx } from '../../src/core/onnx/decode';
import { encodeOnnx } from '../../src/core/onnx/encode';
import { api, extension, messagesOf, readFile, shareOf, withSetting, workspaceFile, writeFile } from './support';

const asked = ['showInformationMessage', 'showQuickPick', 'showSaveDialog'] as const;
type Answers = Record<(typeof asked)[number], (...args: unknown[]) => Promise<unknown>>;

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
		const tensorflow = async (items: unknown) =>
			(items as { description: string; label: string }[]).find(
				({ description, label }) => description === 'RGB' && label === '−1…1',
			);
		await withSetting('model', '', async () => {
			await answering(
				{ showInformationMessage: lastButton, showQuickPick: tensorflow, showSaveDialog: async () => target },
				async () => {
					await vscode.commands.executeCommand('deeplab.selectModel', uri);
				},
			);
			assert.equal(told.length, 4, told.join('\n'));
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
