/** Reads what a user types about a checkpoint or a model, in the terminal and in VS Code. */
import type { AdoptOptions } from '../core/onnx/discover/adopt';

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

/** A deviation for each channel, three numbers above 0 and up to 255; undefined where it is something else. */
export function parseDeviation(text: string): [number, number, number] | undefined {
	const numbers = parseMean(text);
	return numbers?.includes(0) ? undefined : numbers;
}

type PadRule = NonNullable<AdoptOptions['pad']>;

/** What sides are padded to, `8k+1` or `32k`; undefined where it is something else. */
export function parsePad(text: string): PadRule | undefined {
	const [, multiple, remainder] = /^([1-9]\d{0,2})k(\+1)?$/.exec(text.trim()) ?? [];
	return multiple === undefined
		? undefined
		: { multiple: Number(multiple), remainder: remainder === undefined ? 0 : 1 };
}

/** As {@link parsePad} reads it. */
export function padText({ multiple, remainder }: PadRule): string {
	return `${multiple}k${remainder === 1 ? '+1' : ''}`;
}

/** Names of classes, one a line; lines without one are left out. */
export function parseClassNames(text: string): string[] {
	return text
		.split('\n')
		.map((line) => line.trim())
		.filter((line) => line !== '');
}
