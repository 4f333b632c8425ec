import assert from 'node:assert/strict';
import { host } from './chosenHost';
import { api, skip, useQuickNetwork, workspaceFile } from './support';

const runs = 20;
const limitBytes = 50 * 1024 * 1024;

describe('endurance', () => {
	useQuickNetwork();

	it(`${runs} runs in a row grow the process by less than 50 MB after the second`, async function () {
		if (Number.isNaN(await host.residentBytes())) {
			return skip(this, 'nothing tells how much memory the browser’s processes take');
		}
		this.timeout(180_000);
		const inspector = await api();
		const sizes: number[] = [];
		for (let run = 0; run < runs; run++) {
			await inspector.segment(workspaceFile('astronaut.png'));
			sizes.push(await host.residentBytes());
		}
		const megabytes = sizes.map((size) => Math.round(size / 2 ** 20));
		console.log(`process after each run: ${megabytes.join(', ')} MiB`);
		assert.ok(sizes.at(-1)! - sizes[1]! < limitBytes, megabytes.join(', '));
	});
});
