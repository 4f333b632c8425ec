import type { MessagePort } from 'node:worker_threads';
import type { BackendInfo } from '../../core/backend';
import type { WorkerSetup } from '../../shared/protocol/worker';
import { Peer } from '../../shared/rpc';
import type { OpenedGpu } from '../engine/backends';
import type { Feeds, InferenceEngine, Tensor } from '../engine/engine';
import { type RefusedGpu, refused } from './gpu';
import { whyNoNodeGpu } from './gpu.node';
import { startKeptProcess } from './gpuKeepers.node';
import type { GpuProcessMethods } from './gpuProcess';

type GpuPeer = Peer<Record<never, never>, GpuProcessMethods>;

export interface GpuProcessStart {
	/** Scripts of the process, and of the thread that keeps it. */
	readonly process: URL;
	readonly keeper: URL;
	/** Where a keeper is asked for. */
	readonly keepers: MessagePort;
}

/**
 * Opens WebGPU in a process of its own: a driver that crashes, and Dawn, which ends its process when a thread goes while it
 * still has something to do, must not take the editor's extension host along.
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
			createEngine: async () => {
				const { engine, backend } = await peer.call('createEngine', null);
				return new ProcessEngine(peer, engine, backend);
			},
		};
	} catch (error) {
		end();
		return refused('noDevice', error instanceof Error ? error.message : String(error));
	}
}

class ProcessEngine implements InferenceEngine {
	constructor(
		private readonly peer: GpuPeer,
		private readonly engine: number,
		readonly backend: BackendInfo,
	) {}

	async load(bytes: Uint8Array, name: string): Promise<void> {
		await this.peer.call('load', { engine: this.engine, bytes, name });
	}

	async run(feeds: Tensor | Feeds, outputs: readonly string[]): Promise<Readonly<Record<string, Tensor>>> {
		return await this.peer.call('run', { engine: this.engine, feeds, outputs });
	}

	async unload(): Promise<void> {
		await this.peer.call('unload', { engine: this.engine });
	}
}

function startProcess({ keepers, ...scripts }: GpuProcessStart): { readonly peer: GpuPeer; end(): void } {
	const kept = startKeptProcess(keepers, scripts);
	const peer: GpuPeer = new Peer(kept, {});
	kept.onEnd((how) => peer.close({ code: 'runtime.failed', detail: `the process that WebGPU runs in ended: ${how}` }));
	return { peer, end: () => kept.end() };
}
