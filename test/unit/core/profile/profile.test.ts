import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OnnxGraph, OnnxModel, OnnxNode } from '../../../../src/core/onnx/ir';
import { InspectorError } from '../../../../src/core/problem';
import { nameOperators } from '../../../../src/core/profile/operatorPaths';
import { type ProfileNode, profileTree, slowestOperators } from '../../../../src/core/profile/profileTree';
import { overheadOf } from '../../../../src/core/profile/runProfile';
import { readRuntimeTrace } from '../../../../src/core/profile/runtimeTrace';
import { type TraceEvent, type TraceFile, traceFile, traceText } from '../../../../src/core/profile/traceFile';
import { anyProfile, profileOf, smallProfile } from './profiles';

const nodesOf = (node: ProfileNode): readonly ProfileNode[] => [node, ...node.children.flatMap(nodesOf)];

describe('readRuntimeTrace', () => {
	const event = (cat: string, name: string, ts: number, dur: number, args: object = {}) => ({
		cat,
		pid: 42,
		tid: 1,
		dur,
		ts,
		ph: 'X',
		name,
		args,
	});
	const conv = { op_name: 'FusedConv', output_type_shape: [{ float: [1, 32, 129, 129] }] };

	it('gives each run its operators, in milliseconds from its begin', () => {
		const text = JSON.stringify([
			event('Session', 'session_initialization', 0, 900),
			event('Node', 'stem.conv_kernel_time', 1100, 300, conv),
			event('Node', 'stem.conv_fence_before', 1090, 5, conv),
			event('Node', 'logits_kernel_time', 1500, 20, { op_name: 'Sum' }),
			event('Session', 'SequentialExecutor::Execute', 1010, 600),
			event('Session', 'model_run', 1000, 700),
			event('Node', 'stem.conv_kernel_time', 2100, 250, conv),
			event('Session', 'model_run', 2000, 500),
		]);
		expect(readRuntimeTrace(text)).toEqual([
			{
				milliseconds: 0.7,
				operators: [
					{ name: 'stem.conv', opType: 'FusedConv', outputShape: [1, 32, 129, 129], start: 0.1, milliseconds: 0.3 },
					{ name: 'logits', opType: 'Sum', start: 0.5, milliseconds: 0.02 },
				],
			},
			{
				milliseconds: 0.5,
				operators: [
					{ name: 'stem.conv', opType: 'FusedConv', outputShape: [1, 32, 129, 129], start: 0.1, milliseconds: 0.25 },
				],
			},
		]);
	});

	it.each(['', '[', '{}', 'null', '[{"cat":"Node"},'])('refuses %j by name', (text) => {
		expect(() => readRuntimeTrace(text)).toThrow(InspectorError);
	});

	it('takes any list without failing, and no operator twice', () => {
		const value = fc.anything({ maxDepth: 2 });
		const odd = fc.record(
			{
				cat: fc.oneof(fc.constantFrom('Node', 'Session'), value),
				name: fc.oneof(fc.constantFrom('model_run', 'a_kernel_time', '_kernel_time'), value),
				ts: fc.oneof(fc.nat(1000), value),
				dur: fc.oneof(fc.nat(1000), value),
				args: fc.oneof(fc.record({ output_type_shape: value, op_name: value }, { requiredKeys: [] }), value),
			},
			{ requiredKeys: [] },
		);
		fc.assert(
			fc.property(fc.array(fc.oneof(odd, value)), (events) => {
				const text = JSON.stringify(events, (_, entry) => (typeof entry === 'bigint' ? String(entry) : entry));
				const runs = readRuntimeTrace(text);
				const kernels = events.filter((entry) => JSON.stringify(entry, bigintAsText)?.includes('_kernel_time'));
				expect(runs.flatMap(({ operators }) => operators).length).toBeLessThanOrEqual(kernels.length);
			}),
		);
	});

	it('refuses any text that is no list, and fails in no other way', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
				try {
					readRuntimeTrace(text);
				} catch (error) {
					expect(error).toBeInstanceOf(InspectorError);
				}
			}),
		);
	});
});

describe('profileTree', () => {
	it('has the stages, in the network its parts and operators, and what is in none of them', () => {
		const tree = profileTree(smallProfile);
		expect(tree.children.map(({ name }) => name)).toEqual(['decode', 'model', 'network', 'upsample']);
		expect(tree.milliseconds).toBeCloseTo(12 + 80 + 60 + 3, 9);
		const network = tree.children[2]!;
		expect(network.children.map(({ kind, name, milliseconds }) => [kind, name, milliseconds])).toEqual([
			['part', 'backbone', 12],
			['part', 'aspp', 38],
			['operator', 'logits', 0.5],
			['other', 'other', 9.5],
		]);
		expect(network.children[1]!.children.map(({ name }) => name)).toEqual(['12', '6']);
	});

	it('never has children that take longer than their parent, nor two nodes of one id', () => {
		fc.assert(
			fc.property(anyProfile, (profile) => {
				const nodes = nodesOf(profileTree(profile));
				for (const { milliseconds, children } of nodes) {
					const sum = children.reduce((total, child) => total + child.milliseconds, 0);
					expect(sum).toBeLessThanOrEqual(milliseconds * (1 + 1e-12) + 1e-9);
				}
				expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
			}),
		);
	});

	it('loses no operator and no time', () => {
		fc.assert(
			fc.property(anyProfile, (profile) => {
				const nodes = nodesOf(profileTree(profile));
				const operators = nodes.flatMap(({ operator }) => (operator ? [operator] : []));
				expect(operators.length).toBe(profile.operators.length);
				expect(new Set(operators)).toEqual(new Set(profile.operators));
				const network = nodes.find(({ id, kind }) => kind === 'stage' && id === 'network')!;
				const told = profile.stages.find(({ stage }) => stage === 'network')!.milliseconds;
				const timed = operators.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
				expect(network.milliseconds).toBeCloseTo(Math.max(told, timed), 6);
			}),
		);
	});

	it('puts each scale’s operators under it', () => {
		const operator = { path: ['aspp', '6'], opType: 'Conv', start: 0, milliseconds: 5 };
		const tree = profileTree(
			profileOf(
				[1, 0.75, 0.5].map((scale) => ({ ...operator, scale })),
				15,
			),
		);
		const network = tree.children[2]!;
		expect(network.children.map(({ kind, name }) => [kind, name])).toEqual([
			['scale', '1'],
			['scale', '0.75'],
			['scale', '0.5'],
		]);
		expect(network.children[1]!.children[0]!.children[0]!.operator?.scale).toBe(0.75);
	});

	it('finds the slowest operators', () => {
		const names = slowestOperators(profileTree(smallProfile), 3).map(({ name }) => name);
		expect(names).toEqual(['12', '6', 'conv']);
	});
});

describe('traceFile', () => {
	it('is JSON whose events lie within the run, each within what it begins in', () => {
		fc.assert(
			fc.property(anyProfile, (profile) => {
				const { traceEvents, displayTimeUnit } = JSON.parse(traceText(profile)) as TraceFile;
				expect(displayTimeUnit).toBe('ms');
				const open: number[] = [];
				for (const event of traceEvents) {
					if (event.ph === 'X') {
						// Nanoseconds, whole ones.
						const [begin, end] = [event.ts, event.ts + event.dur].map((time) => Math.round(time * 1000)) as [
							number,
							number,
						];
						while (open.length > 0 && open.at(-1)! <= begin) {
							open.pop();
						}
						expect(end).toBeLessThanOrEqual(open.at(-1) ?? Number.POSITIVE_INFINITY);
						open.push(end);
					}
				}
				const operators = traceEvents.filter((event) => event.ph === 'X' && event.cat === 'operator');
				expect(operators.length).toBe(profile.operators.length);
			}),
		);
	});

	it('has the parts over the operators that ran in a row', () => {
		const { traceEvents, profile } = traceFile(smallProfile);
		const spans = traceEvents.filter((event): event is Extract<TraceEvent, { ph: 'X' }> => event.ph === 'X');
		expect(spans.map(({ cat, name }) => `${cat} ${name}`)).toEqual([
			'stage decode',
			'stage model',
			'stage network',
			'part backbone',
			'part stem',
			'operator conv',
			'part block0',
			'operator project',
			'part aspp',
			'operator 12',
			'operator 6',
			'operator logits',
			'stage upsample',
		]);
		const aspp = spans.find(({ name }) => name === 'aspp')!;
		expect([aspp.ts, aspp.dur]).toEqual([(12 + 80 + 14) * 1000, (35 + 18 - 14) * 1000]);
		expect(profile).toBe(smallProfile);
	});
});

describe('nameOperators', () => {
	const node = (name: string, operator: string, input: string, output: string): OnnxNode => ({
		name,
		operator,
		inputs: [input],
		outputs: [output],
		attributes: new Map(),
	});
	const modelOf = (...nodes: OnnxNode[]): OnnxModel => {
		const graph: OnnxGraph = { name: 'g', nodes, initializers: [], inputs: [], outputs: [] };
		return { irVersion: 8, opset: 13, producer: '', graph, metadata: {} };
	};

	it('leaves a model alone whose nodes can be told from each other', () => {
		const model = modelOf(node('a.conv', 'Conv', 'x', 'y'), node('a.relu', 'Relu', 'y', 'z'));
		const named = nameOperators(model);
		expect(named).toMatchObject({ renamed: false });
		expect(named.model).toBe(model);
		expect(named.pathOf('a.conv')).toEqual(['a', 'conv']);
		expect(named.pathOf('a.relu')).toEqual(['a', 'relu']);
		expect(named.pathOf('ReorderInput')).toEqual(['ReorderInput']);
	});

	it('names nodes without a name, of one name, and of one that breaks the trace', () => {
		const model = modelOf(
			node('', 'Conv', 'x', 'head/y'),
			node('same', 'Conv', 'x', 'b'),
			node('same', 'Conv', 'x', 'c'),
			node('a"b', 'Conv', 'x', 'd'),
		);
		const { model: named, renamed, pathOf } = nameOperators(model);
		expect(renamed).toBe(true);
		const names = named.graph.nodes.map(({ name }) => name);
		expect(new Set(names).size).toBe(4);
		for (const name of names) {
			expect(name).toMatch(/^[\w.#~-]+$/);
		}
		expect(pathOf(names[0]!)).toEqual(['head', 'y']);
		expect(pathOf(names[2]!)).toEqual(['same#2']);
		expect(pathOf(names[3]!)).toEqual(['a"b']);
	});
});

it('tells the overhead where both times are known', () => {
	expect(overheadOf(smallProfile)).toBeCloseTo(1.1, 9);
	expect(overheadOf({ ...smallProfile, plainMilliseconds: 0 })).toBeUndefined();
});

function bigintAsText(_: string, value: unknown): unknown {
	return typeof value === 'bigint' ? String(value) : value;
}
