/** The message after a disagreement, with an editor that is played. */
import { beforeEach, expect, it, vi } from 'vitest';
import { InspectorError } from '../../../../src/core/problem';
import type { RunInfo } from '../../../../src/core/run';
import { type CreateParityParts, createParity } from '../../../../src/extension/parity/createParity';
import { makeRun } from '../support';
import { adapter, memory, report } from './fakes';

vi.mock('vscode', () => ({
	FileType: { Directory: 2 },
	Uri: { parse: (text: string) => ({ fsPath: text, path: text, toString: () => text }) },
	window: { showWarningMessage: async (_: string, ...buttons: string[]) => buttons[0] },
	workspace: { fs: { stat: async () => ({ size: 1 }), readFile: async () => new Uint8Array(1) } },
}));

const { info: made } = makeRun('a');
const info: RunInfo = {
	...made,
	backend: { name: 'webgpu', threads: 1, adapter },
	modelFile: { location: '/another.onnx', key: 'another' },
};
const again: unknown[] = [];
const told: unknown[] = [];
const ofRun = vi.fn();

function parity() {
	const client = {
		compareBackends: async () => report(false),
		findDivergence: async () => null,
		dispose: async () => undefined,
	};
	return createParity({
		memory: memory(),
		models: { ofRun, current: async () => ({ key: 'set' }) },
		log: { info: () => undefined, warn: () => undefined, show: () => undefined },
		choice: () => 'auto',
		adapter: () => undefined,
		createInference: async () => ({ client }),
		segmentAgain: (picture: object, model: object) => again.push([String(picture), model]),
		problems: { report: (error: unknown) => told.push(error) },
	} as unknown as CreateParityParts);
}

beforeEach(() => {
	again.length = 0;
	told.length = 0;
	ofRun.mockReset().mockResolvedValue({ key: 'another' });
});

it('segments again with the model that disagrees, not the one that is set', async () => {
	await parity().compare(info, new AbortController().signal);
	await vi.waitFor(() => expect(again).toEqual([[info.pictureUri, { key: 'another' }]]));
});

it('tells where that model is gone', async () => {
	const gone = new InspectorError({ code: 'model.notFound', name: 'another.onnx' });
	ofRun.mockReset().mockResolvedValueOnce({ key: 'another' }).mockRejectedValue(gone);
	await parity().compare(info, new AbortController().signal);
	await vi.waitFor(() => expect(told).toEqual([gone]));
	expect(again).toEqual([]);
});
