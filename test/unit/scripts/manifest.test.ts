/** Which VS Code the extension asks for. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../../scripts/lib/paths.mjs';

const read = (file: string) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const manifest = read('package.json');
const [, minor] = /^\^1\.(\d+)\.0$/.exec(manifest.engines.vscode) ?? [];

it('is one whose API the code is compiled against, and no newer one', () => {
	expect(read('node_modules/@types/vscode/package.json').version).toMatch(new RegExp(`^1\\.${minor}\\.`));
});

it('loads the web’s entry by its name', () => {
	// Before 1.101 the web's extension host takes names that end in .js alone, and those are ES modules in this package.
	expect(manifest).toMatchObject({ type: 'module', browser: expect.stringMatching(/\.cjs$/) });
	expect(Number(minor)).toBeGreaterThanOrEqual(101);
});
