/** Parts of controls have a name in Firefox and another in Chromium: what one is given, the other must be given too. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const firefoxName: Readonly<Record<string, string | undefined>> = {
	'-webkit-slider-runnable-track': '-moz-range-track',
	'-webkit-slider-thumb': '-moz-range-thumb',
	'-webkit-progress-value': '-moz-progress-bar',
	// In Firefox it is the element itself.
	'-webkit-progress-bar': undefined,
};

const folder = path.resolve(import.meta.dirname, '../../../src/webview');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.css'));
const rules = files.flatMap((file) =>
	[
		...readFileSync(path.join(folder, file), 'utf8').matchAll(/^([^\n{}]*)::(-(?:webkit|moz)-[\w-]+) \{\n(.*?)^\}/gms),
	].map(([, element = '', part = '', body = '']) => ({ file, element, part, colors: colorsOf(body) })),
);

function colorsOf(body: string): string {
	return /background: .*?;/s.exec(body)?.[0] ?? '';
}

describe('parts of controls', () => {
	it('are found', () => expect(rules.map(({ part }) => part)).toContain('-webkit-slider-thumb'));

	for (const { file, element, part, colors } of rules.filter((rule) => rule.part.startsWith('-webkit-'))) {
		it(`${file}: ${element}::${part} has its like for Firefox`, () => {
			expect(Object.keys(firefoxName)).toContain(part);
			const wanted = firefoxName[part];
			const found = rules.find((rule) => rule.file === file && rule.element === element && rule.part === wanted);
			expect(wanted === undefined || found?.colors === colors).toBe(true);
		});
	}
});
