/** Writes networks as published checkpoints are: torch's two containers, and Caffe's with a copy for each scale. */
import type { Tensor } from '../../src/core/checkpoint/tensor';
import { floatsOf } from '../../src/core/checkpoint/tensor';
import type { ResNetWeights } from '../../src/core/onnx/networks/resnet';
import type { ConvWeights } from '../../src/core/onnx/networks/weights';
import { WireWriter } from '../../src/core/onnx/protobuf';
import { dict, integer, op, pickled, tensor, text } from '../unit/core/checkpoint/pickles';

/** A layer's convolution with the names of it and of its batch norm. */
interface NamedConv {
	readonly conv: string;
	readonly norm: string;
	readonly weights: ConvWeights;
}

/** The tensors under the names of kazuto1011/deeplab-pytorch, behind `base.` as it saves them. */
export function kazutoTensors(network: ResNetWeights): Map<string, Float32Tensor> {
	const convs = resNetConvs(
		network,
		'layer1.conv1',
		(stage, block, part) => `layer${stage}.block${block + 1}.${part}`,
	).map(({ name, weights }) => ({ conv: `base.${name}.conv`, norm: `base.${name}.bn`, weights }));
	const branches = network.branches.map(([weights], index) => ({
		conv: `base.aspp.c${index}`,
		norm: '',
		weights,
	}));
	const tensors = new Map<string, Float32Tensor>();
	const add = (name: string, part: Tensor | undefined) => {
		if (part) {
			tensors.set(name, { shape: part.shape, data: floatsOf(part) });
		}
	};
	for (const { conv, norm, weights } of [...convs, ...branches] satisfies NamedConv[]) {
		add(`${conv}.weight`, weights.weight);
		add(`${conv}.bias`, weights.bias);
		add(`${norm}.weight`, weights.norm?.gamma);
		add(`${norm}.bias`, weights.norm?.beta);
		add(`${norm}.running_mean`, weights.norm?.mean);
		add(`${norm}.running_var`, weights.norm?.variance);
	}
	return tensors;
}

export interface Float32Tensor {
	readonly shape: readonly number[];
	readonly data: Float32Array;
}

/** As torch 1.6 and later: a zip archive whose storages lie at multiples of 64 bytes. */
export function torchZipFile(tensors: ReadonlyMap<string, Float32Tensor>): Uint8Array {
	const entries: [string, Uint8Array][] = [
		['archive/data.pkl', statePickle(tensors)],
		...[...tensors.values()].map(({ data }, index): [string, Uint8Array] => [
			`archive/data/${index}`,
			new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
		]),
		['archive/version', new TextEncoder().encode('3\n')],
	];
	return storedZip(entries);
}

/** As torch before 1.6: five pickles, then each storage behind its length. */
export function torchLegacyFile(tensors: ReadonlyMap<string, Float32Tensor>): Uint8Array {
	const keys = [...tensors.keys()].map((_, index) => text(`${index}`));
	const magic = Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e);
	const parts: Uint8Array[] = [
		magic,
		pickled(integer(1001)),
		pickled(dict({ little_endian: [0x88] })),
		statePickle(tensors),
		pickled([...op.emptyList, ...op.mark, ...keys.flat(), ...op.appends]),
	];
	for (const { data } of tensors.values()) {
		const length = new DataView(new ArrayBuffer(8));
		length.setBigUint64(0, BigInt(data.length), true);
		parts.push(new Uint8Array(length.buffer), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
	}
	return joined(parts);
}

/** As the released ResNet-101: every layer once a scale, all with the same weights. */
export function caffeModelFile(
	network: ResNetWeights,
	dataSet = 'voc12',
	scales: readonly string[] = ['', '_res075', '_res05'],
): Uint8Array {
	const parts = { reduce: 'branch2a', conv3x3: 'branch2b', increase: 'branch2c', shortcut: 'branch1' } as const;
	const convs = resNetConvs(network, 'conv1', (stage, block, part) => {
		const last = stage === 3 || stage === 4 ? `b${block}` : String.fromCharCode(97 + block);
		return `res${stage}${block === 0 ? 'a' : last}_${parts[part]}`;
	});
	const net = new WireWriter().string(1, 'ResNet-101');
	for (const scale of scales) {
		for (const { name, weights } of convs) {
			const short = name === 'conv1' ? '_conv1' : name.slice('res'.length);
			layer(net, name + scale, 'Convolution', [weights.weight]);
			const { norm } = weights;
			if (norm) {
				const factor: Tensor = { name: '', shape: [1], data: Float32Array.of(1) };
				layer(net, `bn${short}${scale}`, 'BatchNorm', [norm.mean, norm.variance, factor]);
				layer(net, `scale${short}${scale}`, 'Scale', [norm.gamma, norm.beta]);
			}
		}
		for (const [index, [branch]] of network.branches.entries()) {
			const blobs = [branch.weight, ...(branch.bias ? [branch.bias] : [])];
			layer(net, `fc1_${dataSet}_c${index}${scale}`, 'Convolution', blobs);
		}
	}
	return net.finish();
}

type Part = 'reduce' | 'conv3x3' | 'increase' | 'shortcut';

function resNetConvs(
	{ stem, stages }: ResNetWeights,
	stemName: string,
	nameOf: (stage: number, block: number, part: Part) => string,
): { readonly name: string; readonly weights: ConvWeights }[] {
	const convs = [{ name: stemName, weights: stem }];
	for (const [stage, blocks] of stages.entries()) {
		for (const [block, weights] of blocks.entries()) {
			for (const part of ['reduce', 'conv3x3', 'increase', 'shortcut'] as const) {
				const conv = weights[part];
				if (conv) {
					convs.push({ name: nameOf(stage + 2, block, part), weights: conv });
				}
			}
		}
	}
	return convs;
}

function statePickle(tensors: ReadonlyMap<string, Float32Tensor>): Uint8Array {
	const entries = [...tensors].map(([name, { shape, data }], index) => {
		const stride = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
		return [name, tensor({ key: `${index}`, length: data.length, size: shape, stride })] as const;
	});
	return pickled(dict(Object.fromEntries(entries)));
}

function layer(net: WireWriter, name: string, type: string, blobs: readonly Tensor[]): void {
	const message = new WireWriter().string(1, name).string(2, type);
	for (const blob of blobs) {
		const data = floatsOf(blob);
		const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
		message.message(7, new WireWriter().bytes(5, bytes).message(7, new WireWriter().ints(1, blob.shape)));
	}
	net.message(100, message);
}

/** Entries as they are, aligned as torch aligns them: by an extra field that holds nothing. */
function storedZip(entries: readonly (readonly [string, Uint8Array])[]): Uint8Array {
	const parts: Uint8Array[] = [];
	const directory: Uint8Array[] = [];
	let offset = 0;
	for (const [path, content] of entries) {
		const name = new TextEncoder().encode(path);
		const header = 30 + name.length;
		const padding = (64 - ((offset + header + 4) % 64)) % 64;
		const local = new DataView(new ArrayBuffer(header + 4 + padding));
		local.setUint32(0, 0x04034b50, true);
		sizes(local, 18, content.length, name.length);
		local.setUint16(28, 4 + padding, true);
		local.setUint16(header, 0x4246, true);
		local.setUint16(header + 2, padding, true);
		const bytes = new Uint8Array(local.buffer);
		bytes.set(name, 30);
		const entry = new DataView(new ArrayBuffer(46));
		entry.setUint32(0, 0x02014b50, true);
		sizes(entry, 20, content.length, name.length);
		entry.setUint32(42, offset, true);
		directory.push(new Uint8Array(entry.buffer), name);
		parts.push(bytes, content);
		offset += bytes.length + content.length;
	}
	const size = directory.reduce((sum, { length }) => sum + length, 0);
	const end = new DataView(new ArrayBuffer(22));
	end.setUint32(0, 0x06054b50, true);
	end.setUint16(8, entries.length, true);
	end.setUint16(10, entries.length, true);
	end.setUint32(12, size, true);
	end.setUint32(16, offset, true);
	return joined([...parts, ...directory, new Uint8Array(end.buffer)]);
}

function sizes(header: DataView, at: number, content: number, name: number): void {
	header.setUint32(at, content, true);
	header.setUint32(at + 4, content, true);
	header.setUint16(at + 8, name, true);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
	const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const part of parts) {
		out.set(part, at);
		at += part.length;
	}
	return out;
}
