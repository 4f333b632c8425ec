/** Writes pickles and torch files for tests, opcode by opcode. */
import { zipSync } from 'fflate';

export const op = {
	proto: [0x80, 2],
	stop: [0x2e],
	mark: [0x28],
	none: [0x4e],
	emptyDict: [0x7d],
	emptyList: [0x5d],
	emptyTuple: [0x29],
	tuple: [0x74],
	reduce: [0x52],
	build: [0x62],
	setItems: [0x75],
	appends: [0x65],
	persistentId: [0x51],
	newFalse: [0x89],
} as const;

const utf8 = new TextEncoder();

export function text(value: string): number[] {
	const bytes = utf8.encode(value);
	return [0x58, bytes.length & 255, (bytes.length >> 8) & 255, (bytes.length >> 16) & 255, 0, ...bytes];
}

export function integer(value: number): number[] {
	return [0x4a, value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255];
}

export function global(module: string, name: string): number[] {
	return [0x63, ...utf8.encode(`${module}\n${name}\n`)];
}

export function tuple(...items: readonly (readonly number[])[]): number[] {
	return [...op.mark, ...items.flat(), ...op.tuple];
}

export function dict(entries: Readonly<Record<string, readonly number[]>>): number[] {
	return [
		...op.emptyDict,
		...op.mark,
		...Object.entries(entries).flatMap(([key, value]) => [...text(key), ...value]),
		...op.setItems,
	];
}

export function pickled(...parts: readonly (readonly number[])[]): Uint8Array {
	return Uint8Array.from([...op.proto, ...parts.flat(), ...op.stop]);
}

export interface TensorSpec {
	readonly key?: string;
	readonly length: number;
	readonly size: readonly number[];
	readonly stride: readonly number[];
	readonly offset?: number;
	readonly storage?: string;
}

/** `torch._utils._rebuild_tensor_v2` of a storage by reference. */
export function tensor({
	key = '0',
	length,
	size,
	stride,
	offset = 0,
	storage = 'FloatStorage',
}: TensorSpec): number[] {
	const id = tuple(text('storage'), global('torch', storage), text(key), text('cuda:0'), integer(length));
	const sizes = (values: readonly number[]) => tuple(...values.map(integer));
	const args = [[...id, ...op.persistentId], integer(offset), sizes(size), sizes(stride), op.newFalse, dict({})];
	return [...global('torch._utils', '_rebuild_tensor_v2'), ...tuple(...args), ...op.reduce];
}

/** A file as torch 1.6 and later write it. */
export function torchZip(pickle: Uint8Array, storages: Readonly<Record<string, Uint8Array>> = {}): Uint8Array {
	const files = Object.entries(storages).map(([key, bytes]) => [`archive/data/${key}`, bytes]);
	return zipSync(Object.fromEntries([['archive/data.pkl', pickle], ...files]), { level: 0 });
}

export function floatBytes(...values: readonly number[]): Uint8Array {
	return new Uint8Array(Float32Array.from(values).buffer);
}
