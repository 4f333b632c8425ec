/** A Chromium for the tests: found, or installed from Debian's package where that is possible. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { run } from './processes.mjs';

/** Arguments that make Chromium quiet and able to run in a container. */
export const chromiumArguments = [
	'--no-sandbox',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--disable-dev-shm-usage',
];

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

/** @returns {string[]} */
function wellKnownPlaces() {
	switch (process.platform) {
		case 'darwin':
			return [
				'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
				'/Applications/Chromium.app/Contents/MacOS/Chromium',
				'/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
			];
		case 'win32':
			return [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA].flatMap((base) =>
				base
					? [
							path.join(base, 'Google/Chrome/Application/chrome.exe'),
							path.join(base, 'Chromium/Application/chrome.exe'),
							path.join(base, 'Microsoft/Edge/Application/msedge.exe'),
						]
					: [],
			);
		default:
			return ['/opt/google/chrome/chrome', '/snap/bin/chromium'];
	}
}

/**
 * Path of a Chromium, Chrome or Edge, or undefined. `CHROMIUM_PATH` wins.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined}
 */
export function findChromium(env = process.env) {
	if (env.CHROMIUM_PATH) {
		if (!isProgram(env.CHROMIUM_PATH)) {
			throw new Error(`CHROMIUM_PATH names ${env.CHROMIUM_PATH}, which is no program. Correct it or unset it.`);
		}
		return env.CHROMIUM_PATH;
	}
	return findProgram(names, env) ?? wellKnownPlaces().find(isProgram);
}

/**
 * The first of some programs on PATH.
 * @param {readonly string[]} programs
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined}
 */
export function findProgram(programs, env = process.env) {
	const folders = (env.PATH ?? env.Path ?? '').split(path.delimiter).filter(Boolean);
	const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
	for (const program of programs) {
		for (const folder of folders) {
			for (const ending of endings) {
				const file = path.join(folder, program + ending);
				if (isProgram(file)) {
					return file;
				}
			}
		}
	}
	return undefined;
}

/**
 * @param {(line: string) => void} say
 * @returns {Promise<string>} the program's path
 */
export async function ensureChromium(say) {
	const found = findChromium();
	if (found) {
		return found;
	}
	if (await installDebian('chromium', 'Chromium', say)) {
		const installed = findChromium();
		if (installed) {
			return installed;
		}
	}
	throw new Error(
		'No Chromium, Chrome or Edge was found. Install one (on Debian: apt-get install chromium), or set CHROMIUM_PATH to it.',
	);
}

/**
 * Installs one of Debian's packages for the tests, where that is possible.
 * @param {string} name
 * @param {string} what it is called
 * @param {(line: string) => void} say
 * @returns {Promise<boolean>} whether it was
 */
export async function installDebian(name, what, say) {
	const asRoot = canRunAsRoot();
	if (!existsSync('/usr/bin/apt-get') || !asRoot) {
		return false;
	}
	say(`Installing ${what} (Debian's package) for the tests.`);
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
	for (const args of [
		['apt-get', 'update'],
		['apt-get', 'install', '-y', name],
	]) {
		const [command, ...rest] = [...asRoot, ...args];
		const { status, output } = await run(/** @type {string} */ (command), rest, { env, quiet: true });
		if (status !== 0) {
			throw new Error(`${args.join(' ')} failed:\n${output.trim().slice(-2000)}`);
		}
	}
	return true;
}

/** @param {string} file */
function isProgram(file) {
	try {
		accessSync(file, constants.X_OK);
		return statSync(file).isFile();
	} catch {
		return false;
	}
}

/** @returns {string[] | undefined} what to put before a command, or undefined where we may not. */
function canRunAsRoot() {
	if (process.getuid?.() === 0) {
		return [];
	}
	return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}
