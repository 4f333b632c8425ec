/** Finds an ASPP head in a graph that says nothing of it: parallel dilated convolutions of one value that meet again. */
import { intAttribute, type OnnxNode } from '../ir';
import { windowOf } from '../window';
import { dataInputs, type Flow, handedOn, isChainLayer, nodesBehind, origin } from './flow';

export interface FoundBranch {
	/** Dilation rate of its 3x3 convolution. */
	readonly rate: number;
	/** Name of the value that it ends in: its logits, or what later layers mix. */
	readonly value: string;
	/** Whether it is that convolution alone. */
	readonly alone: boolean;
}

export interface FoundHead {
	/** Name of the value that the branches read. */
	readonly features: string;
	/** In the order of the graph. */
	readonly branches: readonly FoundBranch[];
	/** `sum`: they add up to the logits and are nothing else; `mixed`: later layers make the logits of them. */
	readonly join: 'sum' | 'mixed';
}

/**
 * Two or more 3x3 convolutions of one value at different dilation rates, each followed by layers of its own, that meet in
 * additions or in one Concat along the channels; else the one dilated convolution that all logits come from (LargeFOV).
 * Of several such heads the one nearest to the logits.
 *
 * @param logits Name of their value.
 * @returns the head, or why there is none
 */
export function findHead(flow: Flow, logits: string): FoundHead | { readonly missing: string } {
	const behind = nodesBehind(logits, flow);
	const dilated = flow.graph.nodes.filter((node) => behind.has(node)).flatMap((node) => dilatedOf(node, flow));
	const groups = new Map<string, DilatedConv[]>();
	for (const conv of dilated) {
		groups.set(conv.reads, [...(groups.get(conv.reads) ?? []), conv]);
	}
	const parallel = [...groups.values()].filter((group) => group.length > 1 && group.some(({ rate }) => rate > 1));
	let missing = 'no parallel dilated convolutions read one value and meet again';
	for (const group of parallel.toReversed()) {
		const found = joined(group, logits, flow);
		if ('join' in found) {
			return found;
		}
		missing = found.missing;
	}
	return singleBranch(logits, flow) ?? { missing };
}

interface DilatedConv {
	readonly node: OnnxNode;
	readonly rate: number;
	/** Its input, under the name it was made with. */
	readonly reads: string;
}

/** A 3x3 convolution at stride 1 that keeps the grid. */
function dilatedOf(node: OnnxNode, flow: Flow): DilatedConv[] {
	const weight = flow.constants.tensors.get(node.inputs[1] ?? '');
	const window = node.operator === 'Conv' ? windowOf(node, weight?.dims) : undefined;
	if (!window || !isPair(window.kernel, 3) || !isPair(window.stride, 1)) {
		return [];
	}
	const [rate] = window.dilation;
	const keepsGrid = isPair(window.dilation, rate) && window.padding?.every((pad) => pad === rate);
	return keepsGrid ? [{ node, rate, reads: origin(node.inputs[0] ?? '', flow) }] : [];
}

function isPair([first, second]: readonly [number, number], value: number): boolean {
	return first === value && second === value;
}

/** A branch's end and the node where it meets others. */
interface Ended extends FoundBranch {
	readonly meets: OnnxNode;
}

function joined(group: readonly DilatedConv[], logits: string, flow: Flow): FoundHead | { readonly missing: string } {
	const rates = group.map(({ rate }) => rate);
	if (new Set(rates).size !== rates.length) {
		return { missing: `parallel convolutions have the dilation rates ${rates.join(', ')}, and one of them twice` };
	}
	const ends = group.map((conv) => endOf(conv, flow));
	const branches = ends.filter((end) => end !== undefined);
	if (branches.length < ends.length) {
		return { missing: `parallel convolutions at the dilation rates ${rates.join(', ')} do not all meet again` };
	}
	const head = {
		features: group[0]!.reads,
		branches: branches.map(({ rate, value, alone }) => ({ rate, value, alone })),
	};
	const total = sumOf(
		branches.map(({ value }) => value),
		flow,
	);
	if (total !== undefined) {
		return { ...head, join: origin(logits, flow) === total ? 'sum' : 'mixed' };
	}
	const [meeting, ...others] = new Set(branches.map(({ meets }) => meets));
	const isConcat = meeting?.operator === 'Concat' && [1, -3].includes(intAttribute(meeting, 'axis', 1));
	return others.length === 0 && isConcat
		? { ...head, join: 'mixed' }
		: { missing: `branches at the dilation rates ${rates.join(', ')} meet neither in one sum nor in one Concat` };
}

/** Follows a branch to where it meets another value. Undefined where its values go several ways. */
function endOf({ node, rate }: DilatedConv, flow: Flow): Ended | undefined {
	let end = node.outputs[0]!;
	let value = end;
	let alone = intAttribute(node, 'group', 1) === 1;
	for (;;) {
		const [next, ...more] = flow.takers.get(value) ?? [];
		if (!next || more.length > 0) {
			return undefined;
		}
		if (dataInputs(next, flow).length > 1) {
			return isJoin(next) ? { rate, value: end, alone, meets: next } : undefined;
		}
		if (handedOn(next, flow) === undefined) {
			if (!isChainLayer(next)) {
				return undefined;
			}
			alone = false;
			end = next.outputs[0]!;
		}
		value = next.outputs[0]!;
	}
}

function isJoin({ operator }: OnnxNode): boolean {
	return operator === 'Add' || operator === 'Sum' || operator === 'Concat';
}

/** The value that is the sum of exactly these, in any nesting of additions. */
function sumOf(terms: readonly string[], flow: Flow): string | undefined {
	const covered = new Map(terms.map((term, index) => [term, new Set([index])]));
	for (const node of flow.graph.nodes) {
		const [output = ''] = node.outputs;
		const passed = handedOn(node, flow);
		const inputs = passed === undefined ? node.inputs : [passed];
		const parts = inputs.map((input) => covered.get(input));
		const adds = passed !== undefined || node.operator === 'Add' || node.operator === 'Sum';
		if (!adds || !parts.every((part) => part !== undefined)) {
			continue;
		}
		const all = new Set(parts.flatMap((part) => [...part]));
		const countsOnce = all.size === parts.reduce((sum, part) => sum + part.size, 0);
		if (countsOnce) {
			covered.set(output, all);
			if (all.size === terms.length && passed === undefined) {
				return output;
			}
		}
	}
	return undefined;
}

/** LargeFOV: from the logits back through layers of one value to a dilated convolution. */
function singleBranch(logits: string, flow: Flow): FoundHead | undefined {
	const end = origin(logits, flow);
	let alone = true;
	let value = end;
	for (let node = flow.makers.get(value); node; node = flow.makers.get(value)) {
		const [conv] = dilatedOf(node, flow);
		if (conv && conv.rate > 1) {
			const branch = { rate: conv.rate, value: end, alone: alone && intAttribute(node, 'group', 1) === 1 };
			return { features: conv.reads, branches: [branch], join: 'sum' };
		}
		const weight = flow.constants.tensors.get(node.inputs[1] ?? '')?.dims;
		const isPointwise = node.operator !== 'Conv' || (weight?.[2] === 1 && weight[3] === 1);
		const inputs = dataInputs(node, flow);
		if (!isChainLayer(node) || !isPointwise || inputs.length !== 1) {
			return undefined;
		}
		alone &&= handedOn(node, flow) !== undefined;
		value = inputs[0]!;
	}
	return undefined;
}
