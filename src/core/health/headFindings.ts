import { featuresName, type TracedBranch } from '../aspp/headTrace';
import { tapCount } from '../aspp/types';
import type { Finding, ModelMetadata } from '../model';
import { floatsOf, type OnnxGraph, type OnnxNode } from '../onnx/ir';
import { ratesAt, trainedStride } from '../onnx/networks/outputStride';
import type { Shape } from '../onnx/shapes';
import { initialNoise } from './initialNoise';
import type { PathOf } from './paths';

/** Rates of LargeFOV, ASPP-S and ASPP-L, and those of its table of fields of view. */
const usualRates = [2, 4, 6, 8, 12, 18, 24] as const;

/** What is looked at of a head. */
export interface CheckedHead {
	readonly branches: readonly Pick<TracedBranch, 'rate' | 'dilated' | 'weight' | 'bias'>[];
	/** Channels of the features. */
	readonly channels: number;
	readonly join: NonNullable<ModelMetadata['join']>;
}

/**
 * What is odd about the branches and their rates.
 * @param outputStride Of the network: on a coarser grid than that of 8 the usual rates are smaller.
 */
export function findingsOfHead(
	graph: OnnxGraph,
	head: CheckedHead,
	shapes: ReadonlyMap<string, Shape>,
	pathOf: PathOf,
	outputStride: number,
): Finding[] {
	const summed = nodesBehind(graph, 'logits');
	const findings: Finding[] = [];
	for (const branch of head.branches) {
		const path = pathOf(branch.dilated);
		if (!summed.has(branch.dilated)) {
			findings.push({ severity: 'error', path, code: 'branch.notSummed', branch: branch.rate });
		}
		const noise = noiseOf(branch, head.channels);
		if (noise) {
			const { standardDeviation, kurtosis } = noise;
			findings.push({
				severity: 'warning',
				path,
				code: 'branch.untrained',
				branch: branch.rate,
				standardDeviation,
				kurtosis,
			});
		}
		const taps = tapsInPadding(branch.rate, shapes.get(featuresName));
		if (taps.length > 0) {
			const severity = taps.length === tapCount - 1 ? 'warning' : 'info';
			findings.push({ severity, path, code: 'taps.alwaysPadding', branch: branch.rate, taps });
		}
	}
	return [
		...findings,
		...findingsOfRates(
			head.branches.map(({ rate }) => rate),
			head.join,
			outputStride,
		),
	];
}

function findingsOfRates(rates: readonly number[], join: CheckedHead['join'], outputStride: number): Finding[] {
	const usual = new Set(outputStride > trainedStride ? ratesAt(usualRates, outputStride) : usualRates);
	const findings: Finding[] = [];
	const equal = [...new Set(rates.filter((rate, index) => rates.indexOf(rate) !== index))];
	if (equal.length > 0) {
		findings.push({ severity: 'warning', path: undefined, code: 'head.equalRates', rates: equal });
	}
	if (join === 'mixed') {
		// DeepLabv3 has other rates than the paper of DeepLabv2, by its own output stride.
		return findings;
	}
	const unusual = [...new Set(rates.filter((rate) => !usual.has(rate)))];
	if (unusual.length > 0) {
		findings.push({ severity: 'info', path: undefined, code: 'head.unusualRates', rates: unusual });
	}
	return findings;
}

function noiseOf({ weight, bias }: CheckedHead['branches'][number], channels: number): ReturnType<typeof initialNoise> {
	const weights = floatsOf(weight);
	return weights && initialNoise(weights, bias && floatsOf(bias), channels * tapCount);
}

/** Taps that are outside of the grid from each of its cells. */
function tapsInPadding(rate: number, features: Shape | undefined): number[] {
	const [, , height, width] = features ?? [];
	if (height === undefined || width === undefined) {
		return [];
	}
	return Array.from({ length: tapCount }, (_, tap) => tap).filter(
		(tap) => Math.abs(Math.floor(tap / 3) - 1) * rate >= height || Math.abs((tap % 3) - 1) * rate >= width,
	);
}

/** Every node that a value depends on. */
function nodesBehind(graph: OnnxGraph, value: string): ReadonlySet<OnnxNode> {
	const wanted = new Set([value]);
	const found = new Set<OnnxNode>();
	for (const node of graph.nodes.toReversed()) {
		if (node.outputs.some((output) => wanted.has(output))) {
			found.add(node);
			for (const input of node.inputs) {
				wanted.add(input);
			}
		}
	}
	return found;
}
