/** Runs the tests of this folder under Node 24, whose WebGPU is Dawn on SwiftShader. What follows is for vitest. */
import path from 'node:path';
import { ensureChromium } from '../../scripts/lib/chromium.mjs';
import { root } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/processes.mjs';
import { ensureSoftwareGpu } from '../../scripts/lib/softwareGpu.mjs';
import { ensureWorkbench, nodeProgram } from '../../scripts/lib/workbench.mjs';

await ensureWorkbench(console.log);
const gpu = await ensureSoftwareGpu(await ensureChromium(console.log), console.log);
const { status } = await run(
	nodeProgram(),
	[
		path.join(root, 'node_modules/vitest/vitest.mjs'),
		...['run', '--config', 'test/webgpu/vitest.config.ts'],
		...process.argv.slice(2),
	],
	{ cwd: root, env: { ...process.env, ...gpu } },
);
process.exit(status);
