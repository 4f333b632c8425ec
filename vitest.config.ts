import { defineConfig } from 'vitest/config';

/** Suites that run the real network with all cores, or hold a time: one after the other, when the rest is done. */
const alone = ['test/unit/worker/**/*.test.ts', 'test/unit/cli/**/*.test.ts', 'test/unit/**/*.timing.test.ts'];

export default defineConfig({
	test: {
		testTimeout: 60_000,
		pool: 'forks',
		projects: [
			{
				extends: true,
				test: {
					name: 'unit',
					include: ['test/unit/**/*.test.ts'],
					exclude: alone,
					maxWorkers: 2,
					sequence: { groupOrder: 0 },
				},
			},
			{
				extends: true,
				test: {
					name: 'alone',
					include: alone,
					maxWorkers: 1,
					fileParallelism: false,
					sequence: { groupOrder: 1 },
				},
			},
		],
	},
});
