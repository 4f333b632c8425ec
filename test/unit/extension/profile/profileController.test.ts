/** Which Inspector a profile is measured for, without VS Code. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { InspectorError } from '../../../../src/core/problem';
import type { InspectorPanel } from '../../../../src/extension/inspector/inspectorPanel';
import { ProfileController, type ProfileParts } from '../../../../src/extension/profile/profileController';
import type { RequestOptions } from '../../../../src/worker/client/client';
import { makeRun } from '../support';

vi.mock('vscode', () => ({
	FileType: { Directory: 2 },
	Uri: { parse: (text: string) => ({ path: text, toString: () => text }) },
	workspace: { fs: { stat: async () => ({ size: 1 }), readFile: async () => new Uint8Array(1) } },
}));

interface Panel {
	state: InspectorPanel['state'];
	tellRun(): void;
}

let all: Panel[];
let measured: AbortSignal[];
let kept: boolean;
let changed: () => void;
let controller: ProfileController;

const infos = new Map(['a', 'b'].map((id) => [id, makeRun(id).info]));

function panel(id: string): InspectorPanel {
	const made: Panel = { state: { kind: 'run', info: infos.get(id)!, probe: undefined }, tellRun: () => undefined };
	all.push(made);
	changed();
	return made as unknown as InspectorPanel;
}

function show(opened: InspectorPanel, state: InspectorPanel['state']): void {
	(opened as unknown as Panel).state = state;
	changed();
}

function close(...closed: readonly unknown[]): void {
	all = all.filter((each) => !closed.includes(each));
	changed();
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

async function open(opened: InspectorPanel, runId = 'a'): Promise<void> {
	controller.request(opened, { runId, action: 'open' });
	await turn();
}

beforeEach(() => {
	[all, measured, kept, changed] = [[], [], true, () => undefined];
	const client = {
		profile: (_: unknown, { signal }: RequestOptions) =>
			new Promise((_, reject) => {
				measured.push(signal!);
				signal!.addEventListener('abort', () => reject(new InspectorError({ code: 'cancelled' })));
			}),
	};
	controller = new ProfileController({
		inference: async () => ({ client }),
		models: { current: async () => ({ key: 'net', name: 'net.onnx' }) },
		store: {
			get: (id: string) => (kept ? { info: infos.get(id) } : undefined),
			find: async (id: string) => {
				kept = true;
				return { info: infos.get(id) };
			},
			profile: async () => undefined,
		},
		panels: {
			get all() {
				return all;
			},
			onDidChange: (listener: () => void) => {
				changed = listener;
				return { dispose: () => undefined };
			},
			showRun: ({ id }: { readonly id: string }) => panel(id),
		},
		problems: { report: (error: unknown) => (error as InspectorError).problem },
		log: { info: () => undefined, error: () => undefined },
	} as unknown as ProfileParts);
});

describe('a profile that is being measured', () => {
	it('is cancelled when the last Inspector it was asked for is closed', async () => {
		const [one, other] = [panel('a'), panel('a')];
		await open(one);
		await open(other);
		expect(measured).toHaveLength(1);
		close(one);
		expect(measured[0]!.aborted).toBe(false);
		close(other);
		expect(measured[0]!.aborted).toBe(true);
	});

	it('is cancelled when its Inspector goes on to another run or picture, and not by another run’s', async () => {
		const [one, other] = [panel('a'), panel('b')];
		await open(one);
		close(other);
		expect(measured[0]!.aborted).toBe(false);
		show(one, { kind: 'run', info: infos.get('b')!, probe: undefined });
		expect(measured[0]!.aborted).toBe(true);
		await open(one, 'b');
		show(one, { kind: 'running', pictureName: 'b.png', since: 0, progress: undefined });
		expect(measured[1]!.aborted).toBe(true);
	});

	it('goes on when its fold alone is closed, until the Inspector is', async () => {
		const one = panel('a');
		await open(one);
		controller.request(one, { runId: 'a', action: 'close' });
		changed();
		expect(measured[0]!.aborted).toBe(false);
		close(one);
		expect(measured[0]!.aborted).toBe(true);
	});

	it('does not begin once the Inspector is closed, nor of a run that it no longer shows', async () => {
		const one = panel('a');
		controller.request(one, { runId: 'a', action: 'open' });
		close(one);
		await turn();
		await open(panel('b'), 'a');
		expect(measured).toEqual([]);
	});
});

it('a run is found also where what is kept has not been read yet', async () => {
	kept = false;
	void controller.profile('a').catch(() => undefined);
	await turn();
	expect(measured).toHaveLength(1);
	controller.dispose();
	expect(measured[0]!.aborted).toBe(true);
});
