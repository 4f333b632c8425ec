import type { PageSetup } from '../../shared/protocol/page';

export interface PageSources {
	/** The webview's own origin, `webview.cspSource`. */
	readonly cspSource: string;
	/** Webview URI of `dist/webview`, without a slash at its end. */
	readonly base: string;
	/** From {@link createNonce}; a new one for every document. */
	readonly nonce: string;
	readonly title: string;
}

/**
 * The whole document of a page: its style, its one script, and what the script needs to know, as JSON in `data-page`.
 * Nothing but files of `dist/webview` and the nonce's script can be loaded.
 */
export function pageHtml(setup: PageSetup, sources: PageSources): string {
	const { cspSource, base, nonce, title } = sources;
	const policy = [
		"default-src 'none'",
		`img-src ${cspSource} data: blob:`,
		`style-src ${cspSource}`,
		`font-src ${cspSource}`,
		`script-src 'nonce-${nonce}'`,
	].join('; ');
	return `<!DOCTYPE html>
<html lang="${escapeAttribute(setup.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeAttribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeAttribute(title)}</title>
<link rel="stylesheet" href="${escapeAttribute(`${base}/${setup.page}.css`)}">
</head>
<body data-page="${escapeAttribute(JSON.stringify(setup))}">
<script nonce="${escapeAttribute(nonce)}" src="${escapeAttribute(`${base}/${setup.page}.js`)}"></script>
</body>
</html>
`;
}

/** 128 random bits as hexadecimal digits. */
export function createNonce(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Makes a text safe between double quotes of an attribute, and between tags. */
export function escapeAttribute(text: string): string {
	return text
		.replace(/&/g, '&amp;')
		.replace(/"/g, '&quot;')
		.replace(/'/g, '&#39;')
		.replace(/</g, '&lt;')
		.replace(/>/g, '&gt;');
}
