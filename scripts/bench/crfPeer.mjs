/** pydensecrf in a process of its own. */
import { spawn } from 'node:child_process';
import path from 'node:path';

/** @typedef {{ width: number, height: number, classes: number, unary: Float32Array, rgb: Uint8Array }} Input */

/** @param {string} python that has pydensecrf */
export function startPeer(python) {
	const script = path.join(path.dirname(new URL(import.meta.url).pathname), 'crf_peer.py');
	const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
	let received = Buffer.alloc(0);
	let wake = () => {};
	let ended = false;
	child.stdout.on('data', (data) => {
		received = Buffer.concat([received, data]);
		wake();
	});
	// What is written to a process that has ended is lost; `run` tells that it has.
	child.stdin.on('error', () => {});
	child.on('exit', () => {
		ended = true;
		wake();
	});
	/** @type {Input | undefined} */
	let last;
	return {
		/**
		 * @param {Input} input
		 * @param {object} parameters as the product's
		 * @returns {Promise<{ milliseconds: number, labels: Uint8Array }>}
		 */
		async run(input, parameters) {
			const { width, height, classes, unary, rgb } = input;
			const again = input === last;
			last = input;
			child.stdin.write(`${JSON.stringify({ ...parameters, width, height, classes, again })}\n`);
			if (!again) {
				child.stdin.write(new Uint8Array(unary.buffer, unary.byteOffset, unary.byteLength));
				child.stdin.write(rgb);
			}
			for (;;) {
				const line = received.indexOf(10);
				if (line >= 0 && received.length > line + width * height) {
					const { milliseconds } = JSON.parse(received.subarray(0, line).toString());
					const labels = new Uint8Array(received.subarray(line + 1, line + 1 + width * height));
					received = received.subarray(line + 1 + width * height);
					return { milliseconds, labels };
				}
				if (ended) {
					throw new Error('pydensecrf ended');
				}
				await /** @type {Promise<void>} */ (
					new Promise((resolve) => {
						wake = resolve;
					})
				);
			}
		},
		end: () => child.stdin.end(),
	};
}
