/** Entry of the process that WebGPU runs in: it does not outlive the editor's, nor its inference worker. */
import { InspectorError } from '../../core/problem';
import type { WorkerSetup } from '../../shared/protocol/worker';
import { type Message, Peer } from '../../shared/rpc';
import { presentAssets } from '../assets.node';
import { createWebGpuEngine, type WebGpuEngine, webgpuEngineFiles } from '../engine/webgpuEngine';
import { connectGpu, type GpuConnection } from './gpu';
import { openNodeGpu } from './gpu.node';
import type { GpuProcessMethods } from './gpuProcess';

let opened: { readonly setup: WorkerSetup; readonly connection: GpuConnection } | undefined;
/** One for each network that is held; the inference worker's queue asks them one at a time. */
const engines: WebGpuEngine[] = [];

// At once and without any clearing up: Dawn ends a process badly while it still has something to do.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

new Peer<GpuProcessMethods, Record<never, never>>(
	{
		post: (message) => process.send?.(message),
		listen: (handler) => {
			const listener = (message: unknown) => handler(message as Message);
			process.on('message', listener);
			return () => process.off('message', listener);
		},
	},
	{
		connect: async ({ setup, allowSoftware }) => {
			const gpu = await openNodeGpu(setup);
			const connection = 'refused' in gpu ? gpu : await connectGpu(gpu, { allowSoftware });
			if ('refused' in connection) {
				return connection;
			}
			opened = { setup, connection };
			return { adapter: connection.adapter };
		},
		createEngine: async () => {
			const created = await create();
			return { engine: engines.push(created) - 1, backend: created.backend };
		},
		load: async ({ engine, bytes, name }) => {
			await existing(engine).load(bytes, name);
			return null;
		},
		run: ({ engine, feeds, outputs }) => existing(engine).run(feeds, outputs),
		unload: async ({ engine }) => {
			await existing(engine).unload();
			return null;
		},
	},
);

async function create(): Promise<WebGpuEngine> {
	if (!opened) {
		throw new InspectorError({ code: 'internal', detail: 'there is no GPU' });
	}
	const [runtimeUrl, moduleUrl, wasm] = await presentAssets(webgpuEngineFiles, opened.setup.assets);
	return await createWebGpuEngine(opened.connection, { runtimeUrl: runtimeUrl!, moduleUrl: moduleUrl!, wasm: wasm! });
}

function existing(index: number): WebGpuEngine {
	const engine = engines[index];
	if (!engine) {
		throw new InspectorError({ code: 'internal', detail: 'there is no engine' });
	}
	return engine;
}
