/** How an inference worker gets a thread that keeps its process of WebGPU, and outlives it: from the thread that started it. */
import { setTimeout as pause } from 'node:timers/promises';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Message } from '../../shared/rpc';

export interface GpuKeeperData {
	/** `file:` URL of the process's script. */
	readonly script: string;
	/** To the inference worker: messages of the process, and at its end {@link GpuProcessEnd}. */
	readonly port: MessagePort;
}

/** The last that is said of a process. */
export interface GpuProcessEnd {
	/** Its signal or code. */
	readonly ended: string;
}

interface KeeperRequest extends GpuKeeperData {
	/** `file:` URL of the keeper's script. */
	readonly keeper: string;
}

/** A driver may hold up the end of a process, in milliseconds; its keeper waits on. */
const endPatience = 5000;

/** In the thread that starts inference workers: the keepers of one of them. */
export class GpuKeepers {
	private readonly living = new Map<Worker, Promise<void>>();
	private readonly requests: MessagePort;
	/** For the worker, which asks for keepers on it. */
	readonly port: MessagePort;

	constructor() {
		const { port1, port2 } = new MessageChannel();
		this.port = port2;
		this.requests = port1;
		port1.on('message', ({ keeper, ...data }: KeeperRequest) => this.start(keeper, data));
		port1.unref();
	}

	/** The worker has ended. @returns when its processes are gone */
	async end(): Promise<void> {
		// What it asked for last is not started any more.
		this.requests.removeAllListeners('message');
		this.requests.close();
		for (const thread of this.living.keys()) {
			thread.postMessage('end');
		}
		await Promise.race([Promise.all(this.living.values()), pause(endPatience, undefined, { ref: false })]);
	}

	private start(keeper: string, data: GpuKeeperData): void {
		// The parent's flags (inspector, loaders) are not for this thread.
		const thread = new Worker(new URL(keeper), { execArgv: [], workerData: data, transferList: [data.port] });
		// The worker sees its port close.
		thread.on('error', () => undefined);
		const gone = new Promise<void>((resolve) => {
			thread.once('exit', () => {
				this.living.delete(thread);
				resolve();
			});
		});
		this.living.set(thread, gone);
	}
}

/** What an inference worker has of a process of WebGPU. */
export interface KeptProcess {
	post(message: Message): void;
	/** @returns a function that stops listening */
	listen(handler: (message: Message) => void): () => void;
	/** Called once, with the signal or code. */
	onEnd(callback: (how: string) => void): void;
	end(): void;
}

/**
 * In an inference worker: starts a process with a keeper.
 * @param keepers of {@link GpuKeepers.port}
 */
export function startKeptProcess(
	keepers: MessagePort,
	scripts: { readonly keeper: URL; readonly process: URL },
): KeptProcess {
	const { port1: port, port2 } = new MessageChannel();
	const request: KeeperRequest = { keeper: scripts.keeper.href, script: scripts.process.href, port: port2 };
	keepers.postMessage(request, [port2]);
	return {
		post: (message) => port.postMessage(message),
		listen: (handler) => {
			const listener = (message: Message | GpuProcessEnd) => {
				if (!('ended' in message)) {
					handler(message);
				}
			};
			port.on('message', listener);
			return () => port.off('message', listener);
		},
		onEnd: (callback) => {
			let how = 'nothing is known of it';
			port.on('message', (message: Message | GpuProcessEnd) => {
				how = 'ended' in message ? message.ended : how;
			});
			port.once('close', () => callback(how));
		},
		end: () => port.close(),
	};
}
