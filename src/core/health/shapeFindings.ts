import { featuresName } from '../aspp/headTrace';
import type { Finding, ModelMetadata } from '../model';
import type { OnnxGraph } from '../onnx/ir';
import type { Constants } from '../onnx/operators';
import type { Shape } from '../onnx/shapes';
import type { PathOf } from './paths';

/** Outputs whose shapes cannot be told, or that do not lie on one grid. */
export function findingsOfShapes(
	graph: OnnxGraph,
	metadata: ModelMetadata,
	shapes: ReadonlyMap<string, Shape>,
	constants: Constants,
	pathOf: PathOf,
): Finding[] {
	const outputs = [featuresName, ...metadata.branches.map(({ output }) => output), 'logits'];
	const open = outputs.filter((output) => !shapes.has(output));
	if (open.length > 0) {
		const first = graph.nodes.find(
			({ inputs, outputs: [output = ''] }) =>
				!shapes.has(output) &&
				!constants.names.has(output) &&
				inputs.every((input) => constants.names.has(input) || shapes.has(input)),
		);
		const detail = first
			? `${first.operator} after ${inputShapes(first.inputs, shapes, constants)}`
			: open.map((output) => `“${output}”`).join(', ');
		return [{ severity: 'warning', path: first && pathOf(first), code: 'shapes.open', detail }];
	}
	const grid = (output: string) => shapes.get(output)!.slice(2).join('x');
	const apart = outputs.filter((output) => grid(output) !== grid('logits'));
	return apart.map((output) => ({
		severity: 'error',
		path: undefined,
		code: 'shapes.open',
		detail: `“${output}” is ${grid(output)}, “logits” ${grid('logits')}`,
	}));
}

function inputShapes(inputs: readonly string[], shapes: ReadonlyMap<string, Shape>, constants: Constants): string {
	return inputs
		.filter((input) => !constants.names.has(input))
		.map((input) => shapes.get(input)!.join('x'))
		.join(' and ');
}
