import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Picture } from '../../../../src/core/image/decode';
import { InspectorError, type ProblemCode } from '../../../../src/core/problem';
import { decoder, fixtures, largestDifference, readFixture, readPixels } from './pictures';

const allowed: readonly ProblemCode[] = [
	'picture.empty',
	'picture.notAPicture',
	'picture.unsupported',
	'picture.damaged',
	'picture.tooLarge',
];

/** Milliseconds a damaged small file may take: some headers tell tens of megapixels that are truly there. */
const timeLimit = 5000;

/** Either a picture of consistent sizes or one of the problems of pictures, in time. */
async function check(bytes: Uint8Array): Promise<Picture | ProblemCode> {
	const started = performance.now();
	let outcome: Picture | ProblemCode;
	try {
		outcome = await decoder.decode('fuzz', bytes);
		expect(outcome.rgb.length).toBe(outcome.width * outcome.height * 3);
		expect(outcome.width).toBeGreaterThan(0);
		expect(outcome.height).toBeGreaterThan(0);
	} catch (error) {
		if (!(error instanceof InspectorError)) {
			throw error;
		}
		outcome = error.problem.code;
		expect(allowed).toContain(outcome);
	}
	expect(performance.now() - started).toBeLessThan(timeLimit);
	return outcome;
}

const magic = ['\x89PNG\r\n\x1a\n', '\xff\xd8\xff', 'RIFF\xff\0\0\0WEBPVP8 ', 'GIF89a', 'BM'];

describe('any bytes', () => {
	it('end in a picture or a problem', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom('', ...magic),
				fc.uint8Array({ maxLength: 400 }),
				async (start, rest) => void (await check(Uint8Array.from([...Buffer.from(start, 'latin1'), ...rest]))),
			),
			{ numRuns: 400 },
		);
	});
});

const sampled = fixtures.filter(({ file }) => !/one\.png|noise|wide|tall/.test(file));

describe('a file cut short', () => {
	it.each(sampled)('$file: never a half picture', async ({ file, expected, tolerance }) => {
		const bytes = readFixture(file);
		const whole = readPixels(expected).rgb;
		for (let length = 0; length < bytes.length; length += 1 + Math.floor(bytes.length / 60)) {
			await checkCut(bytes, length, whole, tolerance);
		}
		for (let length = Math.max(0, bytes.length - 30); length < bytes.length; length++) {
			await checkCut(bytes, length, whole, tolerance);
		}
	});

	async function checkCut(bytes: Uint8Array, length: number, whole: Uint8Array, tolerance: number): Promise<void> {
		const outcome = await check(bytes.slice(0, length));
		// What is cut off may be of no matter: a GIF's later frames, bytes behind a JPEG's end.
		if (typeof outcome !== 'string') {
			expect(largestDifference(outcome.rgb, whole)).toBeLessThanOrEqual(tolerance);
		}
	}

	it('is told as damaged wherever the format is known and the cut matters', async () => {
		const files = ['rgb-8.png', 'palette-4-interlaced.png', 'progressive.jpg', 'baseline-420.jpg', 'cmyk.jpg'];
		for (const file of [...files, 'lossy.webp', 'lossless-alpha.webp', 'rgb-24.bmp', 'palette-8.bmp']) {
			const bytes = readFixture(file);
			for (let length = 20; length < bytes.length - 4; length += 7) {
				expect([file, length, await check(bytes.slice(0, length))]).toEqual([file, length, 'picture.damaged']);
			}
		}
	});
});

describe('flipped bits', () => {
	it('end in a picture or a problem', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom(...fixtures),
				fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 7 })), {
					minLength: 1,
					maxLength: 12,
				}),
				fc.boolean(),
				async ({ file }, flips, inHeader) => {
					const bytes = readFixture(file);
					for (const [place, bit] of flips) {
						const range = inHeader ? Math.min(bytes.length, 120) : bytes.length;
						bytes[Math.min(range - 1, Math.floor(place * range))]! ^= 1 << bit;
					}
					await check(bytes);
				},
			),
			{ numRuns: 1000 },
		);
	}, 120_000);
});
