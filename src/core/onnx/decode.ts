/** Reads ONNX models. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
import { InspectorError } from '../problem';
import { rankLimit, readTensor } from './decodeTensor';
import type { AttributeValue, Dimension, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, ValueInfo } from './ir';
import { type Int64, WireError, WireReader } from './protobuf';

/**
 * The model in the bytes of an `.onnx` file. Tensor data are views of `bytes`, which must not change afterwards.
 *
 * @param name The file's name, for errors.
 * @throws InspectorError `model.damaged` with the place, or `model.unsupported` for weights kept in other files.
 */
export function decodeOnnx(bytes: Uint8Array, name: string): OnnxModel {
	try {
		// A plain array even where `bytes` is a subclass, e.g. Node's Buffer.
		const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const model = readModel(new WireReader(plain), name);
		checkValues(model.graph, name);
		return model;
	} catch (error) {
		if (error instanceof WireError) {
			throw new InspectorError({ code: 'model.damaged', name, detail: error.message }, { cause: error });
		}
		throw error;
	}
}

function readModel(reader: WireReader, name: string): OnnxModel {
	let irVersion = 0;
	let opset: number | undefined;
	let producer = '';
	let graph: OnnxGraph | undefined;
	const metadata = new Map<string, string>();
	const extra: Uint8Array[] = [];
	while (reader.next()) {
		switch (reader.field) {
			case 1:
				irVersion = reader.integer();
				break;
			case 2:
				producer = reader.string();
				break;
			case 7:
				if (graph) {
					throw new WireError(reader.fieldStart, 'a second graph');
				}
				graph = readGraph(reader.message(), name);
				break;
			case 8: {
				const start = reader.fieldStart;
				const entry = readOpset(reader.message());
				if (entry.domain === '' || entry.domain === 'ai.onnx') {
					opset = entry.version;
				} else {
					extra.push(reader.span(start));
				}
				break;
			}
			case 14: {
				const [key, value] = readEntry(reader.message());
				metadata.set(key, value);
				break;
			}
			default:
				extra.push(reader.skip());
		}
	}
	if (!graph) {
		throw new InspectorError({ code: 'model.damaged', name, detail: 'no graph in it' });
	}
	return {
		irVersion,
		opset: opset ?? 1,
		producer,
		graph,
		metadata: Object.fromEntries(metadata),
		...kept(extra),
	};
}

function readOpset(reader: WireReader): { domain: string; version: number } {
	let domain = '';
	let version = 1;
	while (reader.next()) {
		if (reader.field === 1) {
			domain = reader.string();
		} else if (reader.field === 2) {
			version = reader.integer();
		} else {
			reader.skip();
		}
	}
	return { domain, version };
}

function readEntry(reader: WireReader): [key: string, value: string] {
	let key = '';
	let value = '';
	while (reader.next()) {
		if (reader.field === 1) {
			key = reader.string();
		} else if (reader.field === 2) {
			value = reader.string();
		} else {
			reader.skip();
		}
	}
	return [key, value];
}

function readGraph(reader: WireReader, fileName: string): OnnxGraph {
	let name = '';
	const nodes: OnnxNode[] = [];
	const initializers: OnnxTensor[] = [];
	const inputs: ValueInfo[] = [];
	const outputs: ValueInfo[] = [];
	const extra: Uint8Array[] = [];
	while (reader.next()) {
		switch (reader.field) {
			case 1:
				nodes.push(readNode(reader.message(), fileName));
				break;
			case 2:
				name = reader.string();
				break;
			case 5:
				initializers.push(readTensor(reader.message(), fileName));
				break;
			case 11:
				inputs.push(readValueInfo(reader.message()));
				break;
			case 12:
				outputs.push(readValueInfo(reader.message()));
				break;
			default:
				extra.push(reader.skip());
		}
	}
	return { name, nodes, initializers, inputs, outputs, ...kept(extra) };
}

function readNode(reader: WireReader, fileName: string): OnnxNode {
	let name = '';
	let operator = '';
	let domain = '';
	const inputs: string[] = [];
	const outputs: string[] = [];
	const attributes = new Map<string, AttributeValue>();
	const extra: Uint8Array[] = [];
	while (reader.next()) {
		switch (reader.field) {
			case 1:
				inputs.push(reader.string());
				break;
			case 2:
				outputs.push(reader.string());
				break;
			case 3:
				name = reader.string();
				break;
			case 4:
				operator = reader.string();
				break;
			case 5: {
				const start = reader.fieldStart;
				const message = reader.message();
				const content = reader.span(message.position);
				const [key, value] = readAttribute(message, content, fileName);
				if (attributes.has(key)) {
					throw new WireError(start, `attribute “${key}” twice`);
				}
				attributes.set(key, value);
				break;
			}
			case 7:
				domain = reader.string();
				break;
			default:
				extra.push(reader.skip());
		}
	}
	return { name, operator, ...(domain === '' ? {} : { domain }), inputs, outputs, attributes, ...kept(extra) };
}

/** Attribute types by number; a type left out (very old files) is told from the field that is there. */
const kinds = ['', 'float', 'int', 'string', 'tensor', '', 'floats', 'ints', 'strings'] as const;
const kindOfField = new Map<number, (typeof kinds)[number]>([
	[2, 'float'],
	[3, 'int'],
	[4, 'string'],
	[5, 'tensor'],
	[7, 'floats'],
	[8, 'ints'],
	[9, 'strings'],
]);

function readAttribute(reader: WireReader, content: Uint8Array, fileName: string): [name: string, AttributeValue] {
	let name = '';
	let type = 0;
	let seen: (typeof kinds)[number] = '';
	let opaque = false;
	let float = 0;
	let int: Int64 = 0;
	let tensor: OnnxTensor | undefined;
	const floats: number[] = [];
	const ints: Int64[] = [];
	const strings: Uint8Array[] = [];
	let string: Uint8Array = new Uint8Array(0);
	while (reader.next()) {
		seen = kindOfField.get(reader.field) ?? seen;
		switch (reader.field) {
			case 1:
				name = reader.string();
				break;
			case 2:
				float = reader.float();
				break;
			case 3:
				int = reader.int64();
				break;
			case 4:
				string = reader.bytes();
				break;
			case 5:
				tensor = readTensor(reader.message(), fileName);
				break;
			case 7: {
				const bytes = reader.fixed(4);
				const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
				for (let offset = 0; offset < bytes.length; offset += 4) {
					floats.push(view.getFloat32(offset, true));
				}
				break;
			}
			case 8:
				reader.varints(ints);
				break;
			case 9:
				strings.push(reader.bytes());
				break;
			case 13:
				reader.skip();
				break;
			case 20:
				type = reader.integer();
				break;
			default:
				opaque = true;
				reader.skip();
		}
	}
	const raw: AttributeValue = { kind: 'raw', value: content };
	switch (opaque ? '' : (kinds[type] ?? '') || seen) {
		case 'float':
			return [name, { kind: 'float', value: float }];
		case 'int':
			return [name, { kind: 'int', value: int }];
		case 'string': {
			const value = textOf(string);
			return [name, value === undefined ? raw : { kind: 'string', value }];
		}
		case 'tensor':
			return [name, tensor ? { kind: 'tensor', value: tensor } : raw];
		case 'floats':
			return [name, { kind: 'floats', value: floats }];
		case 'ints':
			return [name, { kind: 'ints', value: ints }];
		case 'strings': {
			const values = strings.map(textOf);
			return [name, values.every((value) => value !== undefined) ? { kind: 'strings', value: values } : raw];
		}
		default:
			return [name, raw];
	}
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string | undefined {
	try {
		return utf8.decode(bytes);
	} catch {
		return undefined;
	}
}

function readValueInfo(reader: WireReader): ValueInfo {
	let name = '';
	let type: Pick<ValueInfo, 'dataType' | 'shape'> = {};
	const extra: Uint8Array[] = [];
	while (reader.next()) {
		if (reader.field === 1) {
			name = reader.string();
		} else if (reader.field === 2) {
			const start = reader.fieldStart;
			const tensorType = readTensorType(reader.message());
			if (tensorType) {
				type = tensorType;
			} else {
				extra.push(reader.span(start));
			}
		} else {
			extra.push(reader.skip());
		}
	}
	return { name, ...type, ...kept(extra) };
}

/** Undefined for a type that is no tensor. */
function readTensorType(reader: WireReader): Pick<ValueInfo, 'dataType' | 'shape'> | undefined {
	let found: Pick<ValueInfo, 'dataType' | 'shape'> | undefined;
	while (reader.next()) {
		if (reader.field !== 1) {
			reader.skip();
			continue;
		}
		const tensor = reader.message();
		let dataType = 0;
		let shape: Dimension[] | undefined;
		while (tensor.next()) {
			if (tensor.field === 1) {
				dataType = tensor.integer();
			} else if (tensor.field === 2) {
				shape = readShape(tensor.message());
			} else {
				tensor.skip();
			}
		}
		found = { dataType, ...(shape ? { shape } : {}) };
	}
	return found;
}

function readShape(reader: WireReader): Dimension[] {
	const shape: Dimension[] = [];
	while (reader.next()) {
		if (reader.field !== 1) {
			reader.skip();
			continue;
		}
		let dimension: Dimension = null;
		const inner = reader.message();
		while (inner.next()) {
			if (inner.field === 1) {
				dimension = inner.integer();
			} else if (inner.field === 2) {
				dimension = inner.string();
			} else {
				inner.skip();
			}
		}
		shape.push(dimension);
		if (shape.length > rankLimit) {
			throw new WireError(reader.fieldStart, `a shape of more than ${rankLimit} dimensions`);
		}
	}
	return shape;
}

/** Every value a node takes must be made before it, and none be made twice. */
function checkValues(graph: OnnxGraph, name: string): void {
	const damaged = (detail: string) => new InspectorError({ code: 'model.damaged', name, detail });
	const known = new Set(['']);
	for (const { name: value } of [...graph.inputs, ...graph.initializers]) {
		known.add(value);
	}
	// Values of sparse initializers live in fields that are only kept, so a missing name can then not be told.
	const complete = !graph.extra?.some((field) => field[0] === 15 * 8 + 2);
	for (const [index, node] of graph.nodes.entries()) {
		const place = `node ${index} (${node.operator}${node.name === '' ? '' : ` “${node.name}”`})`;
		for (const input of node.inputs) {
			if (complete && !known.has(input)) {
				throw damaged(`${place} takes “${input}”, which nothing before it makes`);
			}
		}
		for (const output of node.outputs) {
			if (output !== '' && known.has(output)) {
				throw damaged(`${place} makes “${output}”, which exists already`);
			}
			known.add(output);
		}
	}
	for (const output of graph.outputs) {
		if (complete && !known.has(output.name)) {
			throw damaged(`output “${output.name}” is made by no node`);
		}
	}
}

function kept(extra: Uint8Array[]): { extra?: Uint8Array[] } {
	return extra.length > 0 ? { extra } : {};
}
