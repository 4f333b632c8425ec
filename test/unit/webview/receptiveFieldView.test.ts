import { describe, expect, it } from 'vitest';
import { cellView } from '../../../src/core/aspp/cellView';
import type { AsppHead } from '../../../src/core/aspp/types';
import type { Geometry } from '../../../src/core/run';
import type { AsppExplanation, InspectorFields } from '../../../src/shared/protocol/aspp';
import { drawnTaps, placeLabels, screenBox } from '../../../src/webview/inspector/picture/fieldMarkData';
import { findingsOf, gravest, wayTo } from '../../../src/webview/model/treeData';
import {
	fieldRows,
	largestShare,
	schematicPart,
	sizeText,
	steppedTap,
	tapMarks,
} from '../../../src/webview/receptiveField/fieldData';
import { paddingText } from '../../../src/webview/receptiveField/fieldText';

const geometry: Geometry = {
	pictureWidth: 200,
	pictureHeight: 100,
	resizedWidth: 200,
	resizedHeight: 100,
	inputWidth: 201,
	inputHeight: 105,
	gridWidth: 26,
	gridHeight: 14,
	alignCorners: true,
};
const head: AsppHead = {
	classes: 2,
	channels: 8,
	linear: true,
	features: { size: [101, 101], stride: [8, 8], offset: [-50, -50] },
	branches: [6, 12].map((rate) => ({
		rate,
		output: `aspp.${rate}`,
		linear: true,
		receptiveField: {
			size: [101 + 16 * rate, 101 + 16 * rate],
			stride: [8, 8],
			offset: [-50 - 8 * rate, -50 - 8 * rate],
		},
	})),
};
const cell = cellView(head, [6, 12], geometry, 3, 4);
const shares = (sign: number) => Array.from({ length: 9 }, (_, tap) => sign * tap);
const explanation: AsppExplanation = {
	x: 30,
	y: 20,
	cell,
	chosen: {
		label: 1,
		logit: 0,
		branches: [1, -1].map((sign, branch) => ({
			rate: [6, 12][branch]!,
			bias: 0,
			share: 36 * sign,
			taps: shares(sign),
		})),
	},
	runnerUp: undefined,
	deciding: undefined,
};

describe('the table of receptive fields', () => {
	it('has the backbone first, and at other rates the sizes that the graph would have', () => {
		const rows = fieldRows(head, [6, 20], cellView(head, [6, 20], geometry, 3, 4));
		expect(rows.map(({ branch, effectiveKernel, size }) => [branch, effectiveKernel, size?.[0]])).toEqual([
			[undefined, undefined, 101],
			[0, 13, 197],
			[1, 41, 421],
		]);
		// As the core has it for the cell.
		expect(rows.map(({ size }) => size)).toEqual([
			rows[0]!.size,
			...cellView(head, [6, 20], geometry, 3, 4).branches.map(({ size }) => size),
		]);
		expect(rows[2]!.seen?.outside).toBeGreaterThan(0.5);
		expect(fieldRows(head, [6, 12], undefined).map(({ seen }) => seen)).toEqual([undefined, undefined, undefined]);
		expect(fieldRows({ ...head, features: undefined }, [6, 12], undefined)[0]!.size).toBeUndefined();
	});

	it('writes a size once where height and width are the same', () => {
		expect([sizeText([491, 491]), sizeText([491, 483]), sizeText(undefined)]).toEqual(['491', '491×483', '–']);
	});
});

describe('taps', () => {
	it('lie on the grid or in its padding, the widest first, each with its share', () => {
		const marks = tapMarks({ explanation });
		expect(marks).toHaveLength(18);
		expect(marks[0]).toEqual({ branch: 1, tap: 0, row: -9, column: -8, padding: true, share: -0 });
		expect(marks.at(-1)).toEqual({ branch: 0, tap: 8, row: 9, column: 10, padding: false, share: 8 });
		expect(largestShare(marks)).toBe(8);
		expect(tapMarks({ explanation: undefined })).toEqual([]);
		expect(largestShare([])).toBe(0);
	});

	it('are all within the part of the grid that is drawn', () => {
		const marks = tapMarks({ explanation });
		const part = schematicPart(geometry, marks);
		expect(part).toEqual({ left: -9, top: -10, right: 27, bottom: 17 });
		expect(schematicPart(geometry, [])).toEqual({ left: -1, top: -1, right: 27, bottom: 15 });
	});

	it('are walked by key as the kernel lies', () => {
		expect(steppedTap(4, 'ArrowUp')).toBe(1);
		expect(steppedTap(1, 'ArrowUp')).toBeUndefined();
		expect(steppedTap(2, 'ArrowRight')).toBeUndefined();
		expect(steppedTap(2, 'Home')).toBe(0);
		expect(steppedTap(2, 'x')).toBeUndefined();
	});

	it('are counted in words', () => {
		expect([0, 1, 6].map(paddingText)).toEqual([
			'No tap falls in the padding',
			'1 of 9 taps falls in the padding',
			'6 of 9 taps fall in the padding',
		]);
	});
});

describe('marks in the Inspector', () => {
	it('scale and move with the picture', () => {
		expect(screenBox({ left: -10, top: 5, right: 30, bottom: 25 }, { k: 2, x: 100, y: 50 })).toEqual({
			x: 80,
			y: 60,
			width: 80,
			height: 40,
		});
	});

	it('have names that stay in the view and never lie on each other', () => {
		const view = { width: 400, height: 300 };
		const boxes = [0, 1, 2, 3].map((index) => ({ x: -100 * index, y: -50 * index, width: 900, height: 700 }));
		const widths = boxes.map(() => 110);
		const places = placeLabels(boxes, widths, view);
		expect(places.every(({ x, y }) => x >= 0 && x + 110 <= 400 && y >= 12 && y <= 300)).toBe(true);
		for (const [index, place] of places.entries()) {
			for (const other of places.slice(index + 1)) {
				expect(Math.abs(place.y - other.y) >= 18 || Math.abs(place.x - other.x) >= 110).toBe(true);
			}
		}
		// Where there is room, over the box's corner.
		expect(placeLabels([{ x: 50, y: 100, width: 100, height: 100 }], [80], view)).toEqual([{ x: 54, y: 95 }]);
	});

	it('leave out the middle taps, which share a place, but for the branch pointed at', () => {
		const fields: InspectorFields = {
			runId: 'r',
			cell,
			highlighted: undefined,
			tap: undefined,
			tapShares: [shares(1), undefined],
			largestTapShare: 8,
		};
		expect(drawnTaps(fields)).toHaveLength(16);
		const pointed = drawnTaps({ ...fields, highlighted: 0, tap: 4 });
		expect(pointed).toHaveLength(17);
		expect(pointed.filter((tap) => tap.pointed)).toEqual([expect.objectContaining({ branch: 0, tap: 4, share: 4 })]);
		expect(pointed.find(({ branch }) => branch === 1)?.share).toBeUndefined();
	});
});

describe('findings in the tree', () => {
	const node = (path: string, children: readonly ReturnType<typeof leaf>[] = []) => ({ ...leaf(path), children });
	const leaf = (path: string) => ({ name: path, path, parameters: 0, children: [] });
	const findings = [
		{ severity: 'warning', path: 'aspp.6', code: 'weights.zero', tensor: 'a' },
		{ severity: 'error', path: 'aspp.12', code: 'weights.zero', tensor: 'b' },
		{ severity: 'info', path: undefined, code: 'head.equalRates', rates: [6, 6] },
	] as const;

	it('stand on their line, and on a group while it is closed', () => {
		const group = node('aspp', [leaf('aspp.6'), leaf('aspp.12')]);
		expect(findingsOf({ node: leaf('aspp.6'), expanded: undefined }, findings)).toEqual([findings[0]]);
		expect(gravest(findingsOf({ node: group, expanded: false }, findings))).toBe('error');
		expect(findingsOf({ node: group, expanded: true }, findings)).toEqual([]);
		expect(findingsOf({ node: leaf('asp'), expanded: false }, findings)).toEqual([]);
		expect(gravest([])).toBeUndefined();
	});

	it('lead to their line', () => {
		const tree = [leaf('stem'), node('aspp', [leaf('aspp.6'), leaf('aspp.12')])];
		expect(wayTo(tree, 'aspp.12')).toEqual(['aspp']);
		expect(wayTo(tree, 'stem')).toEqual([]);
		expect(wayTo(tree, 'none')).toBeUndefined();
	});
});
