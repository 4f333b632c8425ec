/** Dawn, which brings WebGPU to Node: the npm package's native parts, of which a build carries those of one platform. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { root } from './paths.mjs';

/** Platforms of VS Code that Dawn is there for, and its folder for each. */
const folderOf = /** @type {Record<string, string>} */ ({
	'linux-x64': 'linux-x64',
	'linux-arm64': 'linux-arm64',
	'darwin-x64': 'darwin-universal',
	'darwin-arm64': 'darwin-universal',
	'win32-x64': 'win32-x64',
	'win32-arm64': 'win32-arm64',
});

export const dawnTargets = Object.keys(folderOf);

/** @param {readonly string[]} targets those without Dawn count for nothing */
export function dawnFolders(targets) {
	return [...new Set(targets.map((target) => folderOf[target]).filter((folder) => folder !== undefined))];
}

/**
 * Copies Dawn into dist/webgpu, laid out as in the npm package; files that are there already are left.
 * @param {readonly string[]} folders of the package's `dist`
 */
export async function copyDawn(folders) {
	const source = path.join(root, 'node_modules/webgpu');
	const target = path.join(root, 'dist/webgpu');
	if (!existsSync(source)) {
		return;
	}
	await mkdir(target, { recursive: true });
	await copyFile(path.join(source, 'index.js'), path.join(target, 'index.js'));
	for (const folder of folders.map((name) => path.join('dist', name))) {
		await mkdir(path.join(target, folder), { recursive: true });
		for (const name of await readdir(path.join(source, folder))) {
			await copyChanged(path.join(source, folder, name), path.join(target, folder, name));
		}
	}
}

/** @param {string} from @param {string} to */
async function copyChanged(from, to) {
	const size = async (/** @type {string} */ file) => (existsSync(file) ? (await stat(file)).size : -1);
	if ((await size(from)) !== (await size(to))) {
		await copyFile(from, to);
	}
}
