/**
 * Reads `.caffemodel`: Caffe's `NetParameter` in protobuf's wire format.
 * Source: https://github.com/BVLC/caffe/blob/master/src/caffe/proto/caffe.proto
 */
import { type Int64, WireError, WireReader } from '../onnx/protobuf';
import { InspectorError } from '../problem';
import { FixedValues } from './fixedValues';
import type { Tensor, TensorData } from './tensor';

/** A layer that has weights. */
interface Layer {
	readonly name: string;
	readonly blobs: readonly Blob[];
}

interface Blob {
	readonly shape: readonly number[];
	readonly data: TensorData;
}

/**
 * The blobs of every layer as `<layer>.<index>`, in the file's order: `conv1.0` is a convolution's weight, `conv1.1`
 * its bias; of a BatchNorm layer they are mean, variance and the factor both are to be divided by. Where a file has a
 * layer twice, the later one counts, as in Caffe. Values are views of `bytes` where their alignment allows.
 *
 * @param name The file's name, for errors.
 * @throws InspectorError `weights.damaged` naming the layer and the byte, `weights.unsupported` for a file that has
 * no weights or is of a Caffe before layers had names.
 */
export function readCaffeModel(bytes: Uint8Array, name: string): Map<string, Tensor> {
	const place = { layer: '' };
	try {
		return collect(readNet(new WireReader(bytes), place), name);
	} catch (error) {
		if (!(error instanceof WireError)) {
			throw error;
		}
		const where = place.layer === '' ? '' : `layer “${place.layer}”: `;
		const detail = `${where}${error.message}; the file is cut or no .caffemodel`;
		throw new InspectorError({ code: 'weights.damaged', name, detail }, { cause: error });
	}
}

function collect(layers: readonly Layer[], name: string): Map<string, Tensor> {
	const tensors = new Map<string, Tensor>();
	for (const layer of layers) {
		for (const [index, { shape, data }] of layer.blobs.entries()) {
			const key = `${layer.name}.${index}`;
			const size = shape.reduce((product, side) => product * side, 1);
			if (size !== data.length) {
				const detail = `blob ${index} of layer “${layer.name}” is ${shape.join('x') || 'a scalar'} with ${data.length} values`;
				throw new InspectorError({ code: 'weights.damaged', name, detail });
			}
			tensors.set(key, { name: key, shape, data });
		}
	}
	if (tensors.size === 0) {
		throw new InspectorError({ code: 'weights.unsupported', name, detail: 'it has no layer with weights' });
	}
	return tensors;
}

/** `place` tells a catcher which layer is being read. */
function readNet(reader: WireReader, place: { layer: string }): Layer[] {
	const layers: Layer[] = [];
	while (reader.next()) {
		const isOld = reader.field === 2;
		if (isOld || reader.field === 100) {
			place.layer = `number ${layers.length + 1}`;
			layers.push(readLayer(reader.message(), isOld ? oldLayer : newLayer, place));
			place.layer = '';
		} else {
			reader.skip();
		}
	}
	return layers;
}

/** Field numbers of `LayerParameter` and of `V1LayerParameter`. */
const newLayer = { name: 1, blobs: 7 } as const;
const oldLayer = { name: 4, blobs: 6 } as const;

function readLayer(reader: WireReader, fields: { name: number; blobs: number }, place: { layer: string }): Layer {
	let name = '';
	const blobs: Blob[] = [];
	while (reader.next()) {
		switch (reader.field) {
			case fields.name:
				name = reader.string();
				place.layer = name;
				break;
			case fields.blobs:
				blobs.push(readBlob(reader.message()));
				break;
			default:
				reader.skip();
		}
	}
	return { name, blobs };
}

/** `BlobProto`: values as floats or doubles, packed or not; sizes as `shape`, in old files as four fields. */
function readBlob(reader: WireReader): Blob {
	const floats = new FixedValues();
	const doubles = new FixedValues();
	const old: (number | undefined)[] = [];
	let shape: number[] | undefined;
	while (reader.next()) {
		switch (reader.field) {
			case 1:
			case 2:
			case 3:
			case 4:
				old[reader.field - 1] = side(reader, reader.integer());
				break;
			case 5:
				floats.append(reader.fixed(4));
				break;
			case 7:
				shape = readShape(reader.message());
				break;
			case 8:
				doubles.append(reader.fixed(8));
				break;
			default:
				reader.skip();
		}
	}
	const data = doubles.length > 0 ? doubles.toFloat64() : floats.toFloat32();
	return { shape: shape ?? (old.length > 0 ? [0, 1, 2, 3].map((axis) => old[axis] ?? 0) : [data.length]), data };
}

function readShape(reader: WireReader): number[] {
	const dims: Int64[] = [];
	while (reader.next()) {
		if (reader.field === 1) {
			reader.varints(dims);
		} else {
			reader.skip();
		}
	}
	return dims.map((dim) => side(reader, dim));
}

function side(reader: WireReader, value: Int64): number {
	if (typeof value === 'bigint' || value < 0 || value >= 2 ** 31) {
		throw new WireError(reader.fieldStart, `a blob with the size ${value}`);
	}
	return value;
}
