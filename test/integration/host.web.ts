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
	sendResults: async (results) => void (await post('results', results)),
	loadedFiles: () => [],
	makeUnreadable: undefined,
	without: async (files, work) => {
		await post('hidden', files.join('\n'));
		try {
			await work();
		} finally {
			await post('hidden', '');
		}
	},
	residentBytes: async () => Number(await post('memory', '')),
	killGpu: async () => void (await post('killGpu', '')),
};

/** @returns the launcher's answer */
async function post(what: string, body: string): Promise<string> {
	const response = await fetch(`${DEEPLAB_TEST_SERVER}${what}`, { method: 'POST', body });
	const answer = await response.text();
	if (!response.ok) {
		throw new Error(`${what}: ${answer}`);
	}
	return answer;
}
