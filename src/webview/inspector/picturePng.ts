/** The picture as shown, at its own size, as PNG. */
import type { InspectorRun } from '../../shared/protocol/inspector';
import { canvas, context, createLayers } from './layers';
import type { MaskStyle } from './maskData';
import type { Drawing } from './viewport';

/**
 * @returns a PNG blob of the picture's own width and height
 * @throws Error where the browser cannot make a picture of that size
 */
export async function picturePng(run: InspectorRun, style: MaskStyle, drawing: Drawing): Promise<Blob> {
	const { pictureWidth, pictureHeight } = run.info.geometry;
	const layers = createLayers(run, style);
	const target = canvas(pictureWidth, pictureHeight);
	const paint = context(target);
	paint.drawImage(layers.picture(0), 0, 0, pictureWidth, pictureHeight);
	if (drawing.maskShown) {
		paint.globalAlpha = drawing.opacity;
		paint.imageSmoothingEnabled = false;
		paint.drawImage(layers.mask(0), 0, 0, pictureWidth, pictureHeight);
	}
	return new Promise((resolve, reject) => {
		target.toBlob(
			(blob) => (blob ? resolve(blob) : reject(new Error(`no PNG of ${pictureWidth} x ${pictureHeight} pixels`))),
			'image/png',
		);
	});
}
