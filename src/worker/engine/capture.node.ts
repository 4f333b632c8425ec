/** Captures what emscripten writes in Node: line by line, by `fs.writeSync` to descriptor 1. */
import fs from 'node:fs';
import type { OutputCapture } from './profilingEngine';

export const captureOutput: OutputCapture = (work) => {
	const original = fs.writeSync;
	const lines: string[] = [];
	// Each thread has an `fs` of its own, and `work` gives no turn to others: nobody else's output is taken.
	fs.writeSync = ((descriptor: number, data: unknown, ...rest: unknown[]) => {
		if (descriptor === 1 && typeof data === 'string') {
			lines.push(data);
			return data.length;
		}
		return Reflect.apply(original, fs, [descriptor, data, ...rest]) as number;
	}) as typeof fs.writeSync;
	try {
		work();
	} finally {
		fs.writeSync = original;
	}
	return lines.join('');
};
