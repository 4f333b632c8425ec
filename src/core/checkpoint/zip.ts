/**
 * Reads zip archives that may be cut, wrong or hostile: every offset is checked, nothing is unpacked before it is asked
 * for, and no more than a limit in all. Source: PKWARE's APPNOTE 6.3.
 */
import { inflateSync } from 'fflate';
import { InspectorError } from '../problem';

/** In bytes: more than any checkpoint read here needs. */
const unpackedLimit = 2 ** 30;

/** Deflate's best case, a little rounded up. */
const bestRatio = 1033;

const signatures = {
	localHeader: 0x04034b50,
	directoryEntry: 0x02014b50,
	end: 0x06054b50,
	end64: 0x06064b50,
	end64Locator: 0x07064b50,
} as const;

interface Entry {
	readonly method: number;
	readonly isEncrypted: boolean;
	readonly crc: number;
	/** In bytes, in the archive and unpacked. */
	readonly packed: number;
	readonly size: number;
	/** Of its local header. */
	readonly offset: number;
}

export class ZipArchive {
	readonly #view: DataView;
	readonly #entries = new Map<string, Entry>();
	#unpacked = 0;

	/**
	 * @param file The archive's name, for errors.
	 * @param limit Bytes that all entries read may unpack to.
	 * @throws InspectorError `weights.damaged` where the directory of its entries is missing or wrong
	 */
	constructor(
		private readonly bytes: Uint8Array,
		private readonly file: string,
		private readonly limit: number = unpackedLimit,
	) {
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		this.#readDirectory();
	}

	/** Paths of the entries, in the directory's order. */
	get paths(): string[] {
		return [...this.#entries.keys()];
	}

	has(path: string): boolean {
		return this.#entries.has(path);
	}

	/**
	 * An entry's content: a view of the archive where it is stored as it is.
	 * @throws InspectorError `weights.damaged`, `weights.unsupported`
	 */
	read(path: string): Uint8Array {
		const entry = this.#entries.get(path);
		if (!entry) {
			throw this.#damaged(`its archive has no “${path}”`);
		}
		if (entry.isEncrypted) {
			throw this.#unsupported(`“${path}” in its archive is encrypted`);
		}
		const packed = this.#packed(path, entry);
		switch (entry.method) {
			case 0:
				if (entry.size !== entry.packed) {
					throw this.#damaged(`“${path}” in its archive has two sizes, ${entry.packed} and ${entry.size} bytes`);
				}
				return packed;
			case 8:
				return this.#inflate(path, entry, packed);
			default:
				throw this.#unsupported(
					`“${path}” in its archive is packed by method ${entry.method}: pack it with deflate or not at all`,
				);
		}
	}

	#packed(path: string, entry: Entry): Uint8Array {
		const cut = () => this.#damaged(`“${path}” in its archive is cut or its place is wrong`);
		if (entry.offset + 30 > this.bytes.length) {
			throw cut();
		}
		if (this.#view.getUint32(entry.offset, true) !== signatures.localHeader) {
			throw this.#damaged(`“${path}” is not at byte ${entry.offset}, where its archive’s directory has it`);
		}
		const nameLength = this.#view.getUint16(entry.offset + 26, true);
		const extraLength = this.#view.getUint16(entry.offset + 28, true);
		const start = entry.offset + 30 + nameLength + extraLength;
		if (start + entry.packed > this.bytes.length) {
			throw cut();
		}
		return this.bytes.subarray(start, start + entry.packed);
	}

	#inflate(path: string, entry: Entry, packed: Uint8Array): Uint8Array {
		if (entry.size > bestRatio * (packed.length + 1)) {
			throw this.#damaged(`“${path}” in its archive claims ${entry.size} bytes out of ${packed.length}`);
		}
		this.#unpacked += entry.size;
		if (this.#unpacked > this.limit) {
			throw this.#unsupported(`its archive unpacks to more than ${this.limit} bytes`);
		}
		let content: Uint8Array;
		try {
			content = inflateSync(packed, { out: new Uint8Array(entry.size) });
		} catch (error) {
			const detail = error instanceof Error ? error.message : String(error);
			throw this.#damaged(`“${path}” in its archive does not unpack: ${detail}`, error);
		}
		// More than the announced size is dropped by the unpacker; the checksum tells.
		if (content.length !== entry.size || crc32(content) !== entry.crc) {
			throw this.#damaged(`“${path}” in its archive does not match its checksum`);
		}
		return content;
	}

	#readDirectory(): void {
		const end = this.#findEnd();
		if (end === undefined) {
			throw this.#damaged('it begins as a zip archive, but its end is missing');
		}
		let { count, size, offset } = end;
		const locator = end.position - 20;
		if (locator >= 0 && this.#view.getUint32(locator, true) === signatures.end64Locator) {
			const position = this.#uint64(locator + 8);
			if (position + 56 > locator || this.#view.getUint32(position, true) !== signatures.end64) {
				throw this.#damaged('its archive’s 64-bit directory is missing');
			}
			count = this.#uint64(position + 32);
			size = this.#uint64(position + 40);
			offset = this.#uint64(position + 48);
		}
		if (offset + size > this.bytes.length) {
			throw this.#damaged(`its archive’s directory would end at byte ${offset + size} of ${this.bytes.length}`);
		}
		let position = offset;
		for (let index = 0; index < count; index++) {
			position = this.#readEntry(position, offset + size, index);
		}
	}

	/** Searched from behind: a comment of up to 64 KiB may follow it. */
	#findEnd(): { position: number; count: number; size: number; offset: number } | undefined {
		const last = this.bytes.length - 22;
		for (let position = last; position >= Math.max(0, last - 0xffff); position--) {
			if (
				this.bytes[position] === 0x50 &&
				this.#view.getUint32(position, true) === signatures.end &&
				position + 22 + this.#view.getUint16(position + 20, true) === this.bytes.length
			) {
				return {
					position,
					count: this.#view.getUint16(position + 10, true),
					size: this.#view.getUint32(position + 12, true),
					offset: this.#view.getUint32(position + 16, true),
				};
			}
		}
		return undefined;
	}

	/** @returns where the next one starts */
	#readEntry(at: number, end: number, index: number): number {
		if (at + 46 > end || this.#view.getUint32(at, true) !== signatures.directoryEntry) {
			throw this.#damaged(`entry ${index + 1} of its archive’s directory is missing at byte ${at}`);
		}
		const nameEnd = at + 46 + this.#view.getUint16(at + 28, true);
		const extraEnd = nameEnd + this.#view.getUint16(at + 30, true);
		const next = extraEnd + this.#view.getUint16(at + 32, true);
		if (next > end) {
			throw this.#damaged(`entry ${index + 1} of its archive’s directory is cut at byte ${at}`);
		}
		const wide = this.#wideFields(nameEnd, extraEnd);
		const field = (offset: number): number => {
			const value = this.#view.getUint32(at + offset, true);
			return value === 0xffffffff ? (wide.shift() ?? value) : value;
		};
		// In this order the 64-bit values stand in the extra field.
		const size = field(24);
		const packed = field(20);
		const offset = field(42);
		this.#entries.set(new TextDecoder().decode(this.bytes.subarray(at + 46, nameEnd)), {
			method: this.#view.getUint16(at + 10, true),
			isEncrypted: (this.#view.getUint16(at + 8, true) & 1) === 1,
			crc: this.#view.getUint32(at + 16, true),
			packed,
			size,
			offset,
		});
		return next;
	}

	/** The 64-bit values of an entry's extra field, for those of its sizes that do not fit into 32 bits. */
	#wideFields(start: number, end: number): number[] {
		for (let at = start; at + 4 <= end; ) {
			const length = this.#view.getUint16(at + 2, true);
			if (this.#view.getUint16(at, true) === 1) {
				const values = Math.floor(Math.min(length, end - at - 4) / 8);
				return Array.from({ length: values }, (_, index) => this.#uint64(at + 4 + 8 * index));
			}
			at += 4 + length;
		}
		return [];
	}

	/** Exact up to 2^53; larger ones lie behind every file's end anyway. */
	#uint64(at: number): number {
		return Number(this.#view.getBigUint64(at, true));
	}

	#damaged(detail: string, cause?: unknown): InspectorError {
		return new InspectorError({ code: 'weights.damaged', name: this.file, detail }, { cause });
	}

	#unsupported(detail: string): InspectorError {
		return new InspectorError({ code: 'weights.unsupported', name: this.file, detail });
	}
}

/** CRC-32 as zip has it (ISO 3309). */
function crc32(bytes: Uint8Array): number {
	let crc = -1;
	for (let index = 0; index < bytes.length; index++) {
		crc = (crc >>> 8) ^ crcTable[(crc ^ bytes[index]!) & 0xff]!;
	}
	return ~crc >>> 0;
}

const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
	let value = byte;
	for (let bit = 0; bit < 8; bit++) {
		value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
	}
	return value;
});
