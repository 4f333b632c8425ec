import { describe, expect, it } from 'vitest';
import type { NetworkDescription, NetworkNode } from '../../../src/core/model';
import type { RunListItem } from '../../../src/shared/protocol/sideViews';
import {
	branchRates,
	columnWidths,
	initiallyExpanded,
	nodeDetails,
	receptiveFieldText,
	shapeText,
	treeKey,
	treeRows,
} from '../../../src/webview/model/treeData';
import { neighbourOf, runLines } from '../../../src/webview/runs/runsData';

const leaf = (path: string, more: Partial<NetworkNode> = {}): NetworkNode => ({
	name: path.split('.').at(-1)!,
	path,
	parameters: 0,
	children: [],
	...more,
});
const group = (path: string, children: readonly NetworkNode[]): NetworkNode => ({ ...leaf(path), children });
const network = {
	metadata: { branches: [12, 6].map((rate) => ({ rate, output: `aspp.${rate}` })) },
	tree: [
		group('backbone', [group('backbone.block0', [leaf('backbone.block0.expand')])]),
		group('aspp', [leaf('aspp.6', { outputShape: [21, 39, 58], parameters: 48_405 }), leaf('aspp.12')]),
		leaf('logits'),
	],
} as unknown as NetworkDescription;

describe('tree', () => {
	it('opens what leads to a branch', () => {
		expect(initiallyExpanded(network).has('aspp')).toBe(true);
		expect(initiallyExpanded(network).has('backbone.block0')).toBe(false);
	});

	it('has a row for each node in sight, with its level and place', () => {
		const rows = treeRows(network, new Set(['aspp']));
		expect(rows.map(({ node, level, position, siblings }) => [node.path, level, position, siblings])).toEqual([
			['backbone', 1, 1, 3],
			['aspp', 1, 2, 3],
			['aspp.6', 2, 1, 2],
			['aspp.12', 2, 2, 2],
			['logits', 1, 3, 3],
		]);
		expect(rows.map(({ expanded }) => expanded)).toEqual([false, true, undefined, undefined, undefined]);
	});

	it('numbers branches from the smallest rate, whatever the order in the file', () => {
		expect(branchRates(network.metadata)).toEqual([6, 12]);
		const rows = treeRows(network, new Set(['aspp']));
		expect(rows.map(({ branch, rate }) => [branch, rate])).toContainEqual([1, 12]);
		expect(rows.find(({ node }) => node.path === 'logits')?.branch).toBeUndefined();
	});

	it('moves as trees do', () => {
		const rows = treeRows(network, new Set(['aspp']));
		expect(treeKey(rows, 0, 'ArrowRight')).toEqual({ kind: 'expand', path: 'backbone' });
		expect(treeKey(rows, 1, 'ArrowRight')).toEqual({ kind: 'focus', row: 2 });
		expect(treeKey(rows, 1, 'ArrowLeft')).toEqual({ kind: 'collapse', path: 'aspp' });
		expect(treeKey(rows, 3, 'ArrowLeft')).toEqual({ kind: 'focus', row: 1 });
		expect(treeKey(rows, 4, 'ArrowDown')).toBeUndefined();
		expect(treeKey(rows, 4, 'Home')).toEqual({ kind: 'focus', row: 0 });
		expect(treeKey(rows, 0, 'End')).toEqual({ kind: 'focus', row: 4 });
	});

	it('knows the widest text of closed groups too', () => {
		expect(columnWidths(network)).toEqual({ output: 8, parameters: 4, field: 0 });
	});

	it('says sizes and settings shortly', () => {
		const conv = leaf('conv', {
			outputShape: [32, 153, 229],
			kernel: [3, 3],
			stride: [2, 2],
			padding: [1, 1, 2, 2],
			dilation: [1, 1],
			groups: 32,
			receptiveField: { size: [491, 483], stride: [8, 8], offset: [-245, -241] },
		});
		expect(shapeText(conv.outputShape)).toBe('32×153×229');
		expect(receptiveFieldText(conv)).toBe('491×483');
		expect(nodeDetails(conv)).toEqual([
			['kernel', '3×3'],
			['stride', '2'],
			['padding', '1, 1, 2, 2'],
			['dilation', '1'],
			['groups', '32'],
		]);
	});
});

describe('runs', () => {
	const run = (
		id: string,
		pictureName: string,
		pictureFolder: string,
		classes: readonly string[] = [],
	): RunListItem => ({
		id,
		pictureName,
		pictureFolder,
		modelName: 'net',
		createdAt: 0,
		duration: 1,
		thumbnail: '',
		classes,
	});

	it('name the folder of namesakes only', () => {
		const lines = runLines([run('1', 'a.png', 'x'), run('2', 'a.png', 'y'), run('3', 'b.png', 'x')], 0, 'en');
		expect(lines.map(({ folder }) => folder)).toEqual(['x', 'y', undefined]);
		const same = runLines([run('1', 'a.png', 'x'), run('2', 'a.png', 'x')], 0, 'en');
		expect(same.map(({ folder }) => folder)).toEqual([undefined, undefined]);
	});

	it('name three classes and count the rest', () => {
		expect(runLines([run('1', 'a', '', ['cat', 'dog', 'cow', 'bus', 'car'])], 0, 'en')[0]?.classes).toBe(
			'cat, dog, cow +2',
		);
	});

	it('hand the focus to the next, else to the one before', () => {
		const runs = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
		expect(['a', 'b', 'c'].map((id) => neighbourOf(runs, id))).toEqual(['b', 'c', 'b']);
		expect(neighbourOf([{ id: 'a' }], 'a')).toBeUndefined();
	});
});
