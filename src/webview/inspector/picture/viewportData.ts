/** Where the picture lies in the viewport. Lengths are screen (CSS) pixels unless said otherwise. */
import type { Look } from '../viewState';

export interface Size {
	readonly width: number;
	readonly height: number;
}

/** Screen = picture * k + (x, y). */
export interface Transform {
	readonly k: number;
	readonly x: number;
	readonly y: number;
}

export const largestScale = 64;
const fitMargin = 8;
/** So much of the picture stays in the viewport, however far it is dragged. */
const keptVisible = 48;

/** The whole picture, centred. */
export function fitTransform(view: Size, picture: Size): Transform {
	const k = Math.min(
		largestScale,
		Math.max(1, view.width - 2 * fitMargin) / picture.width,
		Math.max(1, view.height - 2 * fitMargin) / picture.height,
	);
	return lookTransform({ scale: k, centerX: picture.width / 2, centerY: picture.height / 2 }, view);
}

/** Smallest and largest scale: from half of what fits to single pixels. */
export function scaleLimits(view: Size, picture: Size): readonly [number, number] {
	return [Math.min(1, fitTransform(view, picture).k / 2), largestScale];
}

export function lookTransform(look: Look, view: Size): Transform {
	return {
		k: look.scale,
		x: view.width / 2 - look.centerX * look.scale,
		y: view.height / 2 - look.centerY * look.scale,
	};
}

export function transformLook({ k, x, y }: Transform, view: Size): Look {
	return { scale: k, centerX: (view.width / 2 - x) / k, centerY: (view.height / 2 - y) / k };
}

/** The transform moved just so far that a part of the picture stays in sight. */
export function keepInSight({ k, x, y }: Transform, view: Size, picture: Size): Transform {
	return { k, x: clampAxis(x, picture.width * k, view.width), y: clampAxis(y, picture.height * k, view.height) };
}

function clampAxis(offset: number, length: number, view: number): number {
	const kept = Math.min(keptVisible, length, view);
	return Math.min(view - kept, Math.max(kept - length, offset));
}

/**
 * How often the drawn picture is halved for a scale, so that at most four of its pixels fall on one of the screen.
 *
 * @param scale device pixels a picture pixel
 */
export function halvings(scale: number): number {
	return Math.max(0, Math.floor(Math.log2(1 / scale) + 1e-9));
}

/** The picture pixel under a point, or undefined beside the picture. */
export function pixelAt(
	point: readonly [number, number],
	{ k, x, y }: Transform,
	picture: Size,
): { x: number; y: number } | undefined {
	const column = Math.floor((point[0] - x) / k);
	const row = Math.floor((point[1] - y) / k);
	return column >= 0 && row >= 0 && column < picture.width && row < picture.height ? { x: column, y: row } : undefined;
}

/** From where to where the picture is in sight across, as shares of its width. */
export function sharesInSight({ k, x }: Transform, view: Size, picture: Size): readonly [from: number, to: number] {
	const share = (at: number) => Math.min(1, Math.max(0, (at - x) / (picture.width * k)));
	return [share(0), share(view.width)];
}
