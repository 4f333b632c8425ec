/** A desktop VS Code: an installed one, or the official build where it can be downloaded. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { findProgram } from './chromium.mjs';
import { cacheFolder } from './paths.mjs';

/** Whether a window can be opened at all. */
export function hasDisplay(env = process.env) {
	return process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/**
 * Path of an installed VS Code or VSCodium, or undefined. Inside a remote or WSL terminal `code` is only a messenger to
 * a window elsewhere, so it does not count there.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined}
 */
export function findDesktop(env = process.env) {
	if (env.VSCODE_IPC_HOOK_CLI || env.WSL_DISTRO_NAME) {
		return undefined;
	}
	return findProgram(['code', 'code-insiders', 'codium'], env) ?? wellKnownPlaces(env).find((file) => existsSync(file));
}

/**
 * The official build, downloaded by @vscode/test-electron into .cache, or undefined where its host does not answer.
 * @param {(line: string) => void} say
 * @returns {Promise<string | undefined>}
 */
export async function downloadDesktop(say) {
	try {
		const answer = await fetch('https://update.code.visualstudio.com/api/releases/stable', {
			signal: AbortSignal.timeout(5000),
		});
		if (!answer.ok) {
			return undefined;
		}
		say('Downloading VS Code for this window (kept in .cache).');
		const { downloadAndUnzipVSCode, SilentReporter } = await import('@vscode/test-electron');
		return await downloadAndUnzipVSCode({
			cachePath: path.join(cacheFolder, 'vscode'),
			timeout: 15_000,
			reporter: new SilentReporter(),
		});
	} catch {
		return undefined;
	}
}

/** @param {NodeJS.ProcessEnv} env */
function wellKnownPlaces(env) {
	switch (process.platform) {
		case 'darwin':
			return ['Visual Studio Code', 'VSCodium'].map(
				(app) => `/Applications/${app}.app/Contents/Resources/app/bin/code`,
			);
		case 'win32':
			return [env.LOCALAPPDATA && path.join(env.LOCALAPPDATA, 'Programs'), env.PROGRAMFILES].flatMap((base) =>
				base ? [path.join(base, 'Microsoft VS Code/Code.exe'), path.join(base, 'VSCodium/VSCodium.exe')] : [],
			);
		default:
			return ['/usr/share/code/bin/code', '/usr/share/codium/bin/codium', '/snap/bin/code'];
	}
}
