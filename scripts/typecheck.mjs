/** Type-checks each room with the globals it may use: core, worker and the web's extension without Node, webviews and browser tests with the DOM. */
import { spawnSync } from 'node:child_process';

const projects = [
	'tsconfig.core.json',
	'tsconfig.web.json',
	'tsconfig.webview.json',
	'tsconfig.pages.json',
	'tsconfig.json',
	'tsconfig.browser-tests.json',
];
let failed = false;
for (const project of projects) {
	const { status } = spawnSync('npx', ['tsc', '-p', project], {
		stdio: 'inherit',
		shell: process.platform === 'win32',
	});
	failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
