/**
 * A Vulkan that computes on the CPU, so that WebGPU runs in Node on machines without a GPU: Chromium's SwiftShader.
 * Elsewhere than on Linux the system's own GPU is taken.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { installDebian } from './chromium.mjs';

/**
 * @param {string} chromium its program
 * @param {(line: string) => void} say
 * @returns {Promise<Record<string, string>>} what a process's environment needs to have it
 */
export async function ensureSoftwareGpu(chromium, say) {
	if (process.platform !== 'linux' || process.env.VK_ICD_FILENAMES) {
		return {};
	}
	const folder = folders(chromium).find((each) => existsSync(path.join(each, driver)));
	if (!folder) {
		throw new Error(
			`${driver} of SwiftShader is not beside ${chromium}. Set VK_ICD_FILENAMES to a Vulkan driver’s file.`,
		);
	}
	const variables = { VK_ICD_FILENAMES: path.join(folder, driver) };
	if (hasLoader()) {
		return variables;
	}
	if (existsSync(path.join(folder, loader))) {
		return { ...variables, LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':') };
	}
	if (!(await installDebian('libvulkan1', 'the Vulkan loader', say))) {
		throw new Error(`${loader} was not found. Install it (on Debian: apt-get install libvulkan1).`);
	}
	return variables;
}

const driver = 'vk_swiftshader_icd.json';
const loader = 'libvulkan.so.1';

/** @param {string} chromium */
function folders(chromium) {
	return [path.dirname(realpathSync(chromium)), '/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];
}

function hasLoader() {
	return ['/sbin/ldconfig', 'ldconfig'].some(
		(program) => spawnSync(program, ['-p'], { encoding: 'utf8' }).stdout?.includes(loader) ?? false,
	);
}
