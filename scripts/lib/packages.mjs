/** npm packages: installed when missing or when the lock file asks for others. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './paths.mjs';
import { npm } from './processes.mjs';

/**
 * @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, link?: boolean }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lock
 */

/** Stops with a clear message on a Node that is too old. */
export function requireNode() {
	const major = Number(process.versions.node.split('.')[0]);
	if (major < 20) {
		throw new Error(`Node 20 or newer is needed, this is ${process.version}. Get it from https://nodejs.org.`);
	}
}

/** @param {(line: string) => void} say */
export async function ensurePackages(say) {
	const wanted = await readLock(path.join(root, 'package-lock.json'));
	const installed = await readLock(path.join(root, 'node_modules/.package-lock.json'));
	if (wanted && installed && locksAgree(wanted, installed)) {
		return;
	}
	say(installed ? 'Updating npm packages: package-lock.json changed.' : 'Installing npm packages.');
	const { status, output } = await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
		cwd: root,
		quiet: true,
	});
	if (status !== 0) {
		throw new Error(`npm ci failed. Check the network and run it again.\n${output.trim()}`);
	}
}

/**
 * Whether everything that the lock asks for is installed in that version; packages for other platforms may be absent.
 * @param {Lock} wanted
 * @param {Lock} installed
 */
export function locksAgree(wanted, installed) {
	const present = installed.packages ?? {};
	return Object.entries(wanted.packages ?? {}).every(([place, locked]) => {
		if (place === '' || locked.link) {
			return true;
		}
		const found = present[place];
		return found ? found.version === locked.version : Boolean(locked.optional || locked.devOptional);
	});
}

/**
 * @param {string} file
 * @returns {Promise<Lock | undefined>}
 */
async function readLock(file) {
	try {
		return JSON.parse(await readFile(file, 'utf8'));
	} catch {
		return undefined;
	}
}
