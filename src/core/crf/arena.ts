import { InspectorError } from '../problem';
import { type WasmMemory, wasmPage } from './webAssembly';

/** Linear memory is addressed with 32 bits. */
const addressLimit = 65_535 * wasmPage;
/** Every block begins at a cache line. */
const alignment = 64;

interface Span {
	start: number;
	end: number;
}

/**
 * The kernel's memory, handed out in blocks. First fit over the free spans; the memory grows when none is large enough
 * and never shrinks.
 */
export class Arena {
	/** Free spans in the order of their addresses, none touching the next. */
	private readonly free: Span[] = [];
	private readonly used = new Map<number, number>();

	private readonly limit: number;

	/**
	 * @param start address below which nothing is handed out
	 * @param limit bytes that the memory may have
	 */
	constructor(
		private readonly memory: WasmMemory,
		start: number,
		limit = addressLimit,
	) {
		this.limit = Math.min(limit, addressLimit);
		this.free.push({ start, end: memory.buffer.byteLength });
	}

	/**
	 * @returns the address of `bytes` bytes of any content
	 * @throws InspectorError `crf.tooLarge`
	 */
	allocate(bytes: number): number {
		const size = Math.max(1, Math.ceil(bytes / alignment)) * alignment;
		let span = this.free.find(({ start, end }) => end - start >= size);
		if (!span) {
			this.grow(size);
			span = this.free.at(-1)!;
		}
		const address = span.start;
		span.start += size;
		if (span.start === span.end) {
			this.free.splice(this.free.indexOf(span), 1);
		}
		this.used.set(address, size);
		return address;
	}

	/** Gives a block back; an address that is none is let be. */
	release(address: number): void {
		const size = this.used.get(address);
		if (size !== undefined) {
			this.used.delete(address);
			this.insert({ start: address, end: address + size });
		}
	}

	/** Gives back what lies behind the first `bytes` bytes of a block. */
	shrink(address: number, bytes: number): void {
		const size = this.used.get(address);
		const kept = Math.max(1, Math.ceil(bytes / alignment)) * alignment;
		if (size !== undefined && kept < size) {
			this.used.set(address, kept);
			this.insert({ start: address + kept, end: address + size });
		}
	}

	private insert(span: Span): void {
		const address = span.start;
		const next = this.free.findIndex(({ start }) => start > address);
		this.free.splice(next < 0 ? this.free.length : next, 0, span);
		for (let i = this.free.length - 1; i > 0; i--) {
			if (this.free[i - 1]!.end === this.free[i]!.start) {
				this.free[i - 1]!.end = this.free[i]!.end;
				this.free.splice(i, 1);
			}
		}
	}

	private grow(size: number): void {
		const end = this.memory.buffer.byteLength;
		const last = this.free.at(-1);
		const missing = size - (last?.end === end ? end - last.start : 0);
		const pages = Math.ceil(missing / wasmPage);
		const fail = (cause?: unknown) =>
			new InspectorError(
				{ code: 'crf.tooLarge', detail: `${Math.ceil((end + missing) / 2 ** 20)} MB` },
				cause === undefined ? undefined : { cause },
			);
		if (end + pages * wasmPage > this.limit) {
			throw fail();
		}
		try {
			this.memory.grow(pages);
		} catch (error) {
			throw fail(error);
		}
		if (last?.end === end) {
			last.end = this.memory.buffer.byteLength;
		} else {
			this.free.push({ start: end, end: this.memory.buffer.byteLength });
		}
	}
}
