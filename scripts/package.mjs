/**
 * Builds for release and writes deeplab-inspector-<version>.vsix, which runs everywhere and has WebGPU in browsers alone.
 * `--target linux-x64` writes deeplab-inspector-linux-x64-<version>.vsix with Dawn, WebGPU for that platform's Node;
 * `--all-targets` all there are, after one build.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { copyDawn, dawnFolders, dawnTargets } from './lib/dawn.mjs';
import { root } from './lib/paths.mjs';
import { run } from './lib/processes.mjs';

/**
 * @param {string} [target] undefined: the universal one
 * @returns {Promise<string>} where the package is written
 */
export async function vsixPath(target) {
	const { name, version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
	return path.join(root, `${[name, target, version].filter(Boolean).join('-')}.vsix`);
}

/**
 * @param {{ log?: string, quiet?: boolean, targets?: readonly (string | undefined)[], built?: boolean }} [options]
 *   `targets`: undefined is the universal one, which is the default; `built`: the release build is there
 * @returns {Promise<string[]>} the packages' paths
 */
export async function packageExtension({ targets = [undefined], built = false, ...options } = {}) {
	const odd = targets.find((target) => target !== undefined && !dawnTargets.includes(target));
	if (odd !== undefined) {
		throw new Error(`There is no target ${odd}. Choose of ${dawnTargets.join(', ')}.`);
	}
	if (!built) {
		await node(['scripts/build.mjs', '--production'], options);
	}
	const files = [];
	for (const target of targets) {
		const file = await vsixPath(target);
		await node(
			[
				'node_modules/@vscode/vsce/vsce',
				...['package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'],
				...(target === undefined ? [] : ['--target', target, '--ignoreFile', await ignoreFile(target)]),
				...['--out', file],
			],
			options,
		);
		files.push(file);
	}
	return files;
}

/** What goes into a platform's package: Dawn for it, besides what is in all. @param {string} target */
async function ignoreFile(target) {
	const folders = dawnFolders([target]);
	await copyDawn(folders);
	const common = await readFile(path.join(root, '.vscodeignore'), 'utf8');
	const own = ['!dist/webgpu/index.js', ...folders.map((folder) => `!dist/webgpu/dist/${folder}/**`)];
	const file = path.join(root, `out/${target}.vscodeignore`);
	await mkdir(path.dirname(file), { recursive: true });
	await writeFile(file, `${common.trimEnd()}\n${own.join('\n')}\n`);
	return file;
}

/** @param {readonly string[]} args @param {{ log?: string, quiet?: boolean }} options */
async function node(args, options) {
	const { status } = await run(process.execPath, args, { cwd: root, ...options });
	if (status !== 0) {
		throw new Error(`node ${args[0]} failed with ${status}.`);
	}
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	try {
		const { values } = parseArgs({
			options: {
				target: { type: 'string', multiple: true },
				'all-targets': { type: 'boolean' },
				built: { type: 'boolean' },
			},
		});
		const targets = values['all-targets'] ? [undefined, ...dawnTargets] : (values.target ?? [undefined]);
		for (const file of await packageExtension({ targets, built: values.built ?? false })) {
			console.log(path.relative(root, file));
		}
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exit(1);
	}
}
