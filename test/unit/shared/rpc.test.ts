import { describe, expect, it } from 'vitest';
import { InspectorError } from '../../../src/core/problem';
import { type Message, Peer, type Port } from '../../../src/shared/rpc';

interface Arithmetic {
	add: { params: readonly [number, number]; result: number };
	fail: { params: null; result: null };
	count: { params: number; result: string; progress: number };
	wait: { params: null; result: null };
}
type Nothing = Record<never, never>;

/** Two ends of a channel that delivers asynchronously, as every real one does. */
function channel(): [Port, Port] {
	const listeners: ((message: Message) => void)[][] = [[], []];
	const port = (own: number): Port => ({
		post: (message) =>
			queueMicrotask(() => {
				for (const listener of listeners[1 - own]!) {
					listener(structuredClone(message));
				}
			}),
		listen: (handler) => {
			listeners[own]!.push(handler);
			return () => {
				listeners[own] = listeners[own]!.filter((other) => other !== handler);
			};
		},
	});
	return [port(0), port(1)];
}

function connect() {
	const [clientPort, serverPort] = channel();
	let aborted = false;
	const server = new Peer<Arithmetic, Nothing>(serverPort, {
		add: ([a, b]) => a + b,
		fail: () => {
			throw new InspectorError({ code: 'picture.empty', name: 'a.png' });
		},
		count: (to, { progress }) => {
			for (let i = 1; i <= to; i++) {
				progress(i);
			}
			return `counted to ${to}`;
		},
		wait: (_, { signal }) =>
			new Promise((resolve) => {
				signal.addEventListener('abort', () => {
					aborted = true;
					resolve(null);
				});
			}),
	});
	const client = new Peer<Nothing, Arithmetic>(clientPort, {});
	return { client, server, wasAborted: () => aborted };
}

describe('Peer', () => {
	it('returns the other end’s result', async () => {
		expect(await connect().client.call('add', [2, 3])).toBe(5);
	});

	it('carries a problem across unchanged', async () => {
		await expect(connect().client.call('fail', null)).rejects.toMatchObject({
			problem: { code: 'picture.empty', name: 'a.png' },
		});
	});

	it('reports progress in order before the result', async () => {
		const seen: number[] = [];
		const result = await connect().client.call('count', 3, { onProgress: (value) => seen.push(value) });
		expect([seen, result]).toEqual([[1, 2, 3], 'counted to 3']);
	});

	it('rejects as cancelled and aborts the handler when the signal aborts', async () => {
		const { client, wasAborted } = connect();
		const controller = new AbortController();
		const call = client.call('wait', null, { signal: controller.signal });
		await new Promise((resolve) => setTimeout(resolve));
		controller.abort();
		await expect(call).rejects.toMatchObject({ problem: { code: 'cancelled' } });
		await new Promise((resolve) => setTimeout(resolve));
		expect(wasAborted()).toBe(true);
	});

	it('rejects pending and later calls with the reason it was closed for', async () => {
		const { client } = connect();
		const call = client.call('wait', null);
		client.close({ code: 'worker.crashed', detail: 'exit 1' });
		await expect(call).rejects.toMatchObject({ problem: { code: 'worker.crashed' } });
		await expect(client.call('add', [1, 1])).rejects.toMatchObject({ problem: { code: 'worker.crashed' } });
	});

	it('answers an unknown method with a problem instead of hanging', async () => {
		const { client } = connect();
		await expect(
			(client as unknown as Peer<Nothing, { nope: { params: null; result: null } }>).call('nope', null),
		).rejects.toMatchObject({
			problem: { code: 'internal' },
		});
	});
});
