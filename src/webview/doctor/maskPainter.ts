/** Draws the picture with a mask over it, at whatever size. */
import type { DoctorExam, DoctorMask } from '../../shared/protocol/doctor';
import { context } from '../inspector/picture/layers';
import { type MaskStyle, maskPixels, maskStyle } from '../inspector/picture/maskData';
import { initialView } from '../inspector/viewState';

export interface MaskPainter {
	/** Paints onto a canvas of that many device pixels; without a mask the picture alone. */
	paint(canvas: HTMLCanvasElement, width: number, mask: DoctorMask | undefined, opacity: number): void;
}

export function createMaskPainter({ picture, classes, ignoreLabel }: DoctorExam): MaskPainter {
	const { width, height, rgb } = picture;
	const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
	for (let i = 0; i < width * height; i++) {
		pixels.set(rgb.subarray(i * 3, i * 3 + 3), i * 4);
	}
	const ground = canvasOf(pixels, width, height);
	const style: MaskStyle = maskStyle({ classes, ignoreLabel }, initialView, undefined, [0, 0, 0]);
	const drawn = new WeakMap<DoctorMask, HTMLCanvasElement>();
	const canvasOfMask = (mask: DoctorMask) => {
		const found =
			drawn.get(mask) ??
			canvasOf(maskPixels(mask.labels, mask.width, mask.height, style, true), mask.width, mask.height);
		drawn.set(mask, found);
		return found;
	};
	return {
		paint(canvas, wanted, mask, opacity) {
			canvas.width = Math.max(1, Math.min(wanted, width));
			canvas.height = Math.max(1, Math.round((canvas.width * height) / width));
			const paint = context(canvas);
			paint.imageSmoothingQuality = 'high';
			paint.drawImage(ground, 0, 0, canvas.width, canvas.height);
			if (mask) {
				paint.globalAlpha = opacity;
				paint.drawImage(canvasOfMask(mask), 0, 0, canvas.width, canvas.height);
				paint.globalAlpha = 1;
			}
		},
	};
}

function canvasOf(pixels: Uint8ClampedArray<ArrayBuffer>, width: number, height: number): HTMLCanvasElement {
	const canvas = document.createElement('canvas');
	canvas.width = width;
	canvas.height = height;
	context(canvas).putImageData(new ImageData(pixels, width, height), 0, 0);
	return canvas;
}
