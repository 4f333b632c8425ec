/** Runs the integration suite in the desktop's VS Code, which @vscode/test-electron downloads; needs a display. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { outputFolder, root } from '../../scripts/lib/paths.mjs';
import { bundleSuite, makeWorkspace, reportResults, resultsFile } from './prepare.mjs';

await mkdir(outputFolder, { recursive: true });
const suite = await bundleSuite();
const workspace = await makeWorkspace();
let status = 1;
try {
	status = await runTests({
		extensionDevelopmentPath: root,
		extensionTestsPath: suite,
		extensionTestsEnv: { DEEPLAB_TEST_RESULTS: resultsFile },
		launchArgs: [
			workspace.folder,
			'--disable-extensions',
			'--disable-workspace-trust',
			`--user-data-dir=${path.join(workspace.folder, '../deeplab-user-data')}`,
		],
	});
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
} finally {
	await workspace.remove();
}
const good = await reportResults();
process.exit(status === 0 && good ? 0 : 1);
