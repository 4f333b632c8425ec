/** A host that answers from a table, in the page, in place of VS Code. */

/** A typed array on its way into the page. */
export interface PackedArray {
	readonly $array: 'Uint8Array' | 'Float32Array';
	readonly base64: string;
}

export interface FakeHostSetup {
	/** Result by method; a missing one is null. */
	readonly answers: Readonly<Record<string, unknown>>;
	/** Problem by method: the call fails with it. */
	readonly problems: Readonly<Record<string, unknown>>;
	/** What `getState` has at the start. */
	readonly state: unknown;
}

export interface RecordedCall {
	readonly method: string;
	readonly params: unknown;
}

export interface FakeHost {
	readonly calls: RecordedCall[];
	state: unknown;
	/** Calls a method of the page. */
	call(method: string, params: unknown): Promise<unknown>;
	answer(method: string, value: unknown): void;
}

declare global {
	interface Window {
		fakeHost: FakeHost;
		acquireVsCodeApi: () => unknown;
	}
}

/** Runs in the page, before its script; must not use anything outside itself. */
export function installFakeHost(setup: FakeHostSetup): void {
	const unpack = (value: unknown): unknown => {
		if (Array.isArray(value)) {
			return value.map(unpack);
		}
		if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) {
			return value;
		}
		if ('$array' in value && 'base64' in value) {
			const bytes = Uint8Array.from(atob(String(value.base64)), (character) => character.charCodeAt(0));
			return value.$array === 'Uint8Array' ? bytes : new Float32Array(bytes.buffer);
		}
		return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, unpack(entry)]));
	};
	const answers = new Map<string, unknown>(Object.entries(setup.answers).map(([key, value]) => [key, unpack(value)]));
	const pending = new Map<number, (value: unknown) => void>();
	let nextId = 1;
	const post = (message: unknown) => window.postMessage(message, '*');
	const fake: FakeHost = {
		calls: [],
		state: setup.state,
		call(method, params) {
			const id = nextId++;
			post({ kind: 'request', id, method, params: unpack(params) });
			return new Promise((resolve) => {
				pending.set(id, resolve);
			});
		},
		answer: (method, value) => void answers.set(method, unpack(value)),
	};
	window.fakeHost = fake;
	window.acquireVsCodeApi = () => ({
		postMessage(message: { kind: string; id: number; method?: string; params?: unknown; value?: unknown }) {
			if (message.kind === 'request' && message.method !== undefined) {
				fake.calls.push({ method: message.method, params: message.params });
				const problem = setup.problems[message.method];
				post(
					problem
						? { kind: 'problem', id: message.id, problem }
						: { kind: 'result', id: message.id, value: answers.get(message.method) ?? null },
				);
			} else if (message.kind === 'result') {
				pending.get(message.id)?.(message.value);
			}
		},
		getState: () => fake.state,
		setState: (state: unknown) => {
			fake.state = structuredClone(state);
		},
	});
}

export function pack(array: Uint8Array | Float32Array): PackedArray {
	return {
		$array: array instanceof Uint8Array ? 'Uint8Array' : 'Float32Array',
		base64: Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64'),
	};
}

/** The value with its typed arrays packed, so that it can be sent into a page. */
export function packAll(value: unknown): unknown {
	if (value instanceof Uint8Array || value instanceof Float32Array) {
		return pack(value);
	}
	if (Array.isArray(value)) {
		return value.map(packAll);
	}
	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, packAll(entry)]));
	}
	return value;
}
