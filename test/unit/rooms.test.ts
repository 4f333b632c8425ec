/** Imports point one way: the rules of the rooms, as CONTRIBUTING.md tells them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

/** For each room, the rooms and packages its files may import. */
const allowed: Record<string, { readonly rooms: readonly string[]; readonly packages: RegExp }> = {
	core: { rooms: [], packages: /^(@jsquash\/|jpeg-js|fflate)/ },
	shared: { rooms: ['core'], packages: /^@vscode\/l10n$/ },
	worker: { rooms: ['core', 'shared'], packages: /^onnxruntime-(web|common)/ },
	extension: { rooms: ['core', 'shared', 'worker'], packages: /^(vscode|@vscode\/l10n)$/ },
	cli: { rooms: ['core', 'shared', 'worker'], packages: /^@vscode\/l10n$/ },
	webview: { rooms: ['core', 'shared'], packages: /^(d3|d3-.*|@vscode\/l10n|@vscode\/codicons\/.*)$/ },
};

interface Import {
	readonly file: string;
	readonly target: string;
}

function importsOf(room: string): Import[] {
	const folder = path.join(root, 'src', room);
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.filter((file) => file.endsWith('.ts'))
		.flatMap((file) => {
			const text = readFileSync(path.join(folder, file), 'utf8');
			const targets = text.matchAll(/(?:^|\n)\s*(?:import|export)[^'";]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/g);
			return [...targets].map((match) => ({ file: path.join(folder, file), target: (match[1] ?? match[2])! }));
		});
}

describe.each(Object.keys(allowed))('src/%s', (room) => {
	const rule = allowed[room]!;
	const imports = importsOf(room);

	it('imports only the rooms below it', () => {
		const strays = imports
			.filter(({ target }) => target.startsWith('.'))
			.map(({ file, target }) => ({
				file,
				target: path.relative(path.join(root, 'src'), path.resolve(path.dirname(file), target)),
			}))
			.filter(({ target }) => ![room, ...rule.rooms].includes(target.split(path.sep)[0]!));
		expect(strays).toEqual([]);
	});

	it('leaves the dense CRF’s kernel, which is AssemblyScript, to its own compiler', () => {
		const kernel = path.join(root, 'src/core/crf/kernel');
		const inKernel = (file: string) => !path.relative(kernel, file).startsWith('..');
		const strays = imports
			.filter(({ target }) => target.startsWith('.'))
			.filter(({ file, target }) => inKernel(file) !== inKernel(path.resolve(path.dirname(file), target)));
		expect(strays).toEqual([]);
	});

	it('imports Node only in *.node.ts or on the desktop’s side, and no package but those of its room', () => {
		const nodeIsFine = (file: string) => file.endsWith('.node.ts');
		const strays = imports
			.filter(({ target }) => !target.startsWith('.'))
			.filter(({ file, target }) => !(target.startsWith('node:') ? nodeIsFine(file) : rule.packages.test(target)));
		expect(strays).toEqual([]);
	});
});
