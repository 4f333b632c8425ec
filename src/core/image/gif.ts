/** The first frame of a GIF (GIF89a specification, CompuServe 1990). */
import { damaged, endsEarly } from './fault';
import type { DecodedPixels } from './pixels';

/**
 * Decodes the first frame onto the logical screen; what is transparent or outside the frame is white.
 *
 * Written here because the package at hand decodes every frame, and fills what is missing with colour 0
 * without a word.
 * @throws PictureFault
 */
export function decodeGif(bytes: Uint8Array): DecodedPixels {
	const reader = new Reader(bytes, 6);
	const width = reader.uint16();
	const height = reader.uint16();
	const flags = reader.byte();
	reader.skip(2);
	const globalColors = flags & 0x80 ? reader.take(3 << ((flags & 7) + 1)) : undefined;
	let transparent = -1;
	for (;;) {
		const block = reader.byte();
		if (block === 0x2c) {
			const rgb = readFrame(reader, width, height, globalColors, transparent);
			return { width, height, rgb, orientation: 1 };
		}
		if (block === 0x21) {
			const isGraphicControl = reader.byte() === 0xf9;
			const data = reader.subBlocks();
			if (isGraphicControl && data.length >= 4) {
				transparent = data[0]! & 1 ? data[3]! : -1;
			}
		} else if (block === 0x3b) {
			throw damaged('it holds no pixels');
		} else if (block !== 0) {
			throw damaged('an unknown block');
		}
	}
}

function readFrame(
	reader: Reader,
	screenWidth: number,
	screenHeight: number,
	globalColors: Uint8Array | undefined,
	transparent: number,
): Uint8Array {
	const left = reader.uint16();
	const top = reader.uint16();
	const width = reader.uint16();
	const height = reader.uint16();
	const flags = reader.byte();
	const colors = flags & 0x80 ? reader.take(3 << ((flags & 7) + 1)) : globalColors;
	if (!colors) {
		throw damaged('its palette is missing');
	}
	const codeSize = reader.byte();
	if (codeSize < 1 || codeSize > 8) {
		throw damaged('its pixels do not unpack');
	}
	const data = reader.subBlocks();
	// A code of 12 bits stands for at most 4095 pixels.
	if (data.length * 4096 < width * height) {
		throw damaged(endsEarly);
	}
	const indices = unpackLzw(data, codeSize, width * height);
	const rgb = new Uint8Array(screenWidth * screenHeight * 3).fill(255);
	const rows = flags & 0x40 ? interlacedRows(height) : undefined;
	for (let row = 0; row < height; row++) {
		const y = top + (rows ? rows[row]! : row);
		if (y >= screenHeight) {
			continue;
		}
		const visible = Math.min(width, screenWidth - left);
		for (let x = 0; x < visible; x++) {
			const index = indices[row * width + x]!;
			if (index === transparent) {
				continue;
			}
			// An index without a colour is black, as browsers have it: palettes may be cut to what is used.
			const to = (y * screenWidth + left + x) * 3;
			rgb[to] = colors[index * 3] ?? 0;
			rgb[to + 1] = colors[index * 3 + 1] ?? 0;
			rgb[to + 2] = colors[index * 3 + 2] ?? 0;
		}
	}
	return rgb;
}

/** The order in which interlaced rows are stored. */
function interlacedRows(height: number): number[] {
	const rows: number[] = [];
	for (const [start, step] of [
		[0, 8],
		[4, 8],
		[2, 4],
		[1, 2],
	] as const) {
		for (let y = start; y < height; y += step) {
			rows.push(y);
		}
	}
	return rows;
}

/** GIF's variable-length LZW; codes of `codeSize + 1` to 12 bits, low bits first. */
function unpackLzw(data: Uint8Array, codeSize: number, size: number): Uint8Array {
	const out = new Uint8Array(size);
	const clear = 1 << codeSize;
	const end = clear + 1;
	const prefix = new Uint16Array(4096);
	const suffix = new Uint8Array(4096);
	const lengths = new Uint16Array(4096);
	for (let code = 0; code < clear; code++) {
		suffix[code] = code;
		lengths[code] = 1;
	}
	let next = end + 1;
	let bits = codeSize + 1;
	let previous = -1;
	let buffer = 0;
	let buffered = 0;
	let filled = 0;
	for (let at = 0; filled < size; ) {
		while (buffered < bits) {
			if (at >= data.length) {
				throw damaged(endsEarly);
			}
			buffer |= data[at++]! << buffered;
			buffered += 8;
		}
		const code = buffer & ((1 << bits) - 1);
		buffer >>>= bits;
		buffered -= bits;
		if (code === clear) {
			next = end + 1;
			bits = codeSize + 1;
			previous = -1;
			continue;
		}
		if (code === end) {
			throw damaged(endsEarly);
		}
		if (code > next || (code === next && previous < 0) || (code > end && previous < 0)) {
			throw damaged('its pixels do not unpack');
		}
		// The code that is about to be defined is the last string and its own first pixel.
		const known = code < next ? code : previous;
		const length = lengths[known]!;
		let walk = known;
		for (let i = filled + length - 1; i >= filled; i--) {
			if (i < size) {
				out[i] = suffix[walk]!;
			}
			walk = prefix[walk]!;
		}
		const first = out[filled]!;
		filled += length;
		if (code === next && filled < size) {
			out[filled] = first;
		}
		filled += code === next ? 1 : 0;
		if (previous >= 0 && next < 4096) {
			prefix[next] = previous;
			suffix[next] = first;
			lengths[next] = lengths[previous]! + 1;
			next++;
			if (next === 1 << bits && bits < 12) {
				bits++;
			}
		}
		previous = code;
	}
	return out;
}

class Reader {
	constructor(
		private readonly bytes: Uint8Array,
		private offset: number,
	) {}

	byte(): number {
		return this.take(1)[0]!;
	}

	uint16(): number {
		const [low, high] = this.take(2);
		return low! | (high! << 8);
	}

	skip(count: number): void {
		this.take(count);
	}

	take(count: number): Uint8Array {
		if (this.offset + count > this.bytes.length) {
			throw damaged(endsEarly);
		}
		this.offset += count;
		return this.bytes.subarray(this.offset - count, this.offset);
	}

	/** The data of a chain of sub-blocks up to its empty one. */
	subBlocks(): Uint8Array {
		const blocks: Uint8Array[] = [];
		let size = 0;
		for (let length = this.byte(); length > 0; length = this.byte()) {
			blocks.push(this.take(length));
			size += length;
		}
		const data = new Uint8Array(size);
		let offset = 0;
		for (const block of blocks) {
			data.set(block, offset);
			offset += block.length;
		}
		return data;
	}
}
