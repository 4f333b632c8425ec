/** Paints the picture and its overlays onto the viewport's canvas. */

import type { Overlay, OverlayPart } from '../toolbar/layerData';
import { borderLines } from './borderData';
import { context, type Layers, type MaskName } from './layers';
import { borderColor, type MaskStyle } from './maskData';
import { halvings, type Size, type Transform } from './viewportData';

/** What is drawn over the picture. */
export interface Drawing {
	readonly parts: readonly OverlayPart[];
	/** 0…1. */
	readonly opacity: number;
}

export interface Scene {
	readonly layers: Layers;
	/** Size of the picture, in its own pixels. */
	readonly picture: Size;
	/** Size that it is displayed at: the picture's, or less. */
	readonly display: Size;
	readonly style: MaskStyle;
	readonly drawing: Drawing;
}

export interface Painter {
	/** @param view size of the canvas in CSS pixels */
	paint(scene: Scene, transform: Transform, view: Size): void;
}

interface Borders {
	readonly labels: Uint8Array;
	readonly style: MaskStyle;
	readonly place: string;
	readonly path: Path2D;
}

export function createPainter(surface: HTMLCanvasElement): Painter {
	const borders: Partial<Record<MaskName, Borders>> = {};

	/** Border lines of what is in sight; kept while neither the place, the labels nor the style change. */
	const borderPath = (name: MaskName, scene: Scene, { k, x, y }: Transform, view: Size, ratio: number) => {
		const { display, picture, style } = scene;
		const labels = scene.layers.labels(name);
		const place = [k, x, y, ratio, view.width, view.height].join();
		const kept = borders[name];
		if (!labels || (kept?.labels === labels && kept.style === style && kept.place === place)) {
			return labels && kept?.path;
		}
		const pixel = (k * picture.width) / display.width;
		const lines = borderLines(labels, display.width, display.height, style.edge, {
			left: Math.floor(-x / pixel),
			top: Math.floor(-y / pixel),
			right: Math.ceil((view.width - x) / pixel),
			bottom: Math.ceil((view.height - y) / pixel),
		});
		const path = new Path2D();
		const half = Math.round(ratio) % 2 === 1 ? 0.5 : 0;
		const atX = (corner: number) => Math.round((corner * pixel + x) * ratio) + half;
		const atY = (corner: number) => Math.round((corner * pixel + y) * ratio) + half;
		for (let index = 0; index < lines.length; index += 4) {
			path.moveTo(atX(lines[index]!), atY(lines[index + 1]!));
			path.lineTo(atX(lines[index + 2]!), atY(lines[index + 3]!));
		}
		borders[name] = { labels, style, place, path };
		return path;
	};

	return {
		paint(scene, transform, view) {
			const { layers, picture, display, drawing } = scene;
			const ratio = window.devicePixelRatio || 1;
			const width = Math.max(1, Math.round(view.width * ratio));
			const height = Math.max(1, Math.round(view.height * ratio));
			if (surface.width !== width || surface.height !== height) {
				surface.width = width;
				surface.height = height;
			}
			const paint = context(surface);
			const scale = (transform.k * ratio * picture.width) / display.width;
			const level = halvings(scale);
			paint.setTransform(1, 0, 0, 1, 0, 0);
			paint.globalAlpha = 1;
			paint.clearRect(0, 0, width, height);
			paint.setTransform(transform.k * ratio, 0, 0, transform.k * ratio, transform.x * ratio, transform.y * ratio);
			paint.imageSmoothingEnabled = scale < 1;
			paint.drawImage(layers.picture(level), 0, 0, picture.width, picture.height);
			if (drawing.opacity === 0) {
				return;
			}
			paint.globalAlpha = drawing.opacity;
			for (const part of drawing.parts) {
				const mask = scale > 1 ? maskName(part.overlay) : undefined;
				const overlay = mask ? layers.plainMask(mask) : layers.overlay(part.overlay, level);
				if (!overlay) {
					continue;
				}
				paint.save();
				clipPart(paint, part, picture.width, picture.height);
				paint.drawImage(overlay, 0, 0, picture.width, picture.height);
				const path = mask && borderPath(mask, scene, transform, view, ratio);
				if (path) {
					paint.setTransform(1, 0, 0, 1, 0, 0);
					paint.strokeStyle = `rgb(${borderColor.join(' ')})`;
					paint.lineWidth = Math.max(1, Math.round(ratio));
					paint.stroke(path);
				}
				paint.restore();
			}
		},
	};
}

/** The mask that an overlay is, if it is one. */
function maskName(overlay: Overlay): MaskName | undefined {
	switch (overlay) {
		case 'before':
		case 'after':
		case 'branches':
		case 'strideBefore':
		case 'strideAfter':
			return overlay;
		default:
			return undefined;
	}
}

/** Keeps what follows within an overlay's part of the picture. */
export function clipPart(paint: CanvasRenderingContext2D, part: OverlayPart, width: number, height: number): void {
	if (part.from > 0 || part.to < 1) {
		paint.beginPath();
		paint.rect(part.from * width, 0, (part.to - part.from) * width, height);
		paint.clip();
	}
}
