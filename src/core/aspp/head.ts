import type { ModelMetadata, ReceptiveField } from '../model';
import { DataType, type OnnxModel } from '../onnx/ir';
import { featuresName, type TracedBranch, traceHead } from './headTrace';
import { cutMixedHead } from './mixedModels';
import { traceMixing } from './mixedTrace';
import { receptiveFields } from './receptiveField';
import type { AsppHead } from './types';

/**
 * What the graph says of the network's ASPP head. Rates are those of the graph, whatever the metadata says.
 *
 * @param name The file's name, for errors.
 * @throws InspectorError `model.noAspp` without one, `model.unsupported` naming the branch and the layer that is not as an
 *   ASPP head has it.
 */
export function readHead(model: OnnxModel, metadata: ModelMetadata, name: string): AsppHead {
	const fields = receptiveFields(model.graph);
	if (metadata.join === 'mixed') {
		return readMixedHead(model, metadata, fields, name);
	}
	const { branches, classes, channels } = traceHead(model, metadata, name);
	const read = branches.map((branch) => ({
		rate: branch.rate,
		output: branch.output,
		linear: isLinear(branch),
		receptiveField: fields.get(branch.output),
	}));
	return {
		branches: read,
		classes,
		channels,
		linear: read.every(({ linear }) => linear),
		features: fields.get(featuresName),
	};
}

function readMixedHead(
	model: OnnxModel,
	metadata: ModelMetadata,
	fields: ReadonlyMap<string, ReceptiveField>,
	name: string,
): AsppHead {
	const { dilated } = traceMixing(model, metadata, name);
	const { branches, readsPicture, channels } = cutMixedHead(model, metadata, name);
	return {
		branches: dilated.map(({ rate, output }) => ({
			rate,
			output,
			linear: false,
			receptiveField: fields.get(output),
		})),
		classes: metadata.classes.length,
		channels,
		linear: false,
		features: fields.get(featuresName),
		mixing: { branches, readsPicture },
	};
}

/** Whether the branch is one convolution whose weights can be taken apart. */
export function isLinear({ alone, weight, bias }: TracedBranch): boolean {
	return alone && weight.dataType === DataType.float && (bias === undefined || bias.dataType === DataType.float);
}
