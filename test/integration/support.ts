/** What the suites share: the extension's API, files in the workspace, and an ear for messages. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { decodeNpy, type NpyArray } from '../../src/core/checkpoint/npy';
import { encodeOnnx } from '../../src/core/onnx/encode';
import type { OnnxModel } from '../../src/core/onnx/ir';
import type { ProblemCode } from '../../src/core/problem';
import type { RunInfo } from '../../src/core/run';
import type { InspectorApi } from '../../src/extension/api';
import { greyPng } from '../support/pictures';
import { networkWithHead } from '../unit/core/aspp/networkWithHead';
import { host } from './chosenHost';

export function extension(): vscode.Extension<InspectorApi> {
	const found = vscode.extensions.getExtension<InspectorApi>('deeplab-inspector.deeplab-inspector');
	assert.ok(found, 'the extension is not installed');
	return found;
}

export async function api(): Promise<InspectorApi> {
	return await extension().activate();
}

export function workspaceFile(name: string): vscode.Uri {
	return vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, name);
}

export async function readFile(uri: vscode.Uri): Promise<Uint8Array> {
	return await vscode.workspace.fs.readFile(uri);
}

export async function exists(uri: vscode.Uri): Promise<boolean> {
	return await vscode.workspace.fs.stat(uri).then(
		() => true,
		() => false,
	);
}

/** A model's place as the setting and the runs have it: a path on a disk, else a URI. */
export function modelPlace(uri: vscode.Uri): string {
	return uri.scheme === 'file' ? uri.fsPath : uri.toString();
}

export function sameBytes(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
	return one.length === other.length && Array.prototype.every.call(one, (byte, i) => byte === other[i]);
}

export async function writeFile(name: string, bytes: Uint8Array): Promise<vscode.Uri> {
	const uri = workspaceFile(name);
	await vscode.workspace.fs.writeFile(uri, bytes);
	return uri;
}

/**
 * Has the tests of a `describe` segment with a small network where a GPU that is played by the CPU would take a second for
 * the bundled one, however small its input.
 */
export function useQuickNetwork(): void {
	if (host.form.backend !== 'webgpu') {
		return;
	}
	before(async () => {
		await writeFile('quick.onnx', encodeOnnx(quickNetwork()));
		await saveSetting('model', 'quick.onnx');
	});
	after(() => saveSetting('model', undefined));
}

/** Of three classes, by random weights. */
export function quickNetwork(): OnnxModel {
	return networkWithHead({ rates: [2, 4] }).model;
}

/** A picture that is segmented in a moment. */
export async function smallPicture(): Promise<vscode.Uri> {
	return await writeFile('small.png', greyPng(65, 65));
}

type ShowMessage = (message: string, ...rest: unknown[]) => Thenable<unknown>;
type Kind = 'showErrorMessage' | 'showWarningMessage' | 'showInformationMessage';

/**
 * Does something while no notification is shown but noted instead. The suite's bundle lies in the extension's folder,
 * so both have the same `vscode` module.
 * @returns what the user is told: the notifications' texts, and those of the Inspectors in sight that have failed since
 */
export async function messagesOf(doing: () => Promise<unknown>): Promise<string[]> {
	const messages: string[] = [];
	const { inspectors } = await api();
	const before = new Set(inspectors().map(({ state }) => state));
	const shown = vscode.window as unknown as Record<Kind, ShowMessage>;
	const kinds: readonly Kind[] = ['showErrorMessage', 'showWarningMessage', 'showInformationMessage'];
	const originals = kinds.map((kind) => shown[kind]);
	for (const kind of kinds) {
		shown[kind] = async (message) => {
			messages.push(message);
		};
	}
	try {
		await doing();
		// A message may follow the failure it tells of.
		await pause(100);
	} finally {
		kinds.forEach((kind, i) => {
			shown[kind] = originals[i]!;
		});
	}
	for (const { state, visible } of inspectors()) {
		if (visible && state.kind === 'failed' && !before.has(state)) {
			messages.push(state.message);
		}
	}
	return messages;
}

/** Segments a picture that cannot be, and asserts that it ends in one message and with that problem. */
export async function failsWith(uri: vscode.Uri, code: ProblemCode, text: RegExp): Promise<void> {
	const inspector = await api();
	const before = inspector.runs().length;
	let problem: unknown;
	const messages = await messagesOf(async () => {
		problem = await inspector.segment(uri).then(
			(info) => info,
			(error: { problem?: unknown }) => error.problem ?? error,
		);
	});
	assert.equal((problem as { code?: unknown }).code, code, JSON.stringify(problem));
	assert.equal(messages.length, 1, messages.join('\n'));
	assert.match(messages[0]!, text);
	assert.equal(inspector.runs().length, before, 'a run was kept');
	await segmentsSmall();
}

/** Asserts that the next run works. */
export async function segmentsSmall(): Promise<RunInfo> {
	const info = await (await api()).segment(await smallPicture());
	assert.deepEqual([info.geometry.pictureWidth, info.geometry.pictureHeight], [65, 65]);
	return info;
}

/** Chooses the backend anew, so that no failure of WebGPU is known any more. */
export async function forgetFailures(): Promise<void> {
	const inspector = await api();
	await withSetting('backend', 'wasm', async () => {
		await inspector.segment(await smallPicture());
	});
	await until('the choice alone', () => inspector.backend().status === undefined);
}

/** Sets `deeplab.<name>` for the time of a piece of work. */
export async function withSetting(name: string, value: unknown, work: () => Promise<void>): Promise<void> {
	const before = vscode.workspace.getConfiguration('deeplab').inspect(name)?.workspaceValue;
	await saveSetting(name, value);
	try {
		await work();
	} finally {
		await saveSetting(name, before);
	}
}

/** @param value undefined: as it is by itself */
export async function saveSetting(name: string, value: unknown): Promise<void> {
	await vscode.workspace.getConfiguration('deeplab').update(name, value, vscode.ConfigurationTarget.Workspace);
}

/** A tensor of a kept run. */
export async function runFile(id: string, name: string): Promise<NpyArray> {
	const { runsFolder } = await api();
	return decodeNpy(new Uint8Array(await readFile(vscode.Uri.joinPath(runsFolder, id, name))));
}

/** The longest gap of a 10 ms timer in milliseconds, while something is done: for how long the host was not free. */
export async function longestGap(doing: () => Promise<unknown>): Promise<number> {
	let last = performance.now();
	let gap = 0;
	const timer = setInterval(() => {
		const now = performance.now();
		gap = Math.max(gap, now - last);
		last = now;
	}, 10);
	await doing();
	clearInterval(timer);
	return gap;
}

export function pause(milliseconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until something holds. */
export async function until(what: string, holds: () => boolean, milliseconds = 5000): Promise<void> {
	const end = Date.now() + milliseconds;
	while (!holds()) {
		assert.ok(Date.now() < end, `${what}: not within ${milliseconds} ms`);
		await pause(20);
	}
}

/** Pixels of a class by its name; 0 where it is absent. */
export function shareOf(info: RunInfo, name: string): number {
	const label = info.model.classes.findIndex((each) => each.name === name);
	assert.notEqual(label, -1, `the model has no class ${name}`);
	return info.classes.find((each) => each.label === label)?.share ?? 0;
}

/** Skips a test that makes no sense in this host; the reason is in the results. */
export function skip(context: Mocha.Context, reason: string): void {
	skipReasons.set(context.test!.fullTitle(), reason);
	context.skip();
}

/** By the tests' full titles. */
export const skipReasons = new Map<string, string>();
