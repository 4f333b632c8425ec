import * as vscode from 'vscode';
import type { TestForm, TestHost } from './host';
import { extension, writeFile } from './support';

/** Put in by the launcher. */
declare const DEEPLAB_TEST_FORM: TestForm;
declare const DEEPLAB_TEST_SERVER: string;
declare const DEEPLAB_TEST_THREADS: number;

const samples = ['astronaut.png', 'chelsea.png', 'coffee.png'];

export const host: TestHost = {
	kind: 'web',
	form: DEEPLAB_TEST_FORM,
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
	killGpu: () => post('killGpu', ''),
};

async function post(what: string, body: string): Promise<void> {
	const response = await fetch(`${DEEPLAB_TEST_SERVER}${what}`, { method: 'POST', body });
	if (!response.ok) {
		throw new Error(`${what}: ${await response.text()}`);
	}
}
