/** Child processes that never outlive this one, and free ports; nothing here needs an npm package. */
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
/** @type {Set<() => void>} */
const lastActs = new Set();
let guarded = false;

/**
 * Has something done (synchronously) when this process ends, whichever way.
 * @param {() => void} act
 * @returns {() => void} takes it back
 */
export function atEnd(act) {
	guard();
	lastActs.add(act);
	return () => lastActs.delete(act);
}

/**
 * Starts a program in a process group of its own, which ends with this process at the latest.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function start(command, args, options = {}) {
	guard();
	const child = spawn(command, [...args], { detached: process.platform !== 'win32', ...options });
	children.add(child);
	child.once('exit', () => children.delete(child));
	return child;
}

/**
 * Ends a process and everything it started; resolves when it is gone.
 * @param {import('node:child_process').ChildProcess} child
 */
export async function stop(child) {
	if (child.exitCode !== null || child.signalCode !== null) {
		signalGroup(child, 'SIGKILL');
		return;
	}
	const gone = new Promise((resolve) => child.once('exit', resolve));
	signalGroup(child, 'SIGTERM');
	const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), 3000);
	await gone;
	clearTimeout(timer);
	signalGroup(child, 'SIGKILL');
	children.delete(child);
}

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, log?: string, quiet?: boolean, shell?: boolean,
 *   timeoutSeconds?: number }} [options] `log`: file that gets both streams; `quiet`: print nothing.
 * @returns {Promise<{ status: number, output: string }>} `output` holds the last 200,000 characters.
 */
export async function run(command, args, options = {}) {
	const log = options.log ? createWriteStream(options.log, { flags: 'a' }) : undefined;
	const child = start(command, args, {
		cwd: options.cwd,
		env: options.env ?? process.env,
		shell: options.shell ?? false,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let output = '';
	/** @param {Buffer} chunk */
	const take = (chunk) => {
		output = (output + chunk.toString()).slice(-200_000);
		log?.write(chunk);
		if (!options.quiet) {
			process.stdout.write(chunk);
		}
	};
	child.stdout?.on('data', take);
	child.stderr?.on('data', take);
	const timer = options.timeoutSeconds
		? setTimeout(() => {
				take(Buffer.from(`\nStopped after ${options.timeoutSeconds} s.\n`));
				void stop(child);
			}, options.timeoutSeconds * 1000)
		: undefined;
	/** @type {number} */
	const status = await new Promise((resolve) => {
		child.once('error', (error) => {
			take(Buffer.from(`${error.message}\n`));
			resolve(127);
		});
		child.once('close', (code) => resolve(code ?? 1));
	});
	clearTimeout(timer);
	await new Promise((resolve) => (log ? log.end(() => resolve(undefined)) : resolve(undefined)));
	return { status, output };
}

/**
 * Runs npm, the one that started this script where there is one.
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function npm(args, options) {
	const script = process.env.npm_execpath;
	// `npm test --silent` would silence this npm's reasons, too.
	const loud = [...args, '--loglevel=error'];
	return script?.endsWith('.js')
		? run(process.execPath, [script, ...loud], options)
		: run('npm', loud, { ...options, shell: process.platform === 'win32' });
}

/**
 * The first port from `from` on that nobody listens at.
 * @param {number} from
 * @param {string} [host]
 * @returns {Promise<number>}
 */
export async function freePort(from, host = '127.0.0.1') {
	for (let port = from; port < Math.min(from + 200, 65_536); port++) {
		const free = await new Promise((resolve) => {
			const probe = createServer();
			probe.once('error', () => resolve(false));
			probe.listen(port, host, () => probe.close(() => resolve(true)));
		});
		if (free) {
			return port;
		}
	}
	throw new Error(`No free port between ${from} and ${from + 200} on ${host}.`);
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
	if (child.pid === undefined) {
		return;
	}
	try {
		if (process.platform === 'win32') {
			spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F']);
		} else {
			process.kill(-child.pid, signal);
		}
	} catch {
		// Already gone.
	}
}

function guard() {
	if (guarded) {
		return;
	}
	guarded = true;
	const endAll = () => {
		for (const child of children) {
			signalGroup(child, 'SIGKILL');
		}
		children.clear();
		for (const act of lastActs) {
			act();
		}
		lastActs.clear();
	};
	process.once('exit', endAll);
	for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
		process.once(signal, () => {
			endAll();
			process.exit(signal === 'SIGINT' ? 130 : 143);
		});
	}
}
