/**
 * Collects every text of the sources that a user reads into l10n/bundle.l10n.json, from which translations are made:
 * `node scripts/l10n.mjs`. With `--check` it only says whether the file is up to date.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { getL10nJson } from '@vscode/l10n-dev';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const bundlePath = path.join(root, 'l10n/bundle.l10n.json');

/** @returns {Promise<string>} what the bundle's file should hold */
export async function collectTexts() {
	const source = path.join(root, 'src');
	const names = (await readdir(source, { recursive: true })).filter((name) => name.endsWith('.ts')).sort();
	const files = await Promise.all(
		names.map(async (name) => ({ extension: '.ts', contents: await readFile(path.join(source, name), 'utf8') })),
	);
	const texts = await getL10nJson(files.filter(({ contents }) => contents.includes('l10n')));
	const sorted = Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)));
	return `${JSON.stringify(sorted, undefined, '\t')}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	const wanted = await collectTexts();
	if (process.argv.includes('--check')) {
		const isThere = await readFile(bundlePath, 'utf8').catch(() => '');
		if (isThere !== wanted) {
			console.error('l10n/bundle.l10n.json is not up to date. Run node scripts/l10n.mjs.');
			process.exitCode = 1;
		}
	} else {
		await writeFile(bundlePath, wanted);
	}
}
