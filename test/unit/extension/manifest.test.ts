import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { bundlePath, collectTexts } from '../../../scripts/l10n.mjs';
import { checkSettings } from '../../../src/extension/settingValues';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (name: string) => readFileSync(path.join(root, name), 'utf8');

interface Entry {
	readonly command: string;
	readonly when?: string;
}

interface Manifest {
	readonly icon: string;
	readonly activationEvents: readonly string[];
	readonly contributes: {
		readonly commands: readonly { readonly command: string; readonly category: string }[];
		readonly menus: Readonly<Record<string, readonly Entry[]>>;
		readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
		readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> };
	};
}

const manifest = JSON.parse(read('package.json')) as Manifest;
const { commands, menus, views, configuration } = manifest.contributes;
const names = commands.map(({ command }) => command);

describe('package.json', () => {
	test('every text that a user reads is in package.nls.json, and nothing else is', () => {
		const keys = [...read('package.json').matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key!);
		expect([...new Set(keys)].sort()).toEqual(Object.keys(JSON.parse(read('package.nls.json'))).sort());
		expect(JSON.stringify(manifest.contributes)).not.toMatch(
			/"(title|description|markdownDescription)":"(?!%|DeepLab)/,
		);
	});

	test('every command is registered, and every registered one is contributed', () => {
		const registered = [...read('src/extension/commands.ts').matchAll(/^\t\t'(deeplab\.\w+)'/gm)].map(
			([, name]) => name!,
		);
		expect(registered.sort()).toEqual([...names].sort());
	});

	test('menus name contributed commands', () => {
		for (const { command } of Object.values(menus).flat()) {
			expect(names).toContain(command);
		}
	});

	test('commands that need an argument are not in the palette', () => {
		const hidden = menus.commandPalette!.filter(({ when }) => when === 'false').map(({ command }) => command);
		expect(hidden.sort()).toEqual(['deeplab.openRun', 'deeplab.removeRun']);
	});

	test.each(['explorer/context', 'editor/title/context'])('%s offers pictures only', (menu) => {
		const pattern = /resourceExtname =~ \/(.+)\/i/.exec(menus[menu]![0]!.when!)![1]!;
		const matches = (extension: string) => new RegExp(pattern, 'i').test(extension);
		expect(['.png', '.PNG', '.jpg', '.jpeg', '.webp', '.bmp', '.gif'].filter((each) => !matches(each))).toEqual([]);
		expect(['.txt', '.svg', '.pngx', 'png', '.onnx', ''].filter(matches)).toEqual([]);
	});

	test('it starts only when it is needed', () => {
		expect(manifest.activationEvents).toEqual(['onWebviewPanel:deeplab.inspector']);
	});

	test('the views have the names the host registers', () => {
		const start = read('src/extension/start.ts');
		for (const { id } of Object.values(views).flat()) {
			expect(start).toContain(`'${id}'`);
		}
	});

	test('the settings’ defaults are what the code takes where nothing is set', () => {
		const { properties } = configuration;
		const fromManifest = checkSettings((name) => properties[`deeplab.${name}`]!.default, 8);
		expect(fromManifest.warnings).toEqual([]);
		expect(fromManifest).toEqual(checkSettings(() => undefined, 8));
		expect(Object.keys(properties).every((key) => key.startsWith('deeplab.'))).toBe(true);
	});

	test('every file it names is there', () => {
		for (const [, file] of read('package.json').matchAll(/"((?:media|l10n)\/[^"]+)"/g)) {
			expect(existsSync(path.join(root, file!)), file).toBe(true);
		}
	});

	test('the icon is a square PNG of at least 128 pixels', () => {
		const { width, height } = decode(readFileSync(path.join(root, manifest.icon)));
		expect(width).toBe(height);
		expect(width).toBeGreaterThanOrEqual(128);
	});
});

test('every text of the sources is in l10n/bundle.l10n.json (node scripts/l10n.mjs writes it)', async () => {
	expect(read(path.relative(root, bundlePath))).toBe(await collectTexts());
});
