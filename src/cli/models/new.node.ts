import { classSet, classSetOfSize } from '../../core/classSets';
import { encodeOnnx } from '../../core/onnx/encode';
import { buildRandomNetwork } from '../../core/onnx/networks/randomWeights';
import type { NewCommand } from '../commandLine/commands';
import { writeWhole } from '../platform/files.node';
import type { Terminal } from '../terminal';
import { writtenLine } from './modelText';

/**
 * Writes a network with random weights.
 * @returns exit code
 * @throws InspectorError `weights.unsupported` where the rates do not fit the output stride, or `output.unwritable`
 */
export async function newModel(command: NewCommand, terminal: Terminal, signal: AbortSignal): Promise<number> {
	const { backbone, head, classes, width, seed, outputStride, out } = command;
	const set = classSetOfSize(classes);
	const model = buildRandomNetwork(
		backbone,
		head,
		{ classes, width, seed },
		{
			name: command.modelName ?? `DeepLabv2, ${backbone}, ${head}, random weights (seed ${seed})`,
			outputStride,
			classes: set && classSet(set),
		},
	);
	const bytes = encodeOnnx(model);
	await writeWhole(out, bytes, signal);
	terminal.out(writtenLine(out, bytes));
	return 0;
}
