/** Reads an ONNX `TensorProto`, whichever of its fields holds the values. */
import { InspectorError } from '../problem';
import { bitsOf, DataType, elementCount, type OnnxTensor } from './ir';
import { type Int64, WireError, type WireReader } from './protobuf';

/** No operator takes more; without a limit, a small file could keep shape inference busy for hours. */
export const rankLimit = 32;

/**
 * @param fileName The file's name, for errors.
 * @throws WireError where the bytes are damaged or the number of values does not fit the shape.
 * @throws InspectorError `model.unsupported` for values kept in another file.
 */
export function readTensor(reader: WireReader, fileName: string): OnnxTensor {
	const start = reader.position;
	let name = '';
	let dataType = 0;
	let external = false;
	let raw: Uint8Array | undefined;
	const dims: Int64[] = [];
	const fixed: Uint8Array[] = [];
	const integers: Int64[] = [];
	const extra: Uint8Array[] = [];
	while (reader.next()) {
		switch (reader.field) {
			case 1:
				reader.varints(dims);
				break;
			case 2:
				dataType = reader.integer();
				break;
			case 4:
				fixed.push(reader.fixed(4));
				break;
			case 5:
			case 7:
				reader.varints(integers);
				break;
			case 8:
				name = reader.string();
				break;
			case 9:
				raw = reader.bytes();
				break;
			case 10:
				fixed.push(reader.fixed(8));
				break;
			case 11:
				reader.varints(integers, false);
				break;
			case 14:
				external = reader.integer() === 1;
				break;
			default:
				extra.push(reader.skip());
		}
	}
	if (external) {
		throw new InspectorError({
			code: 'model.unsupported',
			name: fileName,
			detail: `the values of “${name}” are in another file (external data); save the model as a single file`,
		});
	}
	if (dims.length > rankLimit) {
		throw new WireError(start, `tensor “${name}” with ${dims.length} dimensions`);
	}
	for (const dim of dims) {
		if (typeof dim === 'bigint' || dim < 0) {
			throw new WireError(start, `tensor “${name}” with a dimension of ${dim}`);
		}
	}
	const tensor: OnnxTensor = {
		name,
		dims: dims.map(Number),
		dataType,
		data: raw ?? (integers.length > 0 ? packIntegers(integers, dataType, name, start) : join(fixed)),
		...(extra.length > 0 ? { extra } : {}),
	};
	const bits = bitsOf(dataType);
	const expected = Math.ceil((elementCount(tensor.dims) * (bits ?? 0)) / 8);
	if (bits !== undefined && tensor.data.length !== expected) {
		throw new WireError(
			start,
			`tensor “${name}” of ${tensor.dims.join('x') || 'one value'} with ${tensor.data.length} bytes instead of ${expected}`,
		);
	}
	return tensor;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
	if (parts.length === 1) {
		return parts[0]!;
	}
	const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let position = 0;
	for (const part of parts) {
		joined.set(part, position);
		position += part.length;
	}
	return joined;
}

/** Small types share `int32_data`: each value holds one element's bits in its lowest bytes. */
function packIntegers(values: readonly Int64[], dataType: number, name: string, position: number): Uint8Array {
	const view = new DataView(new ArrayBuffer((values.length * (bitsOf(dataType) ?? 0)) / 8));
	for (const [index, value] of values.entries()) {
		switch (dataType) {
			case DataType.uint8:
			case DataType.int8:
			case DataType.bool:
				view.setUint8(index, Number(BigInt.asUintN(8, BigInt(value))));
				break;
			case DataType.uint16:
			case DataType.int16:
			case DataType.float16:
			case DataType.bfloat16:
				view.setUint16(index * 2, Number(BigInt.asUintN(16, BigInt(value))), true);
				break;
			case DataType.int32:
			case DataType.uint32:
				view.setUint32(index * 4, Number(BigInt.asUintN(32, BigInt(value))), true);
				break;
			case DataType.int64:
			case DataType.uint64:
				view.setBigUint64(index * 8, BigInt.asUintN(64, BigInt(value)), true);
				break;
			default:
				throw new WireError(position, `tensor “${name}” of type ${dataType} with integers for values`);
		}
	}
	return new Uint8Array(view.buffer);
}
