/**
 * Resizes RGB bytes with a triangle filter that widens when reducing, so that nothing aliases:
 * half-pixel centres, rows first, then columns, rounded to bytes after each. The same arithmetic as
 * Pillow's `Image.resize(…, BILINEAR)` (fixed-point weights of 22 bits), so that inputs match those that
 * networks are trained and evaluated with in Python.
 * @param rgb `height x width x 3`; returned itself if the size stays
 */
export function resizeRgb(
	rgb: Uint8Array,
	width: number,
	height: number,
	newWidth: number,
	newHeight: number,
): Uint8Array {
	let out = rgb;
	if (newWidth !== width) {
		out = resizeRows(out, width, height, newWidth);
	}
	if (newHeight !== height) {
		out = resizeColumns(out, newWidth, height, newHeight);
	}
	return out;
}

const precisionBits = 22;
const half = 1 << (precisionBits - 1);

interface Weights {
	/** First source sample of each output sample. */
	readonly starts: Int32Array;
	readonly counts: Int32Array;
	/** `stride` weights an output sample, summing to about 2^22. */
	readonly values: Int32Array;
	readonly stride: number;
}

function triangleWeights(size: number, newSize: number): Weights {
	const scale = size / newSize;
	const reach = Math.max(1, scale);
	const stride = Math.ceil(reach) * 2 + 1;
	const starts = new Int32Array(newSize);
	const counts = new Int32Array(newSize);
	const values = new Int32Array(newSize * stride);
	const weights = new Float64Array(stride);
	for (let i = 0; i < newSize; i++) {
		const center = (i + 0.5) * scale;
		const start = Math.max(0, Math.trunc(center - reach + 0.5));
		const count = Math.min(size, Math.trunc(center + reach + 0.5)) - start;
		let sum = 0;
		for (let k = 0; k < count; k++) {
			const weight = Math.max(0, 1 - Math.abs((start + k - center + 0.5) / reach));
			weights[k] = weight;
			sum += weight;
		}
		for (let k = 0; k < count; k++) {
			values[i * stride + k] = Math.trunc(0.5 + (weights[k]! / sum) * (1 << precisionBits));
		}
		starts[i] = start;
		counts[i] = count;
	}
	return { starts, counts, values, stride };
}

function resizeRows(rgb: Uint8Array, width: number, height: number, newWidth: number): Uint8Array {
	const { starts, counts, values, stride } = triangleWeights(width, newWidth);
	const out = new Uint8Array(newWidth * height * 3);
	for (let y = 0, to = 0; y < height; y++) {
		const row = y * width * 3;
		for (let x = 0; x < newWidth; x++, to += 3) {
			let red = half;
			let green = half;
			let blue = half;
			const count = counts[x]!;
			const first = x * stride;
			for (let k = 0, from = row + starts[x]! * 3; k < count; k++, from += 3) {
				const weight = values[first + k]!;
				red = (red + Math.imul(rgb[from]!, weight)) | 0;
				green = (green + Math.imul(rgb[from + 1]!, weight)) | 0;
				blue = (blue + Math.imul(rgb[from + 2]!, weight)) | 0;
			}
			out[to] = clip(red);
			out[to + 1] = clip(green);
			out[to + 2] = clip(blue);
		}
	}
	return out;
}

function resizeColumns(rgb: Uint8Array, width: number, height: number, newHeight: number): Uint8Array {
	const { starts, counts, values, stride } = triangleWeights(height, newHeight);
	const rowLength = width * 3;
	const out = new Uint8Array(rowLength * newHeight);
	const sums = new Int32Array(rowLength);
	for (let y = 0; y < newHeight; y++) {
		sums.fill(half);
		// Whole rows at a time: memory is read in its order.
		for (let k = 0; k < counts[y]!; k++) {
			const weight = values[y * stride + k]!;
			const from = (starts[y]! + k) * rowLength;
			for (let i = 0; i < rowLength; i++) {
				sums[i] = (sums[i]! + Math.imul(rgb[from + i]!, weight)) | 0;
			}
		}
		for (let i = 0; i < rowLength; i++) {
			out[y * rowLength + i] = clip(sums[i]!);
		}
	}
	return out;
}

/** Rounding of the weights may push the sum just past 255. */
function clip(sum: number): number {
	return Math.min(255, sum >> precisionBits);
}
