/** Runs the terminal in this process and writes what it took: `node importPeak.mjs FILE.json ARGUMENT…` */
import { writeFileSync } from 'node:fs';

const [, , figures = '', ...args] = process.argv;
process.argv = [process.argv[0] ?? 'node', 'deeplab-inspector', ...args];
const start = performance.now();
process.on('exit', () => {
	const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
	const seconds = (performance.now() - start) / 1000;
	const processor = (userCPUTime + systemCPUTime) / 1e6;
	writeFileSync(figures, JSON.stringify({ seconds, processor, peakBytes: maxRSS * 1024 }));
});
await import(new URL('../../dist/cli.mjs', import.meta.url).href);
