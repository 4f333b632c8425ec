/** A model in a few words, for lists. */
import { type ClassSetId, classSet, classSetIds } from '../classSets';
import { ownInputSize } from '../image/ownInputSize';
import type { ModelMetadata } from '../model';
import type { OnnxModel } from './ir';
import { liveMapBytes } from './liveMaps';
import { readMetadata } from './metadata';

export interface ModelSummary {
	readonly name: string;
	readonly backbone: string;
	readonly outputStride: number;
	/** In cells of the model's own grid. */
	readonly rates: readonly number[];
	readonly classes: number;
	/** The data set whose names the classes have. */
	readonly classSet: ClassSetId | undefined;
	/** What a run takes; undefined where the graph does not say. */
	readonly memory: MemoryEstimate | undefined;
}

export interface MemoryEstimate {
	/** Beside what the worker takes without a model. */
	readonly bytes: number;
	/** Of the input it is for, in pixels. */
	readonly inputSize: readonly [height: number, width: number];
}

/**
 * @param bytes Size of the model file.
 * @param name The file's name, for errors.
 * @throws InspectorError `model.unsupported` where the file does not describe itself
 */
export function summarizeModel(model: OnnxModel, bytes: number, name: string): ModelSummary {
	const metadata = readMetadata(model, name);
	return {
		name: metadata.name,
		backbone: metadata.backbone,
		outputStride: metadata.outputStride,
		rates: metadata.branches.map(({ rate }) => rate),
		classes: metadata.classes.length,
		classSet: classSetOf(metadata),
		memory: estimateMemory(model, metadata, bytes),
	};
}

/** onnxruntime's code and its own heap, in bytes. */
const runtimeBytes = 150e6;

/**
 * While onnxruntime makes a network ready it holds the file, the weights that it has read out of it, and those it has
 * packed for its convolutions; its heap does not shrink afterwards.
 */
const weightCopies = 3;

/**
 * What the worker's process grows by, from the graph alone: the runtime, the weights, and the maps that are alive at once.
 * Measured with onnxruntime-web at 513 pixels: 233 MB for the bundled model, 789 MB for ResNet-101 at full width.
 */
function estimateMemory(model: OnnxModel, metadata: ModelMetadata, bytes: number): MemoryEstimate | undefined {
	const inputSize = ownInputSize(metadata.preprocessing);
	const maps = liveMapBytes(model.graph, inputSize);
	return maps === undefined ? undefined : { bytes: runtimeBytes + weightCopies * bytes + maps, inputSize };
}

function classSetOf({ classes }: ModelMetadata): ClassSetId | undefined {
	return classSetIds.find((id) => {
		const known = classSet(id);
		return known.length === classes.length && known.every(({ name }, label) => name === classes[label]!.name);
	});
}
