import { traceHead } from '../aspp/headTrace';
import { traceMixing } from '../aspp/mixedTrace';
import type { Finding, ModelMetadata, Severity } from '../model';
import type { OnnxModel } from '../onnx/ir';
import { type Constants, constantsOf } from '../onnx/operators';
import { inferShapes } from '../onnx/shapes';
import { toProblem } from '../problem';
import { type CheckedHead, findingsOfHead } from './headFindings';
import { pathFinder } from './paths';
import { findingsOfShapes } from './shapeFindings';
import { findingsOfWeights } from './weightFindings';

/**
 * The health check: what is odd about a model that can be opened. Every finding is something to look at, not a proof.
 *
 * @param inputSize Height and width in pixels that shapes and taps are judged for.
 * @returns the gravest first, then in the order of the layers
 */
export function checkModel(
	model: OnnxModel,
	metadata: ModelMetadata,
	inputSize: readonly [height: number, width: number],
): Finding[] {
	const { graph } = model;
	const constants: Constants = constantsOf(graph);
	const shapes = inferShapes(graph, inputSize);
	const pathOf = pathFinder(graph, constants);
	const findings = [
		...findingsOfShapes(graph, metadata, shapes, constants, pathOf),
		...findingsOfWeights(graph, constants, pathOf),
	];
	const head = tracedHead(model, metadata);
	if ('detail' in head) {
		findings.push({ severity: 'warning', path: undefined, code: 'head.missing', detail: head.detail });
	} else {
		findings.push(...findingsOfHead(graph, head, shapes, pathOf, metadata.outputStride));
	}
	return findings.sort((one, other) => gravity[one.severity] - gravity[other.severity]);
}

const gravity: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** The head, or why there is none. */
function tracedHead(model: OnnxModel, metadata: ModelMetadata): CheckedHead | { readonly detail: string } {
	try {
		if (metadata.join === 'mixed') {
			const { dilated, channels } = traceMixing(model, metadata, metadata.name);
			return { branches: dilated, channels, join: metadata.join };
		}
		return { ...traceHead(model, metadata, metadata.name), join: 'sum' };
	} catch (error) {
		const problem = toProblem(error);
		if (problem.code !== 'model.unsupported' && problem.code !== 'model.noAspp') {
			throw error;
		}
		return { detail: problem.detail };
	}
}
