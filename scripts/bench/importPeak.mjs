/** Runs the terminal in this process and writes what it took: `node importPeak.mjs FILE.json ARGUMENT…` */
import { readFileSync, writeFileSync } from 'node:fs';

const [, , figures = '', ...args] = process.argv;
process.argv = [process.argv[0] ?? 'node', 'deeplab-inspector', ...args];
const start = performance.now();
process.on('exit', () => {
	const { userCPUTime, systemCPUTime } = process.resourceUsage();
	const seconds = (performance.now() - start) / 1000;
	const processor = (userCPUTime + systemCPUTime) / 1e6;
	writeFileSync(figures, JSON.stringify({ seconds, processor, peakBytes: peakBytes() }));
});
await import(new URL('../../dist/cli.mjs', import.meta.url).href);

/** Of this process alone: Linux counts what started it into `maxRSS`. */
function peakBytes() {
	try {
		const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
		if (kilobytes) {
			return Number(kilobytes) * 1024;
		}
	} catch {
		// Not Linux.
	}
	return process.resourceUsage().maxRSS * 1024;
}
