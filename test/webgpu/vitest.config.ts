import path from 'node:path';
import { defineConfig } from 'vitest/config';

/** One at a time: SwiftShader takes all cores. */
export default defineConfig({
	test: {
		root: path.resolve(import.meta.dirname, '../..'),
		include: ['test/webgpu/**/*.test.ts'],
		testTimeout: 180_000,
		hookTimeout: 180_000,
		pool: 'forks',
		maxWorkers: 1,
		fileParallelism: false,
	},
});
