import type { OnnxGraph, OnnxNode } from '../onnx/ir';
import { layerPaths } from '../onnx/layerPaths';
import type { Constants } from '../onnx/operators';

/** Tells the path of a node's line in the network's tree; undefined for a node without one. */
export type PathOf = (node: OnnxNode) => string | undefined;

export function pathFinder(graph: OnnxGraph, constants: Constants): PathOf {
	const paths = layerPaths(graph, constants);
	return (node) => paths.get(node)?.join('.');
}
