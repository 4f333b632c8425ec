/** Memory of a browser and all its processes, on Linux. */
import { readdir, readFile } from 'node:fs/promises';

/**
 * @param {string} profile the folder that the browser was started with
 * @returns {Promise<number>} the processes' own share of physical memory in bytes, what several share counted once; NaN where nothing tells it
 */
export async function residentBytes(profile) {
	const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
	const processes = (await Promise.all(pids.map(readProcess))).filter((each) => each !== undefined);
	const family = new Set(
		processes.filter(({ command }) => command.includes(`--user-data-dir=${profile}`)).map(({ pid }) => pid),
	);
	for (let before = -1; before < family.size; ) {
		before = family.size;
		for (const { pid, parent } of processes) {
			if (family.has(parent)) {
				family.add(pid);
			}
		}
	}
	const sizes = await Promise.all([...family].map(proportionalBytes));
	return family.size > 0 ? sizes.reduce((sum, bytes) => sum + bytes, 0) : Number.NaN;
}

/** @param {string} pid */
async function readProcess(pid) {
	try {
		const [status, command] = await Promise.all([
			readFile(`/proc/${pid}/status`, 'utf8'),
			readFile(`/proc/${pid}/cmdline`, 'utf8'),
		]);
		return { pid, parent: /^PPid:\s*(\d+)/m.exec(status)?.[1] ?? '', command };
	} catch {
		// It has ended by now.
		return undefined;
	}
}

/** @param {string} pid */
async function proportionalBytes(pid) {
	const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
	return Number(/^Pss:\s*(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
}
