import * as vscode from 'vscode';
import type { TestHost } from './host';
import { extension, writeFile } from './support';

/** Put in by the launcher. */
declare const DEEPLAB_TEST_ONLY: string;
declare const DEEPLAB_TEST_SERVER: string;
declare const DEEPLAB_TEST_THREADS: number;

const samples = ['astronaut.png', 'chelsea.png', 'coffee.png'];

export const host: TestHost = {
	kind: 'web',
	only: DEEPLAB_TEST_ONLY,
	threads: DEEPLAB_TEST_THREADS,
	prepare: async () => {
		for (const name of samples) {
			const sample = vscode.Uri.joinPath(extension().extensionUri, 'media', 'samples', name);
			await writeFile(name, await vscode.workspace.fs.readFile(sample));
		}
	},
	sendResults: (results) => post('results', results),
	loadedFiles: () => [],
	makeUnreadable: undefined,
	without: async (file, work) => {
		await post('hidden', file);
		try {
			await work();
		} finally {
			await post('hidden', '');
		}
	},
	residentBytes: undefined,
};

async function post(what: string, body: string): Promise<void> {
	await fetch(`${DEEPLAB_TEST_SERVER}${what}`, { method: 'POST', body });
}
