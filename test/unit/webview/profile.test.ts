import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellsInSight, edgesOf, icicleOf, moved } from '../../../src/webview/inspector/profile/icicleData';
import {
	cellLabel,
	cellText,
	formatTime,
	progressText,
	ratioText,
} from '../../../src/webview/inspector/profile/profileText';
import { anyProfile, smallProfile } from '../core/profile/profiles';

const icicle = icicleOf(smallProfile);
const cell = (id: string) => icicle.byId.get(id)!;

describe('icicleOf', () => {
	it('lays each node within its parent, siblings side by side, widths as times', () => {
		fc.assert(
			fc.property(anyProfile, (profile) => {
				const { cells, byId } = icicleOf(profile);
				const total = cells[0]!.node.milliseconds;
				for (const { from, to, node, parent, depth } of cells) {
					expect(to - from).toBeCloseTo(node.milliseconds / total, 6);
					const outer = parent === undefined ? undefined : byId.get(parent)!;
					if (outer) {
						expect(from).toBeGreaterThanOrEqual(outer.from - 1e-9);
						expect(to).toBeLessThanOrEqual(outer.to + 1e-9);
						expect(depth).toBe(outer.depth + 1);
					}
				}
			}),
		);
	});

	it('knows shares of the run, and within the network of the network', () => {
		expect(cell('network').share).toBeCloseTo(60 / 155, 9);
		expect(cell('network').inNetwork).toBe(false);
		expect(cell('network/aspp').share).toBeCloseTo(38 / 60, 9);
		expect(cell('network:other').inNetwork).toBe(true);
		expect([cell('network/aspp').place, cell('network/aspp').siblings]).toEqual([2, 4]);
	});
});

describe('zooming', () => {
	it('shows what is within, and over it what it is in', () => {
		const ids = cellsInSight(icicle, 'network/aspp').map(({ node }) => node.id);
		expect(ids).toEqual(['run', 'network', 'network/aspp', 'network/aspp:12', 'network/aspp:6']);
		expect(cellsInSight(icicle, 'run').length).toBe(icicle.cells.length);
		expect(edgesOf(cell('network'), cell('network/aspp'))).toEqual([0, 1]);
		const [left, right] = edgesOf(cell('network/aspp:6'), cell('network/aspp'));
		expect([left, right]).toEqual([expect.closeTo(20 / 38, 9), 1]);
	});

	it('of something that took no time fails nowhere', () => {
		const flat = icicleOf({ ...smallProfile, operators: [], stages: [{ stage: 'decode', milliseconds: 0 }] });
		const zoom = flat.byId.get('decode')!;
		for (const each of flat.cells) {
			const [left, right] = edgesOf(each, zoom);
			expect(left).toBeGreaterThanOrEqual(0);
			expect(right).toBeLessThanOrEqual(1);
		}
	});
});

describe('moved', () => {
	it('goes up, down and along a row, also over the edges of parents', () => {
		expect(moved(icicle, 'run', 'network', 'child')).toBe('network/backbone');
		expect(moved(icicle, 'run', 'network/aspp', 'parent')).toBe('network');
		expect(moved(icicle, 'run', 'network/backbone/block0', 'next')).toBe('network/aspp:12');
		expect(moved(icicle, 'run', 'decode', 'previous')).toBe('decode');
		expect(moved(icicle, 'run', 'decode', 'last')).toBe('upsample');
		expect(moved(icicle, 'run', 'run', 'parent')).toBe('run');
	});

	it('always leads to what is in sight, by whatever keys', () => {
		const keys = fc.array(fc.constantFrom('parent', 'child', 'previous', 'next', 'first', 'last'), { maxLength: 30 });
		fc.assert(
			fc.property(anyProfile, keys, fc.nat(), (profile, moves, at) => {
				const any = icicleOf(profile);
				const zoomed = any.cells[at % any.cells.length]!.node.id;
				const inSight = new Set(cellsInSight(any, zoomed).map(({ node }) => node.id));
				let focused = zoomed;
				for (const move of moves) {
					focused = moved(any, zoomed, focused, move);
					expect(inSight.has(focused)).toBe(true);
				}
			}),
		);
	});
});

describe('the words', () => {
	it('tell of a cell what is known', () => {
		expect(cellText(cell('run'))).toBe('whole run · 155 ms');
		expect(cellText(cell('network/aspp:12'))).toBe(
			'network › aspp › 12 · Conv · 21 × 38 × 57 · 20 ms · 33.3 % of the network',
		);
		expect(cellLabel(cell('network/aspp:12'))).toBe('12 20 ms, 33.3 % of the network, Conv, 21 × 38 × 57');
		expect(cellText(cell('model'))).toContain('loaded anew');
		expect(cellText(cell('network:other'))).toContain('other · 9.5 ms');
	});

	it('have as many digits as help', () => {
		expect([0.01, 0.52, 4.26, 9.96, 26.4, 1234].map(formatTime)).toEqual([
			'< 0.1 ms',
			'0.5 ms',
			'4.3 ms',
			'10 ms',
			'26 ms',
			'1.2 s',
		]);
		expect([1.083, 12.3].map(ratioText)).toEqual(['1.08 ×', '12 ×']);
		expect(progressText({ step: 'plain', pass: 1 })).toBe('Running it as always');
	});
});
