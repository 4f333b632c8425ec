/** The picture, the mask over it and the marks over both: a canvas for pixels under an SVG, with zoom and pan. */
import { type D3ZoomEvent, select, type ZoomTransform, zoom, zoomIdentity } from 'd3';
import type { InspectorRun, Probe } from '../../shared/protocol/inspector';
import { h } from '../shared/dom';
import { borderLines } from './borderData';
import { context, createLayers, type Layers } from './layers';
import { borderColor, type MaskStyle } from './maskData';
import { createProbeMark } from './probeMark';
import {
	fitTransform,
	halvings,
	keepInSight,
	lookTransform,
	pixelAt,
	type Size,
	scaleLimits,
	type Transform,
	transformLook,
} from './viewportData';
import type { Look } from './viewState';

export interface ViewportEvents {
	/** The pixel under the pointer changed; undefined beside the picture. At most once a frame. */
	onPointer(pixel: Probe | undefined): void;
	/** @param first false for the second click of a double click. */
	onClick(pixel: Probe, first: boolean): void;
	/** After the two clicks it consists of. */
	onDoubleClick(): void;
	/** The user or a resize moved the picture; `look` is undefined while it is fitted in. */
	onLook(look: Look | undefined, scale: number): void;
}

/** What is drawn of the layers. */
export interface Drawing {
	readonly maskShown: boolean;
	/** 0…1. */
	readonly opacity: number;
}

export interface Viewport {
	readonly element: HTMLElement;
	/** @param onDrawn called once, after the first frame. */
	setRun(run: InspectorRun, style: MaskStyle, look: Look | undefined, onDrawn: () => void): void;
	setDrawing(drawing: Drawing): void;
	/** @param passing true for a hover, which may be drawn coarser. */
	setStyle(style: MaskStyle, passing: boolean): void;
	setProbe(probe: Probe | undefined): void;
	zoomBy(factor: number): void;
	fit(): void;
	actualSize(): void;
	/** Moves a pixel into sight. */
	reveal(pixel: Probe): void;
}

export function createViewport(events: ViewportEvents): Viewport {
	const surface = h('canvas', { class: 'surface', 'aria-hidden': 'true' });
	const mark = createProbeMark();
	const element = h('div', { class: 'viewport', tabindex: '0', role: 'application' }, surface, mark.element);
	const target = select<HTMLElement, unknown>(element);

	let shown: { readonly run: InspectorRun; readonly layers: Layers; style: MaskStyle } | undefined;
	let drawing: Drawing = { maskShown: true, opacity: 0.6 };
	let probe: Probe | undefined;
	let look: Look | undefined;
	let view: Size = { width: 0, height: 0 };
	let transform: Transform = zoomIdentity;
	let pointer: readonly [number, number] | undefined;
	let pointerMoved = false;
	let frame = 0;
	let afterFrame: (() => void) | undefined;
	let borders: { readonly key: string; readonly path: Path2D } | undefined;
	let styleVersion = 0;

	const picture = (): Size =>
		shown
			? { width: shown.run.info.geometry.pictureWidth, height: shown.run.info.geometry.pictureHeight }
			: { width: 1, height: 1 };

	const behavior = zoom<HTMLElement, unknown>()
		.clickDistance(4)
		.extent(() => [
			[0, 0],
			[view.width, view.height],
		])
		.constrain((next) => toZoom(keepInSight(next, view, picture())))
		.on('zoom', (event: D3ZoomEvent<HTMLElement, unknown>) => {
			transform = event.transform;
			if (event.sourceEvent) {
				changeLook(transformLook(transform, view));
			}
			element.classList.toggle('panning', event.sourceEvent instanceof MouseEvent && event.sourceEvent.buttons > 0);
			pointerMoved = true;
			invalidate();
		})
		.on('end', () => element.classList.remove('panning'));
	target.call(behavior).on('dblclick.zoom', null);

	const changeLook = (next: Look | undefined) => {
		look = next;
		events.onLook(next, transform.k);
	};
	const moveTo = (next: Transform, nextLook: Look | undefined) => {
		if (view.width === 0 || !shown) {
			look = nextLook;
			return;
		}
		behavior.scaleExtent([...scaleLimits(view, picture())] as [number, number]);
		target.call(behavior.transform, toZoom(keepInSight(next, view, picture())));
		changeLook(nextLook);
	};
	/** Fits the picture or looks where it did before, after the viewport or the run changed. */
	const settle = () => moveTo(look ? lookTransform(look, view) : fitTransform(view, picture()), look);

	const invalidate = () => {
		if (frame === 0) {
			frame = requestAnimationFrame(draw);
		}
	};

	const draw = (time: number) => {
		frame = 0;
		if (pointerMoved) {
			pointerMoved = false;
			events.onPointer(pointer && shown ? pixelAt(pointer, transform, picture()) : undefined);
		}
		if (shown && view.width > 0) {
			const start = performance.now();
			drawPixels(shown.run, shown.layers, shown.style);
			mark.place(probe, transform, view);
			// The last frame's cost, for profiles and for the test that holds it down.
			performance.clearMeasures('inspector.frame');
			performance.measure('inspector.frame', { start, end: performance.now(), detail: time });
			afterFrame?.();
			afterFrame = undefined;
		}
	};

	const drawPixels = (run: InspectorRun, layers: Layers, style: MaskStyle) => {
		const ratio = window.devicePixelRatio || 1;
		const width = Math.max(1, Math.round(view.width * ratio));
		const height = Math.max(1, Math.round(view.height * ratio));
		if (surface.width !== width || surface.height !== height) {
			surface.width = width;
			surface.height = height;
		}
		const paint = context(surface);
		const { width: pictureWidth, height: pictureHeight } = picture();
		const scale = (transform.k * ratio * pictureWidth) / run.displayWidth;
		const level = halvings(scale);
		paint.setTransform(1, 0, 0, 1, 0, 0);
		paint.clearRect(0, 0, width, height);
		paint.setTransform(transform.k * ratio, 0, 0, transform.k * ratio, transform.x * ratio, transform.y * ratio);
		paint.imageSmoothingEnabled = scale < 1;
		paint.drawImage(layers.picture(level), 0, 0, pictureWidth, pictureHeight);
		if (!drawing.maskShown || drawing.opacity === 0) {
			return;
		}
		paint.globalAlpha = drawing.opacity;
		if (scale <= 1) {
			paint.drawImage(layers.mask(level), 0, 0, pictureWidth, pictureHeight);
		} else {
			paint.drawImage(layers.plainMask(), 0, 0, pictureWidth, pictureHeight);
			paint.setTransform(1, 0, 0, 1, 0, 0);
			paint.strokeStyle = `rgb(${borderColor.join(' ')})`;
			paint.lineWidth = Math.max(1, Math.round(ratio));
			paint.stroke(borderPath(run, style, ratio));
		}
		paint.globalAlpha = 1;
	};

	/** Border lines of what is in sight; kept while neither the view nor the style changes. */
	const borderPath = (run: InspectorRun, style: MaskStyle, ratio: number): Path2D => {
		const { k, x, y } = transform;
		const key = [styleVersion, k, x, y, ratio, view.width, view.height].join();
		if (borders?.key === key) {
			return borders.path;
		}
		const { displayWidth, displayHeight } = run;
		const pixel = (k * picture().width) / displayWidth;
		const lines = borderLines(run.labels, displayWidth, displayHeight, style.edge, {
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
		borders = { key, path };
		return path;
	};

	const toPoint = (event: MouseEvent): readonly [number, number] => {
		const box = element.getBoundingClientRect();
		return [event.clientX - box.left, event.clientY - box.top];
	};
	const trackPointer = (point: readonly [number, number] | undefined) => {
		pointer = point;
		pointerMoved = true;
		invalidate();
	};
	element.addEventListener('pointermove', (event) => trackPointer(toPoint(event)));
	element.addEventListener('pointerleave', () => trackPointer(undefined));
	element.addEventListener('click', (event) => {
		const pixel = shown && pixelAt(toPoint(event), transform, picture());
		if (pixel) {
			events.onClick(pixel, event.detail < 2);
		}
	});
	element.addEventListener('dblclick', (event) => {
		event.preventDefault();
		events.onDoubleClick();
	});
	new ResizeObserver(() => {
		const next = { width: element.clientWidth, height: element.clientHeight };
		if (next.width !== view.width || next.height !== view.height) {
			view = next;
			settle();
			invalidate();
		}
	}).observe(element);

	return {
		element,
		setRun(run, style, nextLook, onDrawn) {
			shown = { run, layers: createLayers(run, style), style };
			styleVersion++;
			look = nextLook;
			afterFrame = onDrawn;
			settle();
			invalidate();
		},
		setDrawing(next) {
			drawing = next;
			invalidate();
		},
		setStyle(style, passing) {
			if (shown) {
				shown.style = style;
				shown.layers.setStyle(style, passing);
				styleVersion++;
				invalidate();
			}
		},
		setProbe(next) {
			probe = next;
			invalidate();
		},
		zoomBy(factor) {
			target.call(behavior.scaleBy, factor, [view.width / 2, view.height / 2]);
			changeLook(transformLook(transform, view));
		},
		fit: () => moveTo(fitTransform(view, picture()), undefined),
		actualSize() {
			const { centerX, centerY } = transformLook(transform, view);
			const next = { scale: 1, centerX, centerY };
			moveTo(lookTransform(next, view), next);
		},
		reveal({ x, y }) {
			const { k } = transform;
			const margin = Math.min(32, view.width / 4, view.height / 4);
			const shift = (at: number, length: number) => Math.max(0, margin - at) + Math.min(0, length - margin - at);
			const dx = shift((x + 0.5) * k + transform.x, view.width);
			const dy = shift((y + 0.5) * k + transform.y, view.height);
			const outside = (at: number, length: number) => at < 0 || at > length;
			if (outside((x + 0.5) * k + transform.x, view.width) || outside((y + 0.5) * k + transform.y, view.height)) {
				const next = { k, x: transform.x + dx, y: transform.y + dy };
				moveTo(next, transformLook(next, view));
			}
		},
	};
}

function toZoom({ k, x, y }: Transform): ZoomTransform {
	return zoomIdentity.translate(x, y).scale(k);
}
