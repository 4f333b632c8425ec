/** Captures what emscripten writes in a browser: line by line, by the `console.log` that it found when it was loaded. */
import type { OutputCapture } from './profilingEngine';

/** To be called before onnxruntime is loaded; everything else is logged as before. */
export function installCapture(): OutputCapture {
	const original = console.log.bind(console);
	let lines: unknown[] | undefined;
	console.log = (...values: unknown[]) => {
		if (lines) {
			lines.push(values.join(' '));
		} else {
			original(...values);
		}
	};
	return (work) => {
		lines = [];
		try {
			work();
			return lines.join('\n');
		} finally {
			lines = undefined;
		}
	};
}
