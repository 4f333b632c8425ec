/** The picture as shown, at its own size, as PNG. */
import type { InspectorRun } from '../../../shared/protocol/inspector';
import { svgImage } from '../../shared/figure';
import type { OverlayPart } from '../toolbar/layerData';
import { canvas, context, type Layers } from './layers';
import { clipPart } from './painter';

/**
 * @param layers those on the screen, in their full style
 * @param marks an SVG document that is drawn over everything
 * @returns a PNG blob of the picture's own width and height
 * @throws Error where the browser cannot make a picture of that size
 */
export async function picturePng(
	run: InspectorRun,
	layers: Layers,
	parts: readonly OverlayPart[],
	opacity: number,
	marks: string | undefined,
): Promise<Blob> {
	const { pictureWidth, pictureHeight } = run.info.geometry;
	const target = canvas(pictureWidth, pictureHeight);
	const paint = context(target);
	paint.drawImage(layers.picture(0), 0, 0, pictureWidth, pictureHeight);
	paint.globalAlpha = opacity;
	for (const part of parts) {
		const overlay = layers.overlay(part.overlay, 0);
		if (overlay) {
			paint.save();
			clipPart(paint, part, pictureWidth, pictureHeight);
			paint.imageSmoothingEnabled = false;
			paint.drawImage(overlay, 0, 0, pictureWidth, pictureHeight);
			paint.restore();
		}
	}
	if (marks !== undefined) {
		paint.globalAlpha = 1;
		paint.drawImage(await svgImage(marks), 0, 0, pictureWidth, pictureHeight);
	}
	return new Promise((resolve, reject) => {
		target.toBlob(
			(blob) => (blob ? resolve(blob) : reject(new Error(`no PNG of ${pictureWidth} x ${pictureHeight} pixels`))),
			'image/png',
		);
	});
}
