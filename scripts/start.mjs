/**
 * `npm start`: sets up what is missing, builds, segments a sample in the terminal, and opens a real VS Code in which the
 * same sample is segmented in the Inspector. Without a desktop VS Code it serves one in the browser until Ctrl-C.
 *
 * Options (after `npm start --`): `--once` ends when the terminal's part is done; `--browser` serves even where there is
 * a desktop VS Code; `--port N` (8130); `--host ADDRESS` (127.0.0.1).
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromiumArguments } from './lib/chromium.mjs';
import { downloadDesktop, findDesktop, hasDisplay } from './lib/desktop.mjs';
import { outputFolder, root, samplesFolder } from './lib/paths.mjs';
import { atEnd, freePort, run, start } from './lib/processes.mjs';
import { quietSettings, startWorkbench } from './lib/workbench.mjs';
import { setUp } from './setup.mjs';

/** @param {string} line */
const say = (line) => console.log(line);
const sample = 'astronaut.png';

try {
	await main();
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exit(1);
}

async function main() {
	const { values } = parseArgs({
		options: {
			once: { type: 'boolean' },
			browser: { type: 'boolean' },
			port: { type: 'string' },
			host: { type: 'string', default: '127.0.0.1' },
		},
	});
	await setUp();
	say('Building.');
	await must([path.join(root, 'scripts/build.mjs')]);
	await segmentInTerminal();
	if (values.once) {
		return;
	}
	const desktop = values.browser || !hasDisplay() ? undefined : (findDesktop() ?? (await downloadDesktop(say)));
	if (desktop) {
		await openDesktop(desktop);
	} else {
		await serve(values.host, values.port ? Number(values.port) : await freePort(8130, values.host));
	}
}

/** The proof that needs no window: classes, shares and the mask's path. */
async function segmentInTerminal() {
	const folder = path.join(outputFolder, 'start');
	await mkdir(folder, { recursive: true });
	await must([path.join(root, 'dist/cli.mjs'), 'segment', path.join(samplesFolder, sample), '--out', folder]);
}

/** @param {string} program */
async function openDesktop(program) {
	const folder = await mkdtemp(path.join(os.tmpdir(), 'deeplab-start-'));
	const workspace = await copySamples(folder);
	const profile = path.join(folder, 'user-data');
	await mkdir(path.join(profile, 'User'), { recursive: true });
	await writeFile(path.join(profile, 'User/settings.json'), JSON.stringify(quietSettings, undefined, '\t'));
	say(`Opening ${program} with a profile of its own in ${folder}.`);
	const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
	const child = start(
		program,
		[
			workspace,
			...['--new-window', '--disable-workspace-trust', '--skip-welcome', '--skip-release-notes'],
			...['--user-data-dir', profile, '--extensions-dir', await linkExtensions(folder)],
			...(asRoot ? ['--no-sandbox'] : []),
		],
		{ stdio: 'inherit', shell: program.endsWith('.cmd') },
	);
	const status = await new Promise((resolve) => {
		child.once('error', () => resolve(127));
		child.once('exit', resolve);
	});
	if (status !== 0) {
		throw new Error(`${program} ended with ${status}. Run npm start -- --browser to use the browser instead.`);
	}
}

/**
 * Serves the workbench until the process is told to end.
 * @param {string} host
 * @param {number} port
 */
async function serve(host, port) {
	const { chromium } = await setUp({ chromium: true, workbench: true });
	const folder = await mkdtemp(path.join(os.tmpdir(), 'deeplab-start-'));
	atEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
	const workspace = await copySamples(folder);
	const extensions = await linkExtensions(folder);
	const workbench = await startWorkbench({ host, port, token: randomBytes(16).toString('hex'), extensions });
	const address = workbench.address(workspace);
	say('');
	say('VS Code is ready, with the sample segmented in the Inspector. Open this address in a browser:');
	say('');
	say(`  ${address}`);
	say('');
	if (hasDisplay() && chromium) {
		start(chromium, [`--user-data-dir=${path.join(folder, 'browser')}`, ...chromiumArguments, address], {
			stdio: 'ignore',
		});
	}
	say('Ctrl-C ends it.');
	await new Promise((resolve) => workbench.process.once('exit', resolve));
	throw new Error('The workbench ended by itself. Run npm start again.');
}

/**
 * A workspace of samples that may be changed without touching the repository.
 * @param {string} folder
 */
async function copySamples(folder) {
	const workspace = path.join(folder, 'samples');
	await cp(samplesFolder, workspace, { recursive: true });
	return workspace;
}

/**
 * A folder of installed extensions that holds links to this one and to the one that segments the sample.
 * @param {string} folder
 */
async function linkExtensions(folder) {
	const extensions = path.join(folder, 'extensions');
	await mkdir(extensions);
	for (const source of [root, path.join(root, 'scripts/demo')]) {
		const { publisher, name, version } = JSON.parse(await readFile(path.join(source, 'package.json'), 'utf8'));
		await symlink(source, path.join(extensions, `${publisher}.${name}-${version}`), 'junction');
	}
	return extensions;
}

/** Runs one of our own scripts and stops where it fails. @param {readonly string[]} args */
async function must(args) {
	const { status } = await run(process.execPath, args, { cwd: root });
	if (status !== 0) {
		throw new Error(`node ${args.map((arg) => path.relative(root, arg) || arg)[0]} failed with ${status}.`);
	}
}
