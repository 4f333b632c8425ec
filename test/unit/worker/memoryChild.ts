/** Runs 20 times in a process of its own and prints the resident memory after each run, in MB, as JSON. */
import { modelFile, sample, testClient } from './support';

const t = testClient();
const sizes: number[] = [];
for (let run = 0; run < 20; run++) {
	// Pictures of different sizes, as users have them: an arena that keeps every shape would show.
	const name = run % 2 === 0 ? 'coffee' : 'chelsea';
	await t.client.segment({ picture: { name: `${name}.png`, bytes: sample(name) }, model: t.model });
	globalThis.gc?.();
	sizes.push(process.memoryUsage.rss() / 2 ** 20);
}
await t.client.dispose();
console.log(JSON.stringify({ modelFile, sizes }));
