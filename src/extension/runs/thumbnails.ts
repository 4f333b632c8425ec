import type { Run } from '../../core/run';
import type { DisplayRaster } from '../inspector/displayRaster';

/** Longest side; views show it at half of that, or whole on dense screens. */
const thumbnailSize = 96;

/** PNG of a run's picture with its mask over it. */
export async function drawThumbnail(run: Run, raster: DisplayRaster, opacity: number): Promise<Uint8Array> {
	const [{ maskThumbnail }, { encodeRgbPng }] = await Promise.all([
		import('../../core/image/thumbnail'),
		import('../../core/image/palettePng'),
	]);
	const colors = run.info.model.classes.map(({ color }) => color);
	const { rgb, labels, width, height } = raster;
	const thumbnail = maskThumbnail(rgb, labels, width, height, colors, thumbnailSize, opacity);
	return encodeRgbPng(thumbnail.rgb, thumbnail.width, thumbnail.height);
}
