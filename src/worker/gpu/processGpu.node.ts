import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BackendInfo } from '../../core/backend';
import type { WorkerSetup } from '../../shared/protocol/worker';
import { type Message, Peer } from '../../shared/rpc';
import type { OpenedGpu } from '../engine/backends';
import type { Feeds, InferenceEngine, Tensor } from '../engine/engine';
import type { ThreadProcesses } from '../threadEnd.node';
import { type RefusedGpu, refused } from './gpu';
import { whyNoNodeGpu } from './gpu.node';
import type { GpuProcessMethods } from './gpuProcess';

type GpuPeer = Peer<Record<never, never>, GpuProcessMethods>;

export interface GpuProcessStart {
	readonly script: URL;
	readonly processes: ThreadProcesses;
}

/**
 * Opens WebGPU in a process of its own: a driver that crashes, and Dawn, which ends its process when a thread goes while it
 * still has something to do, must not take the editor's extension host along.
 * @param start `script` of that process, and the thread's `processes`, of which it becomes one
 */
export async function openProcessGpu(
	start: GpuProcessStart,
	setup: WorkerSetup,
	allowSoftware: boolean,
): Promise<OpenedGpu | RefusedGpu> {
	const reason = whyNoNodeGpu(setup);
	if (reason) {
		return reason;
	}
	const { peer, end } = startProcess(start);
	try {
		const answer = await peer.call('connect', { setup, allowSoftware });
		if ('refused' in answer) {
			end();
			return answer;
		}
		return {
			adapter: answer.adapter,
			createEngine: async () => new ProcessEngine(peer, await peer.call('createEngine', null)),
		};
	} catch (error) {
		end();
		return refused('noDevice', error instanceof Error ? error.message : String(error));
	}
}

class ProcessEngine implements InferenceEngine {
	constructor(
		private readonly peer: GpuPeer,
		readonly backend: BackendInfo,
	) {}

	async load(bytes: Uint8Array, name: string): Promise<void> {
		await this.peer.call('load', { bytes, name });
	}

	async run(feeds: Tensor | Feeds, outputs: readonly string[]): Promise<Readonly<Record<string, Tensor>>> {
		return await this.peer.call('run', { feeds, outputs });
	}

	async unload(): Promise<void> {
		await this.peer.call('unload', null);
	}
}

function startProcess({ script, processes }: GpuProcessStart): { readonly peer: GpuPeer; end(): void } {
	const child = fork(fileURLToPath(script), {
		// The editor's own program is Electron; other programs do not look at it.
		env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
		execArgv: [],
		serialization: 'advanced',
		// Drivers and Dawn write there what is no user's business.
		stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
	});
	processes.add(child);
	const peer: GpuPeer = new Peer(
		{
			// An error is followed by the process's end.
			post: (message) => void child.send(message, () => undefined),
			listen: (handler) => {
				const listener = (message: unknown) => handler(message as Message);
				child.on('message', listener);
				return () => child.off('message', listener);
			},
		},
		{},
	);
	const ended = (how: string) =>
		peer.close({ code: 'runtime.failed', detail: `the process that WebGPU runs in ended: ${how}` });
	child.once('error', (error) => ended(error.message));
	child.once('exit', (code, signal) => ended(signal ?? `code ${code}`));
	return { peer, end: () => void child.kill('SIGKILL') };
}
