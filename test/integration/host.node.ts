import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { TestForm, TestHost } from './host';
import { extension, workspaceFile } from './support';

export const host: TestHost = {
	kind: 'node',
	form: readForm(process.env.DEEPLAB_TEST_FORM),
	threads: undefined,
	prepare: async () => undefined,
	sendResults: async (results) => {
		const file = process.env.DEEPLAB_TEST_RESULTS;
		if (file) {
			await writeFile(file, results);
		}
	},
	loadedFiles: () => Object.keys(require.cache),
	makeUnreadable: async (name) => {
		const file = workspaceFile(name).fsPath;
		// Permissions do not bind root: there a link to itself stands for a file that cannot be read.
		if (process.getuid?.() === 0) {
			symlinkSync(name, file);
		} else {
			writeFileSync(file, new Uint8Array(4));
			chmodSync(file, 0);
		}
	},
	without: async (files, work) => {
		const places = files.map((file) => vscode.Uri.joinPath(extension().extensionUri, ...file.split('/')).fsPath);
		const away = (place: string) => path.join(path.dirname(place), `${path.basename(place)}.away`);
		try {
			for (const place of places) {
				renameSync(place, away(place));
			}
			await work();
		} finally {
			for (const place of places) {
				if (existsSync(away(place))) {
					renameSync(away(place), place);
				}
			}
		}
	},
	residentBytes: async () => process.memoryUsage().rss,
	killGpu: async () => {
		execFileSync('pkill', ['-KILL', '-P', String(process.pid), '-f', 'gpu\\.mjs']);
	},
};

/** @param json of the launcher that has several; the others run all */
function readForm(json: string | undefined): TestForm {
	return json ? (JSON.parse(json) as TestForm) : { only: '', backend: 'wasm', settings: {} };
}
