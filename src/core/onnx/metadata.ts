/** What a model file says about itself, in its `metadata_props` under `deeplab.*`. */
import type { AsppBranch, ClassInfo, ModelMetadata, Preprocessing } from '../model';
import { InspectorError } from '../problem';
import type { OnnxModel } from './ir';
import { JsonValue } from './jsonValue';

const formatVersion = 1;
const prefix = 'deeplab.';
const advice = 'choose a model built or imported by DeepLab Inspector';

/** One entry a field of {@link ModelMetadata}; texts as they are, everything else as JSON. */
export function writeMetadata(metadata: ModelMetadata): Record<string, string> {
	return {
		'deeplab.formatVersion': String(formatVersion),
		'deeplab.name': metadata.name,
		'deeplab.family': metadata.family,
		'deeplab.backbone': metadata.backbone,
		'deeplab.outputStride': String(metadata.outputStride),
		'deeplab.preprocessing': JSON.stringify(metadata.preprocessing),
		'deeplab.classes': JSON.stringify(metadata.classes),
		'deeplab.ignoreLabel': String(metadata.ignoreLabel),
		'deeplab.branches': JSON.stringify(metadata.branches),
		'deeplab.linearHead': String(metadata.linearHead),
		...(metadata.join === 'mixed' ? { 'deeplab.join': metadata.join } : {}),
	};
}

/**
 * @param name The file's name, for errors.
 * @throws InspectorError `model.foreign` where there is not one entry, `model.unsupported` naming the entry or output that is missing or wrong.
 */
export function readMetadata(model: OnnxModel, name: string): ModelMetadata {
	const unsupported = (place: string, detail: string) =>
		new InspectorError({ code: 'model.unsupported', name, detail: `${place} ${detail}; ${advice}` });
	const has = (key: string) => Object.hasOwn(model.metadata, prefix + key);
	const text = (key: string): string => {
		if (!has(key)) {
			throw unsupported(prefix + key, 'is missing from its metadata');
		}
		return model.metadata[prefix + key]!;
	};
	const word = (key: string) => new JsonValue(text(key), prefix + key, unsupported).string();
	const json = (key: string): JsonValue => {
		let value: unknown;
		try {
			value = JSON.parse(text(key));
		} catch (error) {
			if (error instanceof InspectorError) {
				throw error;
			}
			throw unsupported(prefix + key, 'is not JSON');
		}
		return new JsonValue(value, prefix + key, unsupported);
	};

	if (!Object.keys(model.metadata).some((key) => key.startsWith(prefix))) {
		throw new InspectorError({ code: 'model.foreign', name });
	}
	json('formatVersion').integer(formatVersion, formatVersion);
	const metadata: ModelMetadata = {
		name: word('name'),
		family: word('family'),
		backbone: word('backbone'),
		outputStride: json('outputStride').integer(1, 64),
		preprocessing: readPreprocessing(json('preprocessing')),
		classes: readClasses(json('classes')),
		ignoreLabel: json('ignoreLabel').integer(0, 255),
		branches: readBranches(json('branches')),
		linearHead: json('linearHead').boolean(),
		...(has('join') && text('join') === 'mixed' ? { join: 'mixed' } : {}),
	};
	const outputs = new Set(model.graph.outputs.map((output) => output.name));
	for (const output of ['features', ...metadata.branches.map((branch) => branch.output), 'logits']) {
		if (!outputs.has(output)) {
			throw unsupported(`output “${output}”`, 'is missing from its graph');
		}
	}
	return metadata;
}

function readPreprocessing(json: JsonValue): Preprocessing {
	const std = triple(json.get('std'), (item) => {
		if (item.number() === 0) {
			throw item.error('should not be 0');
		}
		return item.number();
	});
	const has = (key: string) => typeof json.value === 'object' && json.value !== null && Object.hasOwn(json.value, key);
	return {
		channelOrder: json.get('channelOrder').oneOf('RGB', 'BGR'),
		mean: triple(json.get('mean'), (item) => item.number()),
		std,
		padValue: triple(json.get('padValue'), (item) => item.number()),
		longestSide: json.get('longestSide').integer(1, 65536),
		padMultiple: json.get('padMultiple').integer(1, 1024),
		...(has('padRemainder') ? { padRemainder: json.get('padRemainder').integer(0, 1) === 0 ? 0 : 1 } : {}),
		...(has('inputSize') ? { inputSize: readSize(json.get('inputSize')) } : {}),
		...(has('resize') ? { resize: json.get('resize').oneOf('fit', 'stretch') } : {}),
		alignCorners: json.get('alignCorners').boolean(),
	};
}

function readClasses(json: JsonValue): ClassInfo[] {
	const items = json.array();
	if (items.length < 2 || items.length > 256) {
		throw json.error(`has ${items.length} classes; should have 2 to 256`);
	}
	return items.map((item) => ({
		name: item.get('name').string(),
		color: triple(item.get('color'), (channel) => channel.integer(0, 255)),
	}));
}

function readBranches(json: JsonValue): AsppBranch[] {
	const branches = json.array().map((item) => ({
		rate: item.get('rate').integer(1, 1024),
		output: item.get('output').string(),
	}));
	for (const key of ['rate', 'output'] as const) {
		if (new Set(branches.map((branch) => branch[key])).size !== branches.length) {
			throw json.error(`has two branches with the same ${key}`);
		}
	}
	return branches;
}

function readSize(json: JsonValue): [height: number, width: number] {
	const sides = json.array();
	if (sides.length !== 2) {
		throw json.error('should be height and width');
	}
	return [sides[0]!.integer(1, 16384), sides[1]!.integer(1, 16384)];
}

function triple(json: JsonValue, read: (item: JsonValue) => number): [number, number, number] {
	const items = json.array();
	if (items.length !== 3) {
		throw json.error('should be three numbers');
	}
	return [read(items[0]!), read(items[1]!), read(items[2]!)];
}
