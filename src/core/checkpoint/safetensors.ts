/** Reads `.safetensors`: u64 header length, JSON header, data. https://huggingface.co/docs/safetensors */
import { InspectorError } from '../problem';
import { type ElementType, elementTypes } from './elementTypes';
import type { Tensor } from './tensor';

/** The format's own limit. */
const headerLimit = 100_000_000;

/**
 * The tensors of a `.safetensors` file in the order of its header. Values are views of `bytes` where their
 * alignment allows; half-precision values are widened to float32.
 *
 * @param name The file's name, for errors.
 * @throws InspectorError `weights.damaged` naming the tensor or the part that is wrong.
 */
export function decodeSafetensors(bytes: Uint8Array, name: string): Map<string, Tensor> {
	const damaged = (detail: string, cause?: unknown) =>
		new InspectorError({ code: 'weights.damaged', name, detail }, { cause });
	if (bytes.length < 8) {
		throw damaged(`${bytes.length} bytes, too short for a safetensors file`);
	}
	const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
	if (headerLength > Math.min(headerLimit, bytes.length - 8)) {
		throw damaged(`a header of ${headerLength} bytes announced where ${bytes.length - 8} follow`);
	}
	// A plain array even where `bytes` is a subclass, e.g. Node's Buffer.
	const data = new Uint8Array(bytes.buffer, bytes.byteOffset + 8 + headerLength, bytes.length - 8 - headerLength);
	const entries = readHeader(bytes.subarray(8, 8 + headerLength), damaged);

	let end = 0;
	for (const entry of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
		if (entry.end > data.length) {
			throw damaged(`tensor “${entry.name}” ends at byte ${entry.end} of ${data.length} bytes of data`);
		}
		if (entry.begin !== end) {
			throw damaged(`tensor “${entry.name}” starts at byte ${entry.begin} of the data instead of ${end}`);
		}
		end = entry.end;
	}
	if (end !== data.length) {
		throw damaged(`${data.length - end} bytes behind the last tensor`);
	}
	const tensors = new Map<string, Tensor>();
	for (const entry of entries) {
		const values = entry.type.read(data.subarray(entry.begin, entry.end));
		tensors.set(entry.name, { name: entry.name, shape: entry.shape, data: values });
	}
	return tensors;
}

interface Entry {
	readonly name: string;
	readonly type: ElementType;
	readonly shape: readonly number[];
	/** Byte offsets within the data. */
	readonly begin: number;
	readonly end: number;
}

function readHeader(bytes: Uint8Array, damaged: (detail: string, cause?: unknown) => InspectorError): Entry[] {
	let header: unknown;
	try {
		header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch (error) {
		throw damaged('the header is not JSON', error);
	}
	if (!isObject(header)) {
		throw damaged('the header is not a JSON object');
	}
	const entries: Entry[] = [];
	for (const [name, value] of Object.entries(header)) {
		if (name === '__metadata__') {
			continue;
		}
		if (!isObject(value)) {
			throw damaged(`the entry of tensor “${name}” is not a JSON object`);
		}
		const type = typeof value.dtype === 'string' ? elementTypes.get(value.dtype) : undefined;
		if (!type) {
			throw damaged(`tensor “${name}” has type ${show(value.dtype)}; read are ${[...elementTypes.keys()].join(', ')}`);
		}
		const shape = sizes(value.shape);
		if (!shape) {
			throw damaged(`tensor “${name}” has shape ${show(value.shape)}`);
		}
		const offsets = sizes(value.data_offsets);
		if (offsets?.length !== 2 || offsets[0]! > offsets[1]!) {
			throw damaged(`tensor “${name}” has data_offsets ${show(value.data_offsets)}`);
		}
		const [begin, end] = offsets as [number, number];
		const expected = shape.reduce((product, size) => product * size, type.size);
		if (end - begin !== expected) {
			throw damaged(
				`tensor “${name}” of ${value.dtype} ${shape.join('x') || 'scalar'} has ${end - begin} bytes instead of ${expected}`,
			);
		}
		entries.push({ name, type, shape, begin, end });
	}
	return entries;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sizes(value: unknown): number[] | undefined {
	return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0) ? value : undefined;
}

function show(value: unknown): string {
	const text = JSON.stringify(value) ?? 'missing';
	return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
