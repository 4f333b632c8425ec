/** PNG's scanlines: filters, Adam7 interlacing, and samples of 1 to 16 bits (W3C PNG, sections 7 to 9). */
import { damaged } from './fault';
import { inflateImageData, type PngChunks, pngBitsPerPixel } from './pngChunks';

/**
 * Unpacks, unfilters and deinterlaces the pixels.
 * @returns rows without filter bytes, `rowBytes` each; samples under 8 bits stay packed, 16 bits big-endian
 * @throws PictureFault
 */
export function readPngRows(chunks: PngChunks): { rows: Uint8Array; rowBytes: number } {
	const { header, imageData } = chunks;
	const { width, height, interlaced } = header;
	const bits = pngBitsPerPixel(header);
	const rowBytes = Math.ceil((width * bits) / 8);
	const passes = interlaced ? adam7(width, height) : [{ x: 0, y: 0, dx: 1, dy: 1, width, height }];
	const size = passes.reduce((sum, pass) => sum + (1 + Math.ceil((pass.width * bits) / 8)) * pass.height, 0);
	const filtered = inflateImageData(imageData, size);
	if (!interlaced) {
		return { rows: unfilter(filtered, 0, rowBytes, height, Math.max(1, bits >> 3)), rowBytes };
	}
	const rows = new Uint8Array(rowBytes * height);
	let start = 0;
	for (const pass of passes) {
		const passBytes = Math.ceil((pass.width * bits) / 8);
		const part = unfilter(filtered, start, passBytes, pass.height, Math.max(1, bits >> 3));
		start += (passBytes + 1) * pass.height;
		for (let y = 0; y < pass.height; y++) {
			const from = y * passBytes;
			const to = (pass.y + y * pass.dy) * rowBytes;
			for (let x = 0; x < pass.width; x++) {
				const column = pass.x + x * pass.dx;
				if (bits >= 8) {
					const step = bits >> 3;
					for (let i = 0; i < step; i++) {
						rows[to + column * step + i] = part[from + x * step + i]!;
					}
				} else {
					const value = readBits(part, from, x, bits);
					rows[to + ((column * bits) >> 3)]! |= value << (8 - bits - ((column * bits) & 7));
				}
			}
		}
	}
	return { rows, rowBytes };
}

/** Sample `x` of a row of samples under 8 bits. */
export function readBits(rows: Uint8Array, rowStart: number, x: number, bits: number): number {
	const bit = x * bits;
	return (rows[rowStart + (bit >> 3)]! >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
}

interface Pass {
	readonly x: number;
	readonly y: number;
	readonly dx: number;
	readonly dy: number;
	readonly width: number;
	readonly height: number;
}

function adam7(width: number, height: number): Pass[] {
	const steps = [
		[0, 0, 8, 8],
		[4, 0, 8, 8],
		[0, 4, 4, 8],
		[2, 0, 4, 4],
		[0, 2, 2, 4],
		[1, 0, 2, 2],
		[0, 1, 1, 2],
	] as const;
	return steps
		.map(([x, y, dx, dy]) => ({
			x,
			y,
			dx,
			dy,
			width: Math.ceil((width - x) / dx),
			height: Math.ceil((height - y) / dy),
		}))
		.filter((pass) => pass.width > 0 && pass.height > 0);
}

/** Undoes the row filters; `step` is the distance in bytes to the pixel on the left. */
function unfilter(filtered: Uint8Array, start: number, rowBytes: number, height: number, step: number): Uint8Array {
	const out = new Uint8Array(rowBytes * height);
	for (let y = 0; y < height; y++) {
		const from = start + y * (rowBytes + 1);
		const to = y * rowBytes;
		const up = to - rowBytes;
		const line = filtered.subarray(from + 1, from + 1 + rowBytes);
		const filter = filtered[from]!;
		// Above the first row there are zeros.
		switch (filter) {
			case 0:
				out.set(line, to);
				break;
			case 1:
				out.set(line.subarray(0, step), to);
				for (let i = step; i < rowBytes; i++) {
					out[to + i] = line[i]! + out[to + i - step]!;
				}
				break;
			case 2:
				if (y === 0) {
					out.set(line, to);
				} else {
					for (let i = 0; i < rowBytes; i++) {
						out[to + i] = line[i]! + out[up + i]!;
					}
				}
				break;
			case 3:
				for (let i = 0; i < rowBytes; i++) {
					const left = i >= step ? out[to + i - step]! : 0;
					const above = y > 0 ? out[up + i]! : 0;
					out[to + i] = line[i]! + ((left + above) >> 1);
				}
				break;
			case 4:
				for (let i = 0; i < rowBytes; i++) {
					const left = i >= step ? out[to + i - step]! : 0;
					const above = y > 0 ? out[up + i]! : 0;
					const corner = i >= step && y > 0 ? out[up + i - step]! : 0;
					out[to + i] = line[i]! + paeth(left, above, corner);
				}
				break;
			default:
				throw damaged(`row ${y + 1} has an unknown filter`);
		}
	}
	return out;
}

function paeth(left: number, above: number, corner: number): number {
	const toLeft = Math.abs(above - corner);
	const toAbove = Math.abs(left - corner);
	const toCorner = Math.abs(left + above - 2 * corner);
	return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
}
