import { describe, expect, it } from 'vitest';
import { readHead } from '../../../../src/core/aspp/head';
import { buildHeadModel } from '../../../../src/core/aspp/headModel';
import { tapPlan } from '../../../../src/core/aspp/tapModel';
import type { ModelMetadata } from '../../../../src/core/model';
import type { OnnxModel, OnnxNode } from '../../../../src/core/onnx/ir';
import { bundledModel } from './heads';
import { networkWithHead } from './networkWithHead';

type Network = { model: OnnxModel; metadata: ModelMetadata };

/** The network with its node of that name replaced. */
function changed({ model, metadata }: Network, name: string, change: (node: OnnxNode) => OnnxNode[]): Network {
	const nodes = model.graph.nodes.flatMap((node) => (node.name === name ? change(node) : [node]));
	return { model: { ...model, graph: { ...model.graph, nodes } }, metadata };
}

function attribute(node: OnnxNode, name: string, ...value: number[]): OnnxNode {
	return { ...node, attributes: new Map([...node.attributes, [name, { kind: 'ints', value }]]) };
}

const read = ({ model, metadata }: Network) => readHead(model, metadata, 'own.onnx');
const detailOf = (network: Network): string => {
	try {
		read(network);
	} catch (error) {
		expect(error).toMatchObject({ problem: { code: 'model.unsupported', name: 'own.onnx' } });
		return (error as { problem: { detail: string } }).problem.detail;
	}
	throw new Error('no error');
};

describe('readHead', () => {
	it('of the bundled network', () => {
		const head = read(bundledModel());
		expect(head).toMatchObject({ classes: 21, channels: 256, linear: true });
		expect(head.branches.map(({ rate, output }) => [rate, output])).toEqual(
			[6, 12, 18, 24].map((rate) => [rate, `aspp.${rate}`]),
		);
		const size = head.features!.size[0];
		expect(head.branches.map(({ receptiveField }) => receptiveField?.size[0])).toEqual(
			[6, 12, 18, 24].map((rate) => size + 2 * rate * 8),
		);
	});

	it.each([[[12]], [[6, 12, 18, 24]], [[1, 2, 3, 5, 7, 11, 13]]])('with rates %j', (rates) => {
		const head = read(networkWithHead({ rates }));
		expect(head.branches.map(({ rate }) => rate)).toEqual(rates);
		expect(head.branches.every(({ linear }) => linear)).toBe(true);
		expect(head).toMatchObject({ classes: 3, channels: 5, linear: true, features: { size: [3, 3], stride: [2, 2] } });
	});

	it('with branches of several layers, which are not linear', () => {
		const head = read(networkWithHead({ rates: [2, 4], chain: true }));
		expect(head.linear).toBe(false);
		expect(head.branches).toEqual([
			{ rate: 2, output: 'aspp.0', linear: false, receptiveField: expect.anything() },
			{ rate: 4, output: 'aspp.1', linear: false, receptiveField: expect.anything() },
		]);
	});

	it('takes the rate from the graph, and looks through an Identity on either side', () => {
		const network = networkWithHead({ rates: [6, 12] });
		const other = changed(network, 'aspp.1', (node) => [
			{
				...attribute(attribute(node, 'dilations', 9, 9), 'pads', 9, 9, 9, 9),
				outputs: ['inner'],
				inputs: ['relu', ...node.inputs.slice(1)],
			},
			{ name: '', operator: 'Identity', inputs: ['inner'], outputs: ['aspp.1'], attributes: new Map() },
		]);
		const both = changed(other, 'stem.relu', (node) => [
			{ ...node, outputs: ['relu'] },
			{ name: '', operator: 'Identity', inputs: ['relu'], outputs: ['features'], attributes: new Map() },
		]);
		expect(read(both).branches).toMatchObject([
			{ rate: 6, linear: true },
			{ rate: 9, linear: true },
		]);
	});

	it('says where there is no head', () => {
		const network = networkWithHead({ rates: [6, 12] });
		const change = (to: (node: OnnxNode) => OnnxNode) => detailOf(changed(network, 'aspp.1', (node) => [to(node)]));
		expect(change((node) => ({ ...node, inputs: ['stem', ...node.inputs.slice(1)] }))).toBe(
			'no ASPP head is found: branch “aspp.1” does not read “features”, its way back ends at “input”',
		);
		expect(change((node) => attribute(node, 'pads', 6, 6, 6, 6))).toContain(
			'padding 6, 6, 6, 6 that is not its dilation rate 12',
		);
		expect(change((node) => attribute(node, 'strides', 2, 2))).toContain('“aspp.1” (Conv) has stride 2x2');
		expect(change((node) => attribute(node, 'dilations', 12, 6))).toContain('different dilation rates');
		expect(change((node) => ({ ...node, operator: 'Add', inputs: ['features', 'aspp.0'] }))).toBe(
			'branch “aspp.1” is no chain of layers: layer “aspp.1” (Add) takes 2 values',
		);
		expect(change((node) => ({ ...node, operator: 'Relu', inputs: ['features'] }))).toBe(
			'branch “aspp.1” has no 3x3 convolution; an ASPP branch has one',
		);
		expect(change((node) => ({ ...node, inputs: ['features', 'unknown'] }))).toContain('takes 2 values');
	});

	it('says which branch has another number of channels', () => {
		const { model, metadata } = networkWithHead({ rates: [6, 12] });
		const initializers = model.graph.initializers.map((tensor) =>
			tensor.name === 'aspp.1.weight' ? { ...tensor, dims: [2, 5, 3, 3], data: tensor.data.subarray(0, 360) } : tensor,
		);
		const graph = { ...model.graph, initializers };
		expect(detailOf({ model: { ...model, graph }, metadata })).toBe('branch “aspp.1” gives 2 channels for 3 classes');
		const thinner = model.graph.initializers.map((tensor) =>
			tensor.name === 'aspp.1.weight' ? { ...tensor, dims: [3, 4, 3, 3], data: tensor.data.subarray(0, 432) } : tensor,
		);
		expect(detailOf({ model: { ...model, graph: { ...model.graph, initializers: thinner } }, metadata })).toBe(
			'branch “aspp.1” takes 4 channels, branch “aspp.0” takes 5',
		);
	});

	it('refuses tap maps of a head that is not linear, and rates that do not fit', () => {
		const { model, metadata } = networkWithHead({ rates: [2, 4], chain: true });
		expect(() => tapPlan(model, metadata, 'own.onnx')).toThrow(/“aspp.0” is more than one/);
		expect(() => buildHeadModel(model, metadata, [2], 'own.onnx')).toThrow(RangeError);
		expect(() => buildHeadModel(model, metadata, [2, 0], 'own.onnx')).toThrow(RangeError);
	});
});
