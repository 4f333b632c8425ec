import { DataType, intAttribute, type OnnxNode } from '../ir';
import type { BackwardGraph } from './backwardGraph';
import { convBackward } from './convolution';
import {
	addBackward,
	batchNormBackward,
	clipBackward,
	divideBackward,
	expandBackward,
	leakyReluBackward,
	multiplyBackward,
	reluBackward,
	subtractBackward,
} from './elementwise';
import { concatBackward, padBackward, reshapeBackward } from './layout';
import { averagePoolBackward, globalAveragePoolBackward, maxPoolBackward, reduceMeanBackward } from './pooling';
import { resizeBackward } from './resize';

/**
 * The node's backward step: from dL/doutput (`gradient`, of the output's shape) to what it contributes to dL/dinput.
 * @throws InspectorError `model.unsupported` for an operator, or a form of one, that cannot be differentiated here.
 */
export function propagate(node: OnnxNode, gradient: string, graph: BackwardGraph): void {
	switch (node.operator) {
		case 'Identity':
			graph.contribute(node.inputs[0], gradient);
			return;
		case 'Cast':
			if (intAttribute(node, 'to', 0) !== DataType.float) {
				throw graph.unsupported(node, 'only float32 can be differentiated');
			}
			graph.contribute(node.inputs[0], gradient);
			return;
		case 'Conv':
			convBackward(node, gradient, graph);
			return;
		case 'Relu':
			reluBackward(node, gradient, graph);
			return;
		case 'LeakyRelu':
			leakyReluBackward(node, gradient, graph);
			return;
		case 'Clip':
			clipBackward(node, gradient, graph);
			return;
		case 'Add':
		case 'Sum':
			addBackward(node, gradient, graph);
			return;
		case 'Sub':
			subtractBackward(node, gradient, graph);
			return;
		case 'Mul':
			multiplyBackward(node, gradient, graph);
			return;
		case 'Div':
			divideBackward(node, gradient, graph);
			return;
		case 'BatchNormalization':
			batchNormBackward(node, gradient, graph);
			return;
		case 'MaxPool':
			maxPoolBackward(node, gradient, graph);
			return;
		case 'AveragePool':
			averagePoolBackward(node, gradient, graph);
			return;
		case 'GlobalAveragePool':
			globalAveragePoolBackward(node, gradient, graph);
			return;
		case 'ReduceMean':
			reduceMeanBackward(node, gradient, graph);
			return;
		case 'Expand':
			expandBackward(node, gradient, graph);
			return;
		case 'Flatten':
		case 'Reshape':
		case 'Squeeze':
		case 'Unsqueeze':
			reshapeBackward(node, gradient, graph);
			return;
		case 'Concat':
			concatBackward(node, gradient, graph);
			return;
		case 'Pad':
			padBackward(node, gradient, graph);
			return;
		case 'Resize':
			resizeBackward(node, gradient, graph);
			return;
		default:
			throw graph.unsupported(node, 'this operator cannot be differentiated');
	}
}
