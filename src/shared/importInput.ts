/** Reads what a user types about a checkpoint, in the terminal and in VS Code. */

/** Dilation rates, such as `6,12,18,24`; undefined where it is something else. */
export function parseRates(text: string): number[] | undefined {
	const compact = text.replace(/\s*,\s*/g, ',').trim();
	return /^\d{1,4}(,\d{1,4})*$/.test(compact) ? compact.split(',').map(Number) : undefined;
}

/** Three numbers of 0…255, such as `104.008,116.669,122.675`; undefined where it is something else. */
export function parseMean(text: string): [number, number, number] | undefined {
	const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
	const [first, second, third] = numbers;
	return numbers.length === 3 && numbers.every((number) => number >= 0 && number <= 255)
		? [first!, second!, third!]
		: undefined;
}

/** Names of classes, one a line; lines without one are left out. */
export function parseClassNames(text: string): string[] {
	return text
		.split('\n')
		.map((line) => line.trim())
		.filter((line) => line !== '');
}
