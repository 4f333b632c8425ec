import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import esbuild from 'esbuild';
import { beforeAll, expect, it } from 'vitest';
import { ensureBuilt, root } from './support';

beforeAll(ensureBuilt);

it('20 runs in a row grow the process by less than 50 MB after the second', async () => {
	// Beside the sources, so that the bundle finds the repository as the sources do.
	const folder = mkdtempSync(path.join(root, 'test/unit/worker/.memory-'));
	try {
		const script = path.join(folder, 'memoryChild.mjs');
		await esbuild.build({
			entryPoints: [path.join(import.meta.dirname, 'memoryChild.ts')],
			outfile: script,
			bundle: true,
			format: 'esm',
			platform: 'node',
			packages: 'external',
			define: { 'import.meta.dirname': JSON.stringify(import.meta.dirname) },
		});
		const child = spawnSync(process.execPath, [script], { cwd: root, encoding: 'utf8' });
		expect(child.stderr).toBe('');
		const { sizes } = JSON.parse(child.stdout) as { readonly sizes: readonly number[] };
		const grown = Math.max(...sizes.slice(2)) - sizes[1]!;
		console.log(`resident memory after each run, MB: ${sizes.map((size) => size.toFixed(0)).join(' ')}`);
		expect(grown).toBeLessThan(50);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}, 180_000);
