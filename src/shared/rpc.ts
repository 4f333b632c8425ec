/**
 * One typed request/response/notification channel for every boundary: host and worker, host and webview.
 *
 * Both ends are a {@link Peer}: each serves its own methods and calls the other's. A request carries an id;
 * it can be cancelled by id, reports progress by id, and ends in exactly one result or {@link Problem}.
 */
import { InspectorError, type Problem, toProblem } from '../core/problem';

/** A method's parameters, result and (where it reports any) progress. */
export interface Method {
	readonly params: unknown;
	readonly result: unknown;
	readonly progress?: unknown;
}

export type Methods<M> = { readonly [K in keyof M]: Method };

export type Message =
	| { readonly kind: 'request'; readonly id: number; readonly method: string; readonly params: unknown }
	| { readonly kind: 'cancel'; readonly id: number }
	| { readonly kind: 'progress'; readonly id: number; readonly value: unknown }
	| { readonly kind: 'result'; readonly id: number; readonly value: unknown }
	| { readonly kind: 'problem'; readonly id: number; readonly problem: Problem };

/** What a peer needs of a message channel. */
export interface Port {
	post(message: Message, transfer?: readonly ArrayBuffer[]): void;
	/** @returns a function that stops listening. */
	listen(handler: (message: Message) => void): () => void;
}

export interface CallContext<Progress> {
	readonly signal: AbortSignal;
	progress(value: Progress): void;
}

type ProgressOf<T extends Method> = T extends { readonly progress: infer P } ? P : never;

export type Handlers<M extends Methods<M>> = {
	readonly [K in keyof M]: (
		params: M[K]['params'],
		context: CallContext<ProgressOf<M[K]>>,
	) => Reply<M[K]['result']> | Promise<Reply<M[K]['result']>>;
};

type Reply<T> = T | Transferred<T>;

export interface CallOptions<Progress> {
	readonly signal?: AbortSignal;
	readonly onProgress?: (value: Progress) => void;
	/** Buffers to move instead of copy. */
	readonly transfer?: readonly ArrayBuffer[];
}

interface Pending {
	resolve(value: unknown): void;
	reject(error: InspectorError): void;
	onProgress?: (value: unknown) => void;
}

/** A handler returns this to move buffers to the caller instead of copying them. */
export class Transferred<T> {
	constructor(
		readonly value: T,
		readonly buffers: readonly ArrayBuffer[],
	) {}
}

/**
 * @typeParam Local the methods this end serves
 * @typeParam Remote the methods the other end serves
 */
export class Peer<Local extends Methods<Local>, Remote extends Methods<Remote>> {
	private nextId = 1;
	private readonly pending = new Map<number, Pending>();
	private readonly running = new Map<number, AbortController>();
	private readonly stop: () => void;
	private closed: Problem | undefined;

	constructor(
		private readonly port: Port,
		private readonly handlers: Handlers<Local>,
	) {
		this.stop = port.listen((message) => this.receive(message));
	}

	/**
	 * Calls a method of the other end.
	 * @throws InspectorError with the other end's problem, `cancelled`, or the reason the channel closed.
	 */
	call<K extends keyof Remote & string>(
		method: K,
		params: Remote[K]['params'],
		options: CallOptions<ProgressOf<Remote[K]>> = {},
	): Promise<Remote[K]['result']> {
		if (this.closed) {
			return Promise.reject(new InspectorError(this.closed));
		}
		const { signal, onProgress, transfer } = options;
		if (signal?.aborted) {
			return Promise.reject(new InspectorError({ code: 'cancelled' }));
		}
		const id = this.nextId++;
		return new Promise((resolve, reject) => {
			const onAbort = () => {
				this.port.post({ kind: 'cancel', id });
				this.pending.delete(id);
				reject(new InspectorError({ code: 'cancelled' }));
			};
			signal?.addEventListener('abort', onAbort, { once: true });
			this.pending.set(id, {
				resolve: (value) => {
					signal?.removeEventListener('abort', onAbort);
					resolve(value as Remote[K]['result']);
				},
				reject: (error) => {
					signal?.removeEventListener('abort', onAbort);
					reject(error);
				},
				onProgress: onProgress as ((value: unknown) => void) | undefined,
			});
			try {
				this.port.post({ kind: 'request', id, method, params }, transfer);
			} catch (error) {
				this.pending.delete(id);
				signal?.removeEventListener('abort', onAbort);
				reject(new InspectorError(toProblem(error), { cause: error }));
			}
		});
	}

	/** Ends the channel: every pending call is rejected with `reason`, every running handler is aborted. */
	close(reason: Problem = { code: 'cancelled' }): void {
		if (this.closed) {
			return;
		}
		this.closed = reason;
		this.stop();
		for (const controller of this.running.values()) {
			controller.abort();
		}
		const pending = [...this.pending.values()];
		this.pending.clear();
		for (const call of pending) {
			call.reject(new InspectorError(reason));
		}
	}

	private receive(message: Message): void {
		switch (message.kind) {
			case 'request':
				void this.serve(message.id, message.method, message.params);
				return;
			case 'cancel':
				this.running.get(message.id)?.abort();
				return;
			case 'progress':
				this.pending.get(message.id)?.onProgress?.(message.value);
				return;
			case 'result':
				this.take(message.id)?.resolve(message.value);
				return;
			case 'problem':
				this.take(message.id)?.reject(new InspectorError(message.problem));
				return;
			default: {
				const unknown: never = message;
				throw new Error(`unknown message ${JSON.stringify(unknown)}`);
			}
		}
	}

	private take(id: number): Pending | undefined {
		const call = this.pending.get(id);
		this.pending.delete(id);
		return call;
	}

	private async serve(id: number, method: string, params: unknown): Promise<void> {
		const controller = new AbortController();
		this.running.set(id, controller);
		try {
			if (!Object.hasOwn(this.handlers, method)) {
				throw new Error(`no method ${method}`);
			}
			const handler = this.handlers[method as keyof Local];
			const value: unknown = await handler(params, {
				signal: controller.signal,
				progress: (progress: unknown) => this.reply({ kind: 'progress', id, value: progress }),
			});
			if (value instanceof Transferred) {
				this.reply({ kind: 'result', id, value: value.value }, value.buffers);
			} else {
				this.reply({ kind: 'result', id, value });
			}
		} catch (error) {
			this.reply({ kind: 'problem', id, problem: toProblem(error) });
		} finally {
			this.running.delete(id);
		}
	}

	private reply(message: Message, transfer?: readonly ArrayBuffer[]): void {
		if (!this.closed) {
			this.port.post(message, transfer);
		}
	}
}
