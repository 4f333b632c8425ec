import type { ModelMetadata } from '../model';
import { DataType, type OnnxModel, type OnnxNode, type OnnxTensor, type ValueInfo } from '../onnx/ir';
import type { Constants } from '../onnx/operators';
import { InspectorError } from '../problem';
import { atRate, featuresName, type TracedBranch, traceHead } from './headTrace';

/**
 * The head alone, from the features to every branch, with other dilation rates. Weights stay as they are.
 *
 * Input `features`, 1 x channels x H x W; outputs `branch.0`, `branch.1`… in the head's order, 1 x classes x H x W.
 *
 * @param rates One a branch, at least 1; they may repeat. A branch whose rate is undefined is left out.
 * @param name The file's name, for errors.
 * @throws InspectorError `model.unsupported` where there is no head.
 */
export function buildHeadModel(
	model: OnnxModel,
	metadata: ModelMetadata,
	rates: readonly (number | undefined)[],
	name: string,
): OnnxModel {
	const { branches, constants, classes, channels } = traceHead(model, metadata, name);
	const wanted = branches.flatMap((branch, index) => {
		const rate = rates[index];
		return rate === undefined ? [] : [{ branch, index, rate }];
	});
	const areRates = wanted.every(({ rate }) => Number.isInteger(rate) && rate >= 1);
	if (rates.length !== branches.length || wanted.length === 0 || !areRates) {
		throw new RangeError(`rates ${rates.join(', ')} for ${branches.length} branches`);
	}
	const weights = new Map<string, OnnxTensor>();
	const nodes = wanted.flatMap(({ branch, index, rate }) => {
		for (const node of branch.chain) {
			takeConstants(node, constants, weights, name);
		}
		return chainAtRate(branch, rate, index, constants);
	});
	const value = (valueName: string, depth: number): ValueInfo => ({
		name: valueName,
		dataType: DataType.float,
		shape: [1, depth, 'grid_height', 'grid_width'],
	});
	return {
		irVersion: model.irVersion,
		opset: model.opset,
		producer: 'DeepLab Inspector',
		metadata: {},
		graph: {
			name: 'head',
			nodes,
			initializers: [...weights.values()],
			inputs: [value(featuresName, channels)],
			outputs: wanted.map(({ index }) => value(branchOutput(index), classes)),
		},
	};
}

/** Name of a branch's output. */
export function branchOutput(index: number): string {
	return `branch.${index}`;
}

/** The branch's own copy of its layers, under names that no other branch has. */
function chainAtRate({ chain, dilated }: TracedBranch, rate: number, index: number, constants: Constants): OnnxNode[] {
	let input = featuresName;
	return chain.map((node, step) => {
		const output = step === chain.length - 1 ? branchOutput(index) : `${branchOutput(index)}/${step}`;
		const copy: OnnxNode = {
			...(node === dilated ? atRate(node, rate) : node),
			name: `${branchOutput(index)}/${node.name || step}`,
			inputs: node.inputs.map((each) => (constants.names.has(each) ? each && constantName(each) : input)),
			outputs: [output],
		};
		input = output;
		return copy;
	});
}

function takeConstants(node: OnnxNode, constants: Constants, taken: Map<string, OnnxTensor>, fileName: string): void {
	for (const weight of node.inputs.filter((each) => each !== '' && constants.names.has(each))) {
		const tensor = constants.tensors.get(weight);
		if (!tensor) {
			const detail = `“${weight}”, which ${node.operator} “${node.name}” takes, is not stored as a tensor`;
			throw new InspectorError({ code: 'model.unsupported', name: fileName, detail });
		}
		taken.set(weight, { ...tensor, name: constantName(weight) });
	}
}

/** Apart from the names of the values. */
function constantName(name: string): string {
	return `constant/${name}`;
}
