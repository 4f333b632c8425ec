/** The search for the first layer that differs, against a scan of every value. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OnnxGraph, OnnxNode } from '../../../../src/core/onnx/ir';
import { DataType } from '../../../../src/core/onnx/ir';
import { probeGraph } from '../../../../src/core/parity/probeGraph';
import { planProbes } from '../../../../src/core/parity/probePlan';
import { findFirstDiffering, type Probe } from '../../../../src/core/parity/search';
import { sampleModel } from '../onnx/sampleModel';

const limit = 1e-3;

/** What one layer does to a difference: how much of its inputs' it hands on, and what it adds itself. */
interface Layer {
	readonly inputs: readonly number[];
	readonly gain: number;
	readonly own: number;
	readonly activation: boolean;
}

function graphOf(layers: readonly Layer[]): OnnxGraph {
	const nodes = layers.map(
		({ inputs, activation }, index): OnnxNode => ({
			name: `layer.${index}`,
			operator: activation ? 'Relu' : 'Concat',
			inputs: inputs.map((input) => (input < 0 ? 'input' : `v${input}`)),
			outputs: [`v${index}`],
			attributes: new Map(),
		}),
	);
	return {
		name: 'random',
		nodes,
		initializers: [],
		inputs: [{ name: 'input', dataType: DataType.float, shape: [1, 3, 8, 8] }],
		outputs: [],
	};
}

/** The difference of every value, from the first to the last. */
function differencesOf(layers: readonly Layer[]): ReadonlyMap<string, number> {
	const differences = new Map<string, number>([['input', 0]]);
	const at = (input: number) => differences.get(input < 0 ? 'input' : `v${input}`)!;
	for (const [index, { inputs, gain, own }] of layers.entries()) {
		const handedOn = Math.max(...inputs.map(at)) * gain;
		differences.set(`v${index}`, Math.max(own, Number.isNaN(handedOn) ? Number.POSITIVE_INFINITY : handedOn));
	}
	return differences;
}

/** Random networks: chains, joins, branches that are dead, one target. */
function networks(gains: fc.Arbitrary<number>, own: fc.Arbitrary<number>) {
	const layer = fc.record({
		reach: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
		gain: gains,
		own,
		activation: fc.boolean(),
	});
	return fc.array(layer, { minLength: 1, maxLength: 60 }).map((drawn) =>
		drawn.map(({ reach, gain, own: added, activation }, index): Layer => {
			const inputs = [...new Set(reach.map((step) => Math.max(-1, index - step)))];
			return { inputs: activation ? inputs.slice(0, 1) : inputs, gain, own: added, activation };
		}),
	);
}

const noise = fc.double({ min: 0, max: 1e-6, noNaN: true });
const mostlyNoise = fc.oneof(
	{ weight: 15, arbitrary: noise },
	{ weight: 1, arbitrary: fc.constantFrom(0.01, 3, Number.POSITIVE_INFINITY) },
);

interface Trial {
	readonly found: Awaited<ReturnType<typeof findFirstDiffering>>;
	readonly probes: readonly (readonly string[])[];
}

async function search(
	layers: readonly Layer[],
	options: { readonly cutsAProbe?: number; readonly budget?: number } = {},
): Promise<Trial & { readonly plan: ReturnType<typeof planProbes>; readonly all: ReadonlyMap<string, number> }> {
	const all = differencesOf(layers);
	const plan = planProbes(graphOf(layers), `v${layers.length - 1}`);
	const probes: (readonly string[])[] = [];
	const probe: Probe = async (values) => {
		probes.push(values);
		return new Map(values.map((value) => [value, all.get(value)!]));
	};
	const found = await findFirstDiffering(plan, probe, { limit, bytesOf: () => 100, ...options });
	return { found, probes, plan, all };
}

const over = (values: readonly string[], all: ReadonlyMap<string, number>) =>
	values.some((value) => all.get(value)! > limit);

describe('findFirstDiffering', () => {
	it('finds the first unit of all that differs, where differences stay once they are there', async () => {
		await fc.assert(
			fc.asyncProperty(
				networks(fc.double({ min: 1, max: 3, noNaN: true }), mostlyNoise),
				fc.integer({ min: 1, max: 9 }),
				async (layers, cutsAProbe) => {
					const { found, plan, all } = await search(layers, { cutsAProbe });
					const first = plan.units.find(({ outputs }) => over(outputs, all));
					expect(found?.unit).toBe(first);
				},
			),
			{ numRuns: 300 },
		);
	});

	it('finds a unit that differs though nothing it reads does, also where differences shrink again', async () => {
		const gains = fc.oneof(fc.double({ min: 0, max: 3, noNaN: true }), fc.constant(0));
		await fc.assert(
			fc.asyncProperty(networks(gains, mostlyNoise), fc.integer({ min: 1, max: 9 }), async (layers, cutsAProbe) => {
				const { found, plan, all } = await search(layers, { cutsAProbe });
				const origins = plan.units.filter(({ inputs, outputs }) => over(outputs, all) && !over(inputs, all));
				const differs = all.get(`v${layers.length - 1}`)! > limit;
				expect(found !== undefined).toBe(differs);
				if (found) {
					expect(origins).toContain(found.unit);
					expect(found.difference).toBe(Math.max(...found.unit.outputs.map((value) => all.get(value)!)));
					expect(found.inputDifference).toBe(Math.max(0, ...found.unit.inputs.map((value) => all.get(value)!)));
					// Everything that crosses the cut before it agrees: nothing further up reaches it.
					expect(over(plan.cuts[plan.units.indexOf(found.unit)]!, all)).toBe(false);
				}
			}),
			{ numRuns: 300 },
		);
	});

	it('asks for a value once, and one cut at a time log2 N times', async () => {
		await fc.assert(
			fc.asyncProperty(
				networks(fc.double({ min: 0, max: 3, noNaN: true }), mostlyNoise),
				fc.integer({ min: 1, max: 9 }),
				async (layers, cutsAProbe) => {
					const { probes, plan } = await search(layers, { cutsAProbe });
					const asked = probes.flat();
					expect(new Set(asked).size).toBe(asked.length);
					const most = Math.ceil(Math.log2(plan.units.length) / Math.log2(cutsAProbe + 1) - 1e-9);
					// Cuts that cannot be spread evenly cost one probe more at most.
					expect(probes.length).toBeLessThanOrEqual(Math.max(1, most) + (cutsAProbe > 1 ? 1 : 0));
				},
			),
		);
	});

	it('keeps to the budget but for a cut that is larger alone', async () => {
		const chain = Array.from({ length: 64 }, (_, index): Layer => {
			return { inputs: [index - 1], gain: 1, own: index === 40 ? 1 : 0, activation: false };
		});
		for (const [budget, most] of [
			[300, 3],
			[100, 1],
			[10, 1],
		] as const) {
			const { found, probes } = await search(chain, { budget });
			expect(found?.unit.layer).toBe('layer.40');
			// The first one looks at the target as well.
			expect(Math.max(...probes.map((values, index) => values.length - (index === 0 ? 1 : 0)))).toBe(most);
		}
	});

	it('ends at once where the target agrees', async () => {
		const { found, probes } = await search([{ inputs: [-1], gain: 1, own: 0, activation: false }]);
		expect(found).toBeUndefined();
		expect(probes).toEqual([['v0']]);
	});
});

describe('planProbes', () => {
	it('takes a layer and its activation together, under the name that layers are listed with', () => {
		const { units, cuts } = planProbes(sampleModel().graph, 'logits');
		expect(units.map(({ layer, operator, outputs }) => [layer, operator, outputs])).toEqual([
			['stem.conv', 'Conv + Clip', ['stem.conv.relu6']],
			['block.depthwise', 'Conv', ['block.depthwise']],
			['block.add', 'Add + Relu', ['features']],
			['aspp.6', 'Conv', ['aspp.6']],
			['aspp.12', 'Conv', ['aspp.12']],
			['logits', 'Sum', ['logits']],
		]);
		expect(cuts).toEqual([
			[],
			['stem.conv.relu6'],
			['stem.conv.relu6', 'block.depthwise'],
			['features'],
			['features', 'aspp.6'],
			['aspp.6', 'aspp.12'],
			['logits'],
		]);
	});

	it('leaves out what the target does not need, and sizes that are computed', () => {
		const { graph } = sampleModel();
		const node = (operator: string, inputs: string[], output: string): OnnxNode => {
			return { name: output, operator, inputs, outputs: [output], attributes: new Map() };
		};
		const resized: OnnxGraph = {
			...graph,
			nodes: [
				...graph.nodes,
				node('Shape', ['input'], 'size'),
				node('Slice', ['size'], 'side'),
				node('Resize', ['logits', '', '', 'side'], 'large'),
				node('Softmax', ['features'], 'unused'),
			],
		};
		const { units, cuts } = planProbes(resized, 'large');
		expect(units.map(({ layer }) => layer).slice(-4)).toEqual(['logits', 'size', 'side', 'large']);
		expect(units.find(({ layer }) => layer === 'side')).toMatchObject({ inputs: [], outputs: [] });
		expect(cuts.at(-2)).toEqual(['logits']);
	});
});

describe('probeGraph', () => {
	it('has what the values need and nothing else', () => {
		const { graph } = sampleModel();
		const cut = probeGraph(graph, ['block.depthwise']);
		expect(cut.nodes.map(({ name }) => name)).toEqual(['stem.conv', 'stem.conv.relu6', 'block.depthwise']);
		expect(cut.outputs).toEqual([{ name: 'block.depthwise', dataType: DataType.float }]);
		const read = new Set(cut.nodes.flatMap(({ inputs }) => inputs));
		expect(cut.initializers.every(({ name }) => read.has(name))).toBe(true);
		expect(cut.initializers.length).toBeLessThan(graph.initializers.length);
		expect(cut.inputs).toEqual(graph.inputs);
	});
});
