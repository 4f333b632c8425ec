import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createNonce, escapeAttribute, pageHtml } from '../../../src/extension/pages/pageHtml';
import type { PageSetup } from '../../../src/shared/protocol/page';

const sources = {
	cspSource: 'https://*.example.test',
	base: 'https://files.example.test/dist/webview',
	nonce: 'a1b2',
	title: 'x',
};
const setup: PageSetup = { page: 'inspector', l10n: {}, language: 'en' };

function fromAttribute(text: string): string {
	const entities: Record<string, string> = { '&amp;': '&', '&quot;': '"', '&#39;': "'", '&lt;': '<', '&gt;': '>' };
	return text.replace(/&(?:amp|quot|#39|lt|gt);/g, (entity) => entities[entity]!);
}

function dataPage(html: string): string {
	return /<body data-page="([^"]*)">/.exec(html)![1]!;
}

describe('pageHtml', () => {
	test('lets nothing load but its own files', () => {
		const policy = fromAttribute(/Content-Security-Policy" content="([^"]*)"/.exec(pageHtml(setup, sources))![1]!);
		expect(policy.split('; ')).toEqual([
			"default-src 'none'",
			'img-src https://*.example.test data: blob:',
			'style-src https://*.example.test',
			'font-src https://*.example.test',
			"script-src 'nonce-a1b2'",
		]);
	});

	test.each(['inspector', 'runs', 'model'] as const)('loads the script and the style of %s', (page) => {
		const html = pageHtml({ ...setup, page }, sources);
		expect(html).toContain(`<script nonce="a1b2" src="${sources.base}/${page}.js"></script>`);
		expect(html).toContain(`href="${sources.base}/${page}.css"`);
		expect(html.match(/<script/g)).toHaveLength(1);
	});

	test('any text survives the attribute and none leaves it', () => {
		fc.assert(
			fc.property(
				fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })),
				fc.string(),
				(l10n, language) => {
					const html = pageHtml({ ...setup, l10n, language }, sources);
					const attribute = dataPage(html);
					expect(attribute).not.toMatch(/[<>"']/);
					expect(JSON.parse(fromAttribute(attribute))).toEqual(
						JSON.parse(JSON.stringify({ ...setup, l10n, language })),
					);
					expect(html.match(/<script/g)).toHaveLength(1);
				},
			),
		);
	});

	test('a title with markup stays text', () => {
		const html = pageHtml(setup, { ...sources, title: '</title><script>alert(1)</script>' });
		expect(html.match(/<script/g)).toHaveLength(1);
	});

	test('escapes the ampersand once', () => {
		expect(escapeAttribute('&lt;')).toBe('&amp;lt;');
	});
});

test('nonces are 128 bits and differ', () => {
	const nonces = Array.from({ length: 50 }, createNonce);
	expect(new Set(nonces).size).toBe(50);
	for (const nonce of nonces) {
		expect(nonce).toMatch(/^[0-9a-f]{32}$/);
	}
});
