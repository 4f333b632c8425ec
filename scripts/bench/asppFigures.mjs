import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** @typedef {typeof import('./entry.ts')} Product */

/**
 * Measures what the ASPP views compute when something is changed: all of it happens in the host, on tap maps.
 * @param {Product} product
 * @param {import('../../src/worker/client/client.ts').InferenceClient} client
 * @param {import('../../src/worker/client/client.ts').ModelHandle} model
 * @param {string} picture path of a picture whose longer side is that of the network
 * @param {number} rounds
 * @param {(name: string, unit: string, about: string, sample: number) => void} record
 */
export async function asppFigures(product, client, model, picture, rounds, record) {
	const bytes = new Uint8Array(await readFile(picture));
	const { info, tensors } = await client.segment({ picture: { name: path.basename(picture), bytes }, model });
	const { geometry } = info;
	const head = await client.readHead(model);
	const rates = head.branches.map(({ rate }) => rate);
	const on = rates.map((_, branch) => branch !== 1);
	/** @param {string} name @param {string} about @param {() => unknown} work */
	const measure = (name, about, work) => {
		const start = performance.now();
		work();
		record(`aspp.${name}`, 'ms', about, performance.now() - start);
	};
	const grid = `${geometry.gridWidth} x ${geometry.gridHeight} cells, ${head.classes} classes`;
	for (let i = -2; i < rounds; i++) {
		const start = performance.now();
		const taps = await client.tapMaps({ model, features: tensors.features });
		const tapTime = performance.now() - start;
		if (i < 0) {
			continue;
		}
		record('aspp.taps', 'ms', `tap maps in the worker, its small session included: ${grid}`, tapTime);
		measure('branch', 'a branch at another rate: a step of its slider', () => product.branchLogits(taps, 1, 7));
		const maps = rates.map((rate, branch) => product.branchLogits(taps, branch, rate));
		const labels = { now: tensors.labels };
		measure('mask', 'sum of the branches that are on and its upsampling: a switch', () => {
			labels.now = product.upsampleLabels(product.sumBranches(maps, on), geometry);
		});
		measure('changes', 'which pixels that changed', () => product.maskChanges(tensors.labels, labels.now));
		measure('dominance', 'the branch that adds most, at every pixel', () =>
			product.dominantBranches(maps, on, labels.now, geometry),
		);
		measure('explain', 'shares of every tap of two classes at a pixel: a move of the probe', () => {
			for (const label of [0, 15]) {
				product.explainPixel({ kind: 'taps', taps, rates }, geometry, { x: 200 + i, y: 210, label, on });
			}
		});
	}
}
