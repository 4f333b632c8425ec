/** Writes ONNX models. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
import type { AttributeValue, Dimension, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, ValueInfo } from './ir';
import { DataType } from './ir';
import { WireWriter } from './protobuf';

/** The bytes of an `.onnx` file. The same model always gives the same bytes. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
	const writer = new WireWriter().int(1, model.irVersion);
	text(writer, 2, model.producer);
	writer.message(7, graph(model.graph)).message(8, new WireWriter().string(1, '').int(2, model.opset));
	for (const [key, value] of Object.entries(model.metadata)) {
		writer.message(14, new WireWriter().string(1, key).string(2, value));
	}
	return writer.raw(model.extra ?? []).finish();
}

function graph(source: OnnxGraph): WireWriter {
	const writer = new WireWriter();
	for (const item of source.nodes) {
		writer.message(1, node(item));
	}
	text(writer, 2, source.name);
	for (const item of source.initializers) {
		writer.message(5, tensor(item));
	}
	for (const item of source.inputs) {
		writer.message(11, valueInfo(item));
	}
	for (const item of source.outputs) {
		writer.message(12, valueInfo(item));
	}
	return writer.raw(source.extra ?? []);
}

function node(source: OnnxNode): WireWriter {
	const writer = new WireWriter();
	for (const name of source.inputs) {
		writer.string(1, name);
	}
	for (const name of source.outputs) {
		writer.string(2, name);
	}
	text(writer, 3, source.name);
	text(writer, 4, source.operator);
	for (const [name, value] of source.attributes) {
		if (value.kind === 'raw') {
			writer.bytes(5, value.value);
		} else {
			writer.message(5, attribute(name, value));
		}
	}
	text(writer, 7, source.domain ?? '');
	return writer.raw(source.extra ?? []);
}

/** Numbers of `AttributeProto.AttributeType`. */
const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const;

function attribute(name: string, source: Exclude<AttributeValue, { kind: 'raw' }>): WireWriter {
	const writer = new WireWriter().string(1, name);
	switch (source.kind) {
		case 'float':
			writer.float(2, source.value);
			break;
		case 'int':
			writer.int(3, source.value);
			break;
		case 'string':
			writer.string(4, source.value);
			break;
		case 'tensor':
			writer.message(5, tensor(source.value));
			break;
		case 'floats':
			writer.floats(7, source.value);
			break;
		case 'ints':
			writer.ints(8, source.value);
			break;
		case 'strings':
			for (const value of source.value) {
				writer.string(9, value);
			}
			break;
	}
	return writer.int(20, attributeTypes[source.kind]);
}

function tensor(source: OnnxTensor): WireWriter {
	const writer = new WireWriter();
	if (source.dims.length > 0) {
		writer.ints(1, source.dims);
	}
	writer.int(2, source.dataType);
	text(writer, 8, source.name);
	if (source.dataType !== DataType.string) {
		writer.bytes(9, source.data);
	}
	return writer.raw(source.extra ?? []);
}

function valueInfo(source: ValueInfo): WireWriter {
	const writer = new WireWriter().string(1, source.name);
	if (source.dataType !== undefined) {
		const type = new WireWriter().int(1, source.dataType);
		if (source.shape !== undefined) {
			const shape = new WireWriter();
			for (const item of source.shape) {
				shape.message(1, dimension(item));
			}
			type.message(2, shape);
		}
		writer.message(2, new WireWriter().message(1, type));
	}
	return writer.raw(source.extra ?? []);
}

function dimension(source: Dimension): WireWriter {
	const writer = new WireWriter();
	if (typeof source === 'number') {
		writer.int(1, source);
	} else if (source !== null) {
		writer.string(2, source);
	}
	return writer;
}

function text(writer: WireWriter, field: number, value: string): void {
	if (value !== '') {
		writer.string(field, value);
	}
}
