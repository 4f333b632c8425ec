/** Builds for release and writes deeplab-inspector-<version>.vsix. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './lib/paths.mjs';
import { run } from './lib/processes.mjs';

/** @returns {Promise<string>} where the package is written */
export async function vsixPath() {
	const { name, version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
	return path.join(root, `${name}-${version}.vsix`);
}

/**
 * @param {{ log?: string, quiet?: boolean }} [options]
 * @returns {Promise<string>} the package's path
 */
export async function packageExtension(options = {}) {
	const file = await vsixPath();
	const steps = [
		['scripts/build.mjs', '--production'],
		[
			'node_modules/@vscode/vsce/vsce',
			...['package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'],
			...['--out', file],
		],
	];
	for (const args of steps) {
		const { status } = await run(process.execPath, args, { cwd: root, ...options });
		if (status !== 0) {
			throw new Error(`node ${args[0]} failed with ${status}.`);
		}
	}
	return file;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	try {
		console.log(path.relative(root, await packageExtension()));
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exit(1);
	}
}
