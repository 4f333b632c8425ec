/** The sequential scale as a bar from zero to the largest value. */
import { sequentialPixels } from './colors';

/** @param clear so many of the 256 lowest values fade out towards zero, as in what the bar explains */
export function createSequentialBar(clear = 0): HTMLCanvasElement {
	const bar = document.createElement('canvas');
	bar.className = 'sequential-bar';
	bar.width = 256;
	bar.height = 1;
	bar.setAttribute('aria-hidden', 'true');
	const pixels = new Uint8ClampedArray(sequentialPixels(clear).buffer as ArrayBuffer);
	bar.getContext('2d')?.putImageData(new ImageData(pixels, 256, 1), 0, 0);
	return bar;
}
