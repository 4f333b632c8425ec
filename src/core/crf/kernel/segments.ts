/**
 * The order of the pixels wherever lattices are met: down one strip of columns after the other. The vertices of near
 * pixels are near in the lattice, and a strip is narrow enough for the rows of values that it meets to stay in the cache
 * from one line to the next. A segment is the part of one line that lies in one strip.
 */

/** Columns in a strip, at least; less than twice as many, or the whole line. */
const columns: u32 = 256;

@inline
function stripsOf(width: u32): u32 {
	return max(1, width / columns);
}

/** Strips begin at multiples of 4, as pixels are embedded four at a time. */
@inline
function stripStart(width: u32, strip: u32, strips: u32): u32 {
	return strip == strips ? width : ((width * strip) / strips) & ~3;
}

/** Segments of a picture. */
export function segmentsOf(width: u32, pixels: u32): u32 {
	return (pixels / width) * stripsOf(width);
}

/** The segment's first pixel. */
@inline
export function segmentStart(width: u32, pixels: u32, segment: u32): u32 {
	const height = pixels / width;
	return (segment % height) * width + stripStart(width, segment / height, stripsOf(width));
}

/** The pixel behind the segment's last one. */
@inline
export function segmentEnd(width: u32, pixels: u32, segment: u32): u32 {
	const height = pixels / width;
	return (segment % height) * width + stripStart(width, segment / height + 1, stripsOf(width));
}
