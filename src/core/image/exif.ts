/**
 * The orientation tag (0x0112) of an EXIF block's first directory.
 * @param tiff the block from its TIFF header ("II" or "MM") on
 * @returns 1…8; 1 where there is none or the block is broken, as a picture is worth more than its tags
 */
export function readOrientation(tiff: Uint8Array): number {
	const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
	if (tiff.length < 14) {
		return 1;
	}
	const order = view.getUint16(0);
	if (order !== 0x4949 && order !== 0x4d4d) {
		return 1;
	}
	const little = order === 0x4949;
	const directory = view.getUint32(4, little);
	if (view.getUint16(2, little) !== 42 || directory + 2 > tiff.length) {
		return 1;
	}
	const count = view.getUint16(directory, little);
	for (let i = 0; i < count; i++) {
		const entry = directory + 2 + i * 12;
		if (entry + 12 > tiff.length) {
			return 1;
		}
		if (view.getUint16(entry, little) === 0x0112) {
			const value = view.getUint16(entry + 8, little);
			return value >= 1 && value <= 8 ? value : 1;
		}
	}
	return 1;
}
