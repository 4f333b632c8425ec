/** Opens a built page as VS Code would: its HTML, its content security policy, a theme, and a host. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, type Page } from '@playwright/test';
import { seriousFindings } from './axe';
import { type FakeHostSetup, installFakeHost, packAll, type RecordedCall } from './fakeHost';

export const root = path.resolve(import.meta.dirname, '../../..');
const dist = path.join(root, 'dist/webview');
/** Served by the test itself; localhost, for the clipboard wants a secure context. */
const origin = 'http://localhost:9';

export const themes = {
	dark: 'vscode-dark',
	light: 'vscode-light',
	'hc-black': 'vscode-high-contrast',
	'hc-light': 'vscode-high-contrast vscode-high-contrast-light',
} as const;
export type Theme = keyof typeof themes;
export const themeNames = Object.keys(themes) as readonly Theme[];

export interface OpenOptions {
	readonly theme?: Theme;
	readonly answers?: Readonly<Record<string, unknown>>;
	readonly problems?: Readonly<Record<string, unknown>>;
	readonly state?: unknown;
	readonly l10n?: Readonly<Record<string, string>>;
	readonly language?: string;
	/** Added to the body. */
	readonly bodyClass?: string;
}

/** Errors of the page end the test. */
export async function openPage(
	page: Page,
	name: 'inspector' | 'runs' | 'model' | 'crf' | 'aspp' | 'receptiveField' | 'doctor',
	options: OpenOptions = {},
): Promise<void> {
	const errors: string[] = [];
	page.on('pageerror', (error) => errors.push(error.message));
	page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
	pageErrors.set(page, errors);
	const html = pageHtml(name, options);
	await page.route(`${origin}/**`, async (route) => {
		const file = new URL(route.request().url()).pathname.slice(1);
		if (file === name) {
			await route.fulfill({ contentType: 'text/html; charset=utf-8', body: html });
			return;
		}
		const from = file.startsWith('themes/') ? path.join(root, 'test/pages', file) : path.join(dist, file);
		if (existsSync(from)) {
			await route.fulfill({ path: from });
		} else {
			await route.fulfill({ status: 404 });
		}
	});
	const setup: FakeHostSetup = {
		answers: packAll(options.answers ?? {}) as Record<string, unknown>,
		problems: options.problems ?? {},
		state: options.state,
	};
	await page.addInitScript(installFakeHost, setup);
	await page.goto(`${origin}/${name}`);
	await page.evaluate(() => document.fonts.ready);
}

const pageErrors = new WeakMap<Page, string[]>();

export function expectNoErrors(page: Page): void {
	expect(pageErrors.get(page) ?? []).toEqual([]);
}

function pageHtml(name: string, options: OpenOptions): string {
	const theme = options.theme ?? 'dark';
	const setup = JSON.stringify({ page: name, l10n: options.l10n ?? {}, language: options.language ?? 'en' })
		.replaceAll('&', '&amp;')
		.replaceAll("'", '&#39;')
		.replaceAll('<', '&lt;');
	const nonce = 'abcdefgh12345678';
	const policy = [
		"default-src 'none'",
		`img-src ${origin} data: blob:`,
		`style-src ${origin}`,
		`font-src ${origin}`,
		`script-src 'nonce-${nonce}'`,
	].join('; ');
	return `<!DOCTYPE html>
<html lang="en" data-place="${name === 'inspector' || name === 'doctor' ? 'editor' : 'side'}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${name}</title>
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="${origin}/themes/base.css">
<link rel="stylesheet" href="${origin}/themes/${theme}.css">
<link rel="stylesheet" href="${origin}/${name}.css"></head>
<body class="${themes[theme]} ${options.bodyClass ?? ''}" data-page='${setup}'>
<script nonce="${nonce}" src="${origin}/${name}.js"></script></body></html>`;
}

/** Calls of the page to the host, in order. */
export function hostCalls(page: Page, method: string): Promise<RecordedCall[]> {
	return page.evaluate((wanted) => window.fakeHost.calls.filter((call) => call.method === wanted), method);
}

/** What the page has sent with each call of a method by the next frame. */
export async function paramsOf(page: Page, method: string): Promise<unknown[]> {
	await nextFrame(page);
	return (await hostCalls(page, method)).map(({ params }) => params);
}

/** The host calls a method of the page and waits for its end. */
export async function callPage(page: Page, method: string, params: unknown): Promise<void> {
	await page.evaluate(([name, value]) => window.fakeHost.call(name as string, value), [method, packAll(params)]);
}

/** Several calls, one after the other, before the page has answered any. */
export async function callPageAtOnce(page: Page, calls: readonly (readonly [method: string, params: unknown])[]) {
	await page.evaluate(
		(each) => {
			for (const [method, value] of each) {
				void window.fakeHost.call(method as string, value);
			}
		},
		calls.map(([method, params]) => [method, packAll(params)]),
	);
}

/** Two frames later, what was asked for is drawn. */
export async function nextFrame(page: Page): Promise<void> {
	await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

export async function screenshot(page: Page, name: string): Promise<void> {
	await nextFrame(page);
	await page.screenshot({ path: path.join(root, 'test-output/pages', `${name}.png`) });
}

/** No finding of axe-core that it calls serious or critical. */
export async function expectAccessible(page: Page): Promise<void> {
	const findings = await seriousFindings(page);
	expect(findings).toEqual([]);
}

export async function expectNoSidewaysScroll(page: Page): Promise<void> {
	const { scroll, client } = await page.evaluate(() => ({
		scroll: document.documentElement.scrollWidth,
		client: document.documentElement.clientWidth,
	}));
	expect(scroll).toBeLessThanOrEqual(client);
}
