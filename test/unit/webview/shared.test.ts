import { describe, expect, it } from 'vitest';
import { oklchToRgb, parseColor, type Rgb, rateColors } from '../../../src/webview/shared/colors';
import {
	formatAge,
	formatBytes,
	formatCount,
	formatElapsed,
	formatMilliseconds,
	formatProbability,
	formatShare,
	formatZoom,
} from '../../../src/webview/shared/format';

/** WCAG 2 relative luminance. */
function luminance(color: Rgb): number {
	const [red, green, blue] = color.map((value) => {
		const part = value / 255;
		return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
	}) as [number, number, number];
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: Rgb, b: Rgb): number {
	const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
	return (light + 0.05) / (dark + 0.05);
}

describe('rate colours', () => {
	for (const [background, grounds] of [
		[
			'dark',
			[
				[31, 31, 31],
				[24, 24, 24],
				[0, 0, 0],
			],
		],
		[
			'light',
			[
				[255, 255, 255],
				[248, 248, 248],
			],
		],
	] as const) {
		it(`stand out from ${background} backgrounds, the more the larger the rate`, () => {
			const colors = rateColors(4, background);
			for (const ground of grounds) {
				const contrasts = colors.map((color) => contrast(color, ground));
				expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(3);
				expect(contrasts).toEqual([...contrasts].sort((a, b) => a - b));
			}
			for (const [index, color] of colors.slice(1).entries()) {
				expect(contrast(color, colors[index]!)).toBeGreaterThan(1.3);
			}
		});
	}

	it('are none of VOC’s class colours, nor close to one', () => {
		for (const color of [...rateColors(4, 'dark'), ...rateColors(4, 'light')]) {
			for (let label = 0; label < 21; label++) {
				const channel = (index: number) =>
					[0, 1, 2].reduce((value, step) => value | (((label >> (3 * step + index)) & 1) << (7 - step)), 0);
				const distance = Math.hypot(...[0, 1, 2].map((index) => color[index]! - channel(index)));
				expect(distance).toBeGreaterThan(24);
			}
		}
	});
});

it('OKLCH of known colours', () => {
	// sRGB red and white, after Ottosson.
	expect(oklchToRgb(0.62796, 0.25768, 29.2339)).toEqual([255, 0, 0]);
	expect(oklchToRgb(1, 0, 0)).toEqual([255, 255, 255]);
});

it('reads the colours that themes write', () => {
	expect(parseColor(' #1F1f1f')).toEqual([31, 31, 31]);
	expect(parseColor('#abc')).toEqual([170, 187, 204]);
	expect(parseColor('#11223380')).toEqual([17, 34, 51]);
	expect(parseColor('rgba(1, 2, 3, 0.5)')).toEqual([1, 2, 3]);
	expect(parseColor('')).toBeUndefined();
});

it('numbers are short and carry their unit', () => {
	expect([0.04, 0.4, 8.7, 783, 999.6, 1234, 34_400].map(formatMilliseconds)).toEqual([
		'< 0.1 ms',
		'0.4 ms',
		'9 ms',
		'783 ms',
		'1.0 s',
		'1.2 s',
		'34 s',
	]);
	expect([0, 0.0001, 0.412, 1].map(formatShare)).toEqual(['0.0 %', '< 0.1 %', '41.2 %', '100.0 %']);
	expect([0, 0.001, 0.93, 0.9949, 0.9999, 1].map(formatProbability)).toEqual([
		'0.00',
		'< 0.01',
		'0.93',
		'0.99',
		'> 0.99',
		'1.00',
	]);
	expect([0, 512, 4400, 48_405, 999_600, 2_137_524].map(formatCount)).toEqual([
		'–',
		'512',
		'4.4 k',
		'48 k',
		'1.0 M',
		'2.1 M',
	]);
	expect([812, 8_562_816].map(formatBytes)).toEqual(['812 B', '8.6 MB']);
	expect([0.063, 1, 64].map(formatZoom)).toEqual(['6.3 %', '100 %', '6400 %']);
});

it('times are told as people tell them', () => {
	const now = Date.UTC(2024, 0, 10);
	const minutes = (count: number) => now - count * 60_000;
	expect(formatAge(now - 3000, now, 'en')).toBe('now');
	expect(formatAge(minutes(5), now, 'en')).toBe('5 min. ago');
	expect(formatAge(minutes(120), now, 'de')).toBe('vor 2 Std.');
	expect(formatAge(minutes(1440), now, 'en')).toBe('yesterday');
	expect(formatAge(now + 5000, now, 'en')).toBe('now');
	expect([2400, 125_000].map((elapsed) => formatElapsed(now - elapsed, now))).toEqual(['2 s', '2:05 min']);
});
