/** What is chosen in VS Code is written as the terminal writes it for the same options. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';

const vs = vi.hoisted(() => ({ quick: undefined as unknown as QuickInputs, written: new Map<string, Uint8Array>() }));
vi.mock('vscode', () => ({
	get QuickInputButtons() {
		return { Back: vs.quick.back };
	},
	get InputBoxValidationSeverity() {
		return vs.quick.severity;
	},
	FileType: { Directory: 2 },
	ProgressLocation: { Notification: 15 },
	QuickPickItemKind: { Separator: -1 },
	ThemeIcon: class {},
	Uri: {
		joinPath: (base: { path: string }, name: string) => ({ path: `${base.path}/${name}`.replace(/[^/]*\/\.\.\//, '') }),
	},
	window: {
		createQuickPick: () => vs.quick.createQuickPick(),
		createInputBox: () => vs.quick.createInputBox(),
		showInformationMessage: (...texts: unknown[]) => Promise.resolve(texts.at(-1)),
		showSaveDialog: () => Promise.resolve({ path: '/adopted.onnx', toString: () => 'adopted' }),
		withProgress: (_: unknown, work: (progress: unknown, token: unknown) => unknown) =>
			work({}, { onCancellationRequested: () => ({ dispose: () => undefined }) }),
	},
	workspace: {
		fs: {
			stat: () => Promise.reject(new Error('no file')),
			writeFile: (_: { path: string }, bytes: Uint8Array) => Promise.resolve(void vs.written.set('model', bytes)),
			rename: () => Promise.resolve(),
			delete: () => Promise.resolve(),
		},
	},
}));

import { parseCommandLine } from '../../../src/cli/commandLine/commandLine.node';
import type { AdoptCommand } from '../../../src/cli/commandLine/commands';
import { adopt } from '../../../src/cli/models/adopt.node';
import { decodeOnnx } from '../../../src/core/onnx/decode';
import { adoptModel } from '../../../src/core/onnx/discover/adopt';
import { encodeOnnx } from '../../../src/core/onnx/encode';
import type { Dimension } from '../../../src/core/onnx/ir';
import { readMetadata } from '../../../src/core/onnx/metadata';
import { type AdoptionParts, offerAdoption } from '../../../src/extension/models/adoptModel';
import { addedOneByOne, foreign } from '../core/onnx/discover/foreign';
import { type QuickAnswer, QuickInputs } from './quickInputs';

const folder = mkdtempSync(path.join(tmpdir(), 'adopt-as-terminal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A network with summed branches at stride 2, and one without a head. */
function network(withHead: boolean, shape?: readonly Dimension[]): Uint8Array {
	const net = foreign(shape);
	const rates = withHead ? [1, 2, 3] : [];
	const branches = rates.map((rate) => net.conv(`branch${rate}`, net.features, [6, 21], rate));
	const logits = withHead ? addedOneByOne(net, branches) : net.conv('classifier', net.features, [6, 21]);
	return encodeOnnx(net.finish(logits, 21));
}

async function inTerminal(bytes: Uint8Array, options: readonly string[]): Promise<Uint8Array> {
	const [from, to] = ['net.onnx', 'terminal.onnx'].map((name) => path.join(folder, name)) as [string, string];
	writeFileSync(from, bytes);
	const command = parseCommandLine(['adopt', from, '--out', to, ...options]) as AdoptCommand;
	await adopt(command, { out: () => undefined, error: () => undefined }, new AbortController().signal);
	return new Uint8Array(readFileSync(to));
}

async function inVsCode(bytes: Uint8Array): Promise<Uint8Array> {
	const report = vi.fn();
	const parts = {
		models: { read: () => Promise.resolve({ name: 'net.onnx' }) },
		// As the worker does it.
		adopt: async (_: unknown, options) => {
			const adopted = adoptModel(decodeOnnx(bytes, 'net.onnx'), 'net.onnx', options);
			return { report: adopted.report, bytes: encodeOnnx(adopted.model) };
		},
		problems: { report },
	} as Partial<Record<keyof AdoptionParts, unknown>> & { adopt: AdoptionParts['adopt'] };
	await offerAdoption(parts as unknown as AdoptionParts, { path: '/net.onnx', toString: () => 'net' } as never);
	expect(report.mock.calls).toEqual([]);
	return vs.written.get('model')!;
}

beforeEach(() => {
	vs.written.clear();
	vs.quick = new QuickInputs();
});

interface Case {
	readonly values: string;
	readonly order: 'RGB' | 'BGR';
	readonly numbers?: readonly [mean: string, std: string];
	readonly resize?: 'Fitted' | 'Stretched';
	readonly pad?: readonly QuickAnswer[];
	readonly align?: 'Yes' | 'No';
	readonly options: readonly string[];
}

const cases: readonly Case[] = [
	{ values: 'ImageNet mean, std', order: 'RGB', options: ['--normalize', 'imagenet'] },
	{
		values: 'Caffe mean',
		order: 'BGR',
		pad: ['8k+1'],
		align: 'Yes',
		options: ['--normalize', 'caffe', '--channel-order', 'BGR', '--pad', '8k+1', '--align-corners', 'true'],
	},
	{ values: '−1…1', order: 'RGB', pad: ['16k'], options: ['--normalize', 'symmetric', '--pad', '16k'] },
	{ values: '0…1', order: 'BGR', options: ['--normalize', 'unit', '--channel-order', 'BGR'] },
	{ values: 'None', order: 'BGR', options: ['--mean', '0,0,0', '--std', '1,1,1', '--channel-order', 'BGR'] },
	{
		values: 'Custom…',
		order: 'RGB',
		numbers: ['104.5, 0, 3.25', '58.1, 1e-3, 255'],
		pad: ['Custom…', { type: '24k+1' }],
		options: ['--mean', '104.5,0,3.25', '--std', '58.1,1e-3,255', '--pad', '24k+1'],
	},
	{ values: 'None', order: 'RGB', pad: ['Not at all'], options: ['--mean', '0,0,0', '--std', '1,1,1', '--pad', '1k'] },
	{ values: '0…1', order: 'RGB', resize: 'Stretched', options: ['--normalize', 'unit', '--resize', 'stretch'] },
];

describe.each([
	['a head', network(true), '2k+1'],
	['no head', network(false), '32k'],
	['one size alone', network(true, [1, 3, 33, 49]), undefined],
])('a network with %s', (_, bytes, ownPad) => {
	it.each(cases)('$values, $order, $resize, $pad', async ({ values, order, numbers, pad, ...chosen }) => {
		const { quick } = vs;
		quick.answers.set('How do pictures reach the model?', [values]);
		quick.answers.set('Channel order', [order]);
		quick.answers.set('Mean', [{ type: numbers?.[0] ?? '' }]);
		quick.answers.set('Deviation', [{ type: numbers?.[1] ?? '' }]);
		quick.answers.set('Classes', ['PASCAL VOC']);
		quick.answers.set('How are pictures brought to its size?', [chosen.resize ?? 'Fitted']);
		quick.answers.set('What are sides padded to?', [...(pad ?? [ownPad])]);
		quick.answers.set('align_corners', [chosen.align ?? 'No']);
		// A network of one size alone is not padded by a rule, and is not asked for one.
		const options = ownPad === undefined ? withoutPad(chosen.options) : chosen.options;
		const [expected, written] = [await inTerminal(bytes, ['--classes', 'voc', ...options]), await inVsCode(bytes)];
		const metadata = (of: Uint8Array) => readMetadata(decodeOnnx(of, 'net'), 'net');
		expect(metadata(written)).toEqual(metadata(expected));
		expect(Buffer.compare(written, expected)).toBe(0);
	});
});

function withoutPad(options: readonly string[]): string[] {
	const at = options.indexOf('--pad');
	return at < 0 ? [...options] : options.toSpliced(at, 2);
}
