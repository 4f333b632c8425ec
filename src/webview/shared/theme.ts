/** What VS Code tells a page of its theme: classes of the body and `--vscode-*` properties. */
import { cssColor, parseColor, pixelOf, type Rgb, rateColors, signedPixels } from './colors';

export type Background = 'dark' | 'light';

export function themeBackground(): Background {
	const { classList } = document.body;
	// The light high-contrast theme carries both high-contrast classes.
	return classList.contains('vscode-light') || classList.contains('vscode-high-contrast-light') ? 'light' : 'dark';
}

/** Calls back when the theme changes. */
export function onThemeChange(callback: () => void): void {
	new MutationObserver(callback).observe(document.body, { attributes: true, attributeFilter: ['class'] });
}

/** The colour of a `--vscode-*` property, for pixels that no style sheet reaches. */
export function tokenColor(token: string, fallback: Rgb): Rgb {
	return parseColor(getComputedStyle(document.documentElement).getPropertyValue(token)) ?? fallback;
}

/** Keeps `--rate-0` … `--rate-n` (smallest rate first) at the colours of the current theme. */
export function applyRateColors(count: number): void {
	for (const [index, color] of rateColors(count, themeBackground()).entries()) {
		document.documentElement.style.setProperty(`--rate-${index}`, cssColor(color));
	}
}

/** Whether nothing is to move by itself: VS Code's setting, or the system's. */
export function prefersReducedMotion(): boolean {
	return (
		document.body.classList.contains('vscode-reduce-motion') ||
		window.matchMedia('(prefers-reduced-motion: reduce)').matches
	);
}

/** Whether lines must carry what colour carries elsewhere. */
export function isHighContrast(): boolean {
	const { classList } = document.body;
	return classList.contains('vscode-high-contrast') || classList.contains('vscode-high-contrast-light');
}

/** The pixel that a map's zero line is drawn with; undefined where the theme's colours tell the signs apart well enough. */
export function contourPixel(): number | undefined {
	return isHighContrast() ? pixelOf(tokenColor('--vscode-foreground', [255, 255, 255]), 255) : undefined;
}

/** The signed scale on the current theme: zero is the editor's background. */
export function themeSignedPixels(): Uint32Array {
	const background = themeBackground();
	const fallback: Rgb = background === 'dark' ? [30, 30, 30] : [255, 255, 255];
	return signedPixels(tokenColor('--vscode-editor-background', fallback), background);
}
