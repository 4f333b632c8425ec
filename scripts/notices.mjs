/**
 * Writes THIRD_PARTY_NOTICES.txt: the licence of every npm package that the last release build put into dist/,
 * and of the bundled weights. Run it after `npm run package` when a dependency changes.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './lib/paths.mjs';

const rule = '='.repeat(100);

/** Packages whose npm archive holds no licence file: their copyright line, under the MIT licence. */
const withoutLicenceFile = /** @type {Record<string, string>} */ ({
	'onnxruntime-web': 'Copyright (c) Microsoft Corporation',
	'onnxruntime-common': 'Copyright (c) Microsoft Corporation',
	'@vscode/l10n': 'Copyright (c) Microsoft Corporation',
	'guid-typescript': 'Copyright (c) NicolasDeveloper',
});

/** What a licence asks to be said beside its text. */
const remarks = /** @type {Record<string, string>} */ ({
	'onnxruntime-web':
		'The WebAssembly build contains further components; their notices are in ThirdPartyNotices.txt of https://github.com/microsoft/onnxruntime at the tag of this version.',
	'@jsquash/jpeg': 'This software is based in part on the work of the Independent JPEG Group.',
	webgpu:
		'Dawn for Node, in the packages for one platform. It contains further components; their notices are in third_party of https://dawn.googlesource.com/dawn, and those of DirectXShaderCompiler beside its library.',
	'@vscode/codicons': 'The icons are unchanged.',
});

const weights = `The bundled weights (models/)
https://github.com/google-coral/test_data
License: Apache-2.0

The backbone and the two 1x1 layers behind it start from deeplabv3_mnv2_pascal_quant.tflite of
google-coral/test_data, read back to float, moved to output stride 8 and trained further; the ASPP head is new.
Changes are described in models/README.md. The text of the Apache License 2.0 is below.`;

const samples = `Sample pictures (media/samples/)
From the data of scikit-image: chelsea.png (CC0, by Stefan van der Walt), astronaut.png (NASA, public domain),
coffee.png (CC0, by Rachel Michetti).`;

/** @returns {Promise<string[]>} names of the packages in a release, as its build wrote them */
export async function bundledPackages() {
	const file = path.join(root, 'out/bundled.json');
	if (!existsSync(file)) {
		throw new Error('out/bundled.json is missing: run npm run package first.');
	}
	return JSON.parse(await readFile(file, 'utf8'));
}

/** The whole text of the notices. */
export async function notices() {
	const parts = [
		'DeepLab Inspector is under the MIT licence (see LICENSE). It contains the following works of others.',
		weights,
		samples,
	];
	for (const name of await bundledPackages()) {
		parts.push(await packageNotice(name));
	}
	parts.push(`Apache License 2.0\n\n${await apacheText()}`);
	return `${parts.map((part) => part.trim()).join(`\n\n${rule}\n\n`)}\n`;
}

/** The Apache text of a bundled package, for the weights that come without one. */
function apacheText() {
	return readFile(path.join(root, 'node_modules/@jsquash/jpeg/LICENSE'), 'utf8');
}

/** @param {string} name */
async function packageNotice(name) {
	const folder = path.join(root, 'node_modules', name);
	/** @type {{ version: string, license?: string, homepage?: string, repository?: string | { url: string } }} */
	const manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
	const texts = await licenceTexts(folder);
	if (texts.length === 0) {
		const copyright = withoutLicenceFile[name];
		if (!copyright) {
			throw new Error(`${name} has no licence file: add its copyright line to scripts/notices.mjs.`);
		}
		texts.push(`${copyright}\n\n${await permission()}`);
	}
	const heading = [
		`${name} ${manifest.version}`,
		sourceOf(manifest.repository),
		`License: ${manifest.license ?? 'see below'}`,
	];
	return [...heading.filter(Boolean), remarks[name] ?? '', '', ...texts].join('\n');
}

/** Licence files of a package, its codecs' included. @param {string} folder */
async function licenceTexts(folder) {
	const texts = [];
	for (const place of [folder, path.join(folder, 'codec')]) {
		const names = existsSync(place) ? await readdir(place) : [];
		for (const name of names.filter((each) => /^(licen[cs]e|notice|copying)/i.test(each)).sort()) {
			texts.push((await readFile(path.join(place, name), 'utf8')).trim(), '');
		}
	}
	return texts;
}

/** The MIT licence from "Permission is hereby granted" on. */
async function permission() {
	const text = await readFile(path.join(root, 'LICENSE'), 'utf8');
	return text.slice(text.indexOf('Permission is hereby'));
}

/** @param {string | { url: string } | undefined} repository */
function sourceOf(repository) {
	const url = typeof repository === 'string' ? repository : repository?.url;
	if (!url) {
		return '';
	}
	const plain = url.replace(/^git\+/, '').replace(/\.git$/, '');
	return plain.includes('://') ? plain : `https://github.com/${plain}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	await writeFile(path.join(root, 'THIRD_PARTY_NOTICES.txt'), await notices());
}
