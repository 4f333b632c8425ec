import { describe, expect, test } from 'vitest';
import { branchLogits, sumBranches } from '../../../../src/core/aspp/branches';
import { bestLabel } from '../../../../src/core/aspp/explain';
import { logitsAt } from '../../../../src/core/segmentation/probabilities';
import { HeadState } from '../../../../src/extension/aspp/headState';
import { fakeBranches, fakeHead, fakeRun, ranBranches, trainedRates } from './fakeHead';

function stateOf() {
	const { info, loaded, taps } = fakeRun();
	return { state: new HeadState(info, loaded), info, loaded, taps };
}

const probe = { x: 20, y: 31 };

describe('HeadState', () => {
	test('begins as the network has it, with the network’s own maps', () => {
		const { state, loaded } = stateOf();
		expect(state.altered).toBe(false);
		expect(state.set).toEqual({ rates: trainedRates, on: [true, true, true, true] });
		expect(state.branches).toEqual(loaded.branches);
		expect(state.sum.data).toEqual(state.logits.data);
	});

	test('sums the branches that are on', () => {
		const { state, loaded } = stateOf();
		expect(state.setOn([true, false, true, false])).toBe(true);
		expect(state.altered).toBe(true);
		expect(state.sum.data).toEqual(sumBranches(loaded.branches, [true, false, true, false]).data);
		expect(state.setOn([true, false, true, false])).toBe(false);
		expect(state.logits.data).toEqual(sumBranches(loaded.branches, [true, true, true, true]).data);
	});

	test('at other rates computes only the branches that move', () => {
		const { state, loaded, taps } = stateOf();
		expect(state.setRates([1, 4, 3, 5])).toBe(true);
		expect(state.branches.map((map, branch) => map === loaded.branches[branch])).toEqual([true, false, true, true]);
		expect(state.branches[1]!.data).toEqual(branchLogits(taps, 1, 4).data);
		const fourth = state.branches[1];
		state.setRates([1, 4, 36, 5]);
		expect(state.branches[1]).toBe(fourth);
		state.setRates(trainedRates);
		expect(state.altered).toBe(false);
		expect(state.branches).toEqual(loaded.branches);
	});

	test.each([
		[
			[0, 99, 2.4, Number.NaN],
			[1, 36, 2, 5],
		],
		[[], [1, 2, 3, 5]],
	])('takes the rates %j as %j', (given, expected) => {
		const { state } = stateOf();
		state.setRates(given);
		expect(state.set.rates).toEqual(expected);
	});

	test('explains a pixel: shares of the branches that are on add up to the logit that is read out there', () => {
		const { state, info } = stateOf();
		state.setOn([true, true, false, true]);
		state.setRates([2, 4, 3, 6]);
		const logits = logitsAt(state.sum, info.geometry, probe.x, probe.y);
		const { chosen, runnerUp, deciding, cell } = state.explanation(probe, state.winnerAt(probe));
		expect(chosen.label).toBe(bestLabel(logits));
		expect(chosen.logit).toBeCloseTo(logits[chosen.label]!, 5);
		expect(runnerUp!.label).toBe(bestLabel(logits, chosen.label));
		expect(runnerUp!.logit).toBeCloseTo(logits[runnerUp!.label]!, 5);
		expect(chosen.branches.map(({ rate }) => rate)).toEqual([2, 4, 3, 6]);
		expect(cell.branches.map(({ rate }) => rate)).toEqual([2, 4, 3, 6]);
		const gaps = chosen.branches.map(({ share }, branch) => share - runnerUp!.branches[branch]!.share);
		expect(deciding).toBe(gaps.indexOf(Math.max(...gaps.filter((_, branch) => branch !== 2))));
	});

	test('has maps of one class on one scale that rates and switches leave alone', () => {
		const { state, loaded } = stateOf();
		const maps = state.classMaps(1);
		const plane = maps.height * maps.width;
		expect(maps.branches.length).toBe(4 * plane);
		for (const [branch, map] of loaded.branches.entries()) {
			expect(maps.branches.subarray(branch * plane, (branch + 1) * plane)).toEqual(map.data.subarray(plane, 2 * plane));
		}
		const own = state.logits.data.subarray(plane, 2 * plane);
		expect(maps.scale).toBeCloseTo(Math.max(...[...own, ...maps.branches].map(Math.abs)), 5);
		state.setOn([false, true, true, true]);
		state.setRates([9, 9, 9, 9]);
		expect(state.classMaps(1).scale).toBe(maps.scale);
		expect(state.classMaps(2).scale).not.toBe(maps.scale);
	});

	test('of a head that is not linear waits for its maps, and keeps those it has meanwhile', () => {
		const { info, loaded, taps } = fakeRun();
		const state = new HeadState(info, { ...loaded, taps: undefined, head: fakeHead(false) });
		state.setRates([2, 4, 6, 10]);
		expect(state.missingRates).toEqual([2, 4, 6, 10]);
		expect(state.branches).toEqual(loaded.branches);
		expect(state.altered).toBe(false);
		expect(state.explanation(probe, 1).chosen.branches[0]).toMatchObject({ rate: 1, taps: undefined, bias: 0 });
		state.takeMaps([2, 4, 6, 10], fakeBranches(taps, [2, 4, 6, 10]));
		expect(state.missingRates).toBeUndefined();
		expect(state.altered).toBe(true);
		// Only what moves is missing, and what is back as trained is there.
		state.setRates([7, 2, 6, 10]);
		expect(state.missingRates).toEqual([7, undefined, undefined, undefined]);
		expect(state.branches[1]).toBe(loaded.branches[1]);
		state.setRates([1, 2, 6, 10]);
		const before = state.branches;
		state.takeMaps([7, undefined, undefined, undefined], ranBranches(taps, [7, undefined, undefined, undefined]));
		expect(state.branches).toEqual(before);
		expect(state.missingRates).toBeUndefined();
		state.setRates(trainedRates);
		expect(state.missingRates).toBeUndefined();
		expect(state.branches).toEqual(loaded.branches);
	});
});
