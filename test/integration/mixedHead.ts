import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { encodeOnnx } from '../../src/core/onnx/encode';
import type { InspectorApi } from '../../src/extension/api';
import type { MixedRunView } from '../../src/shared/protocol/aspp';
import { adoptedMixed, withBranchZeroed } from '../unit/core/aspp/mixed';
import { api, sameBytes, until, withSetting, workspaceFile, writeFile } from './support';

const names = ['1×1', 'rate 3', 'rate 6', 'image pooling'];

function view({ aspp }: InspectorApi): MixedRunView {
	const state = aspp.branches();
	assert.equal(state.kind, 'mixed', JSON.stringify(state));
	return state.kind === 'mixed' ? state.view : assert.fail();
}

describe('a head whose branches later layers mix', () => {
	after(async () => {
		await vscode.commands.executeCommand('workbench.action.closeSidebar');
		await vscode.commands.executeCommand('workbench.action.closeAllEditors');
	});

	it('has maps, the logits and masks without each branch, and its rates’ receptive fields', async () => {
		const { model } = adoptedMixed({ classes: 21 });
		await writeFile('v3.onnx', encodeOnnx(model));
		await writeFile('v3-zeroed.onnx', encodeOnnx(withBranchZeroed(model, '/aspp.6/Conv')));
		const inspector = await api();
		await withSetting('longestSide', 129, async () => {
			let zeroed: Uint8Array | undefined;
			await withSetting('model', 'v3-zeroed.onnx', async () => {
				await inspector.segment(workspaceFile('chelsea.png'));
				await inspector.aspp.open();
				zeroed = await inspector.aspp.mask();
			});
			await withSetting('model', 'v3.onnx', async () => {
				await inspector.segment(workspaceFile('chelsea.png'));
				await inspector.aspp.open();
				assert.deepEqual(
					view(inspector).branches.map(({ name }) => name),
					names,
				);
				const own = await inspector.aspp.mask();
				inspector.aspp.setProbe({ x: 200, y: 150 });
				const maps = inspector.aspp.mixedMaps({ kind: 'norm' });
				assert.equal(maps?.branches.length, 4 * maps!.height * maps!.width);
				await until(
					'the logits without each branch',
					() => view(inspector).atProbe?.without.every((pixel) => pixel !== undefined) === true,
					20_000,
				);
				assert.equal(view(inspector).problem, undefined);
				inspector.aspp.setOn([true, true, false, true]);
				const mask = await inspector.aspp.mask();
				const same = mask.filter((label, at) => label === zeroed![at]).length;
				assert.ok(same / mask.length > 0.9999, `${mask.length - same} labels differ from the zeroed network’s`);
				assert.ok((view(inspector).effect?.changedPixels ?? 0) > 0);
				inspector.aspp.setOn(names.map(() => true));
				assert.ok(sameBytes(await inspector.aspp.mask(), own));
				const fields = inspector.aspp.receptiveField();
				assert.equal(fields.kind, 'run');
				const { explanation, rates } = fields.kind === 'run' ? fields.view : assert.fail();
				assert.deepEqual([rates, explanation?.chosen], [[3, 6], undefined]);
				await inspector.aspp.measure(undefined, 'cell');
				await inspector.aspp.measure(1, 'cell');
				const measured = inspector.aspp.receptiveField();
				assert.deepEqual(
					measured.kind === 'run' && [measured.view.measured.map(({ branch }) => branch), measured.view.activity.kind],
					[[undefined, 1], 'idle'],
				);
			});
		});
	});
});
