/** The picture, what is drawn over it and the marks over both: a canvas for pixels under SVGs, with zoom and pan. */
import { type D3ZoomEvent, select, type ZoomTransform, zoom, zoomIdentity } from 'd3';
import type { EffectiveField, InspectorFields } from '../../../shared/protocol/aspp';
import type { InspectorRadius } from '../../../shared/protocol/crf';
import type { InspectorRun, Probe } from '../../../shared/protocol/inspector';
import { h } from '../../shared/dom';
import type { Look } from '../viewState';
import { createFieldMarks } from './fieldMarks';
import type { Layers } from './layers';
import type { MaskStyle } from './maskData';
import { createPainter, type Drawing } from './painter';
import { createProbeMark } from './probeMark';
import { createRadiusMark } from './radiusMark';
import { createRingMarks } from './ringMarks';
import { type SideNames, sideNames } from './sideNames';
import { createSwipeDivider } from './swipeDivider';
import {
	fitTransform,
	keepInSight,
	lookTransform,
	pixelAt,
	type Size,
	scaleLimits,
	sharesInSight,
	type Transform,
	transformLook,
} from './viewportData';

export interface ViewportEvents {
	/** The pixel under the pointer changed; undefined beside the picture. At most once a frame. */
	onPointer(pixel: Probe | undefined): void;
	/** @param first false for the second click of a double click. */
	onClick(pixel: Probe, first: boolean): void;
	/** After the two clicks it consists of. */
	onDoubleClick(): void;
	/** The user or a resize moved the picture; `look` is undefined while it is fitted in. */
	onLook(look: Look | undefined, scale: number): void;
	/** The divider was moved. */
	onDivider(divider: number): void;
}

export interface Viewport {
	readonly element: HTMLElement;
	/** @param onDrawn called once, after the first frame. */
	setRun(run: InspectorRun, layers: Layers, style: MaskStyle, look: Look | undefined, onDrawn: () => void): void;
	/**
	 * @param divider share of the picture's width; undefined for none.
	 * @param sides names of what lies left and right of it
	 */
	setDrawing(drawing: Drawing, divider: number | undefined, sides: SideNames): void;
	/** The layers have it already. */
	setStyle(style: MaskStyle): void;
	setProbe(probe: Probe | undefined): void;
	setRadius(radius: InspectorRadius | undefined): void;
	/** Receptive fields; `places`: place in the colours, by branch. */
	setFields(fields: InspectorFields | undefined, places: readonly number[]): void;
	setGradient(field: EffectiveField | undefined): void;
	/** From where to where the picture is in sight across, as shares of its width. */
	sharesInSight(): readonly [from: number, to: number];
	zoomBy(factor: number): void;
	fit(): void;
	actualSize(): void;
	/** Moves a pixel into sight. */
	reveal(pixel: Probe): void;
}

export function createViewport(events: ViewportEvents): Viewport {
	const surface = h('canvas', { class: 'surface', 'aria-hidden': 'true' });
	const painter = createPainter(surface);
	const mark = createProbeMark();
	const radiusMark = createRadiusMark();
	const fieldMarks = createFieldMarks();
	const ringMarks = createRingMarks();
	const swipe = createSwipeDivider(events.onDivider);
	const element = h(
		'div',
		{ class: 'viewport', tabindex: '0', role: 'application' },
		surface,
		fieldMarks.element,
		ringMarks.element,
		radiusMark.element,
		mark.element,
		swipe.element,
	);
	const target = select<HTMLElement, unknown>(element);

	let shown: { readonly run: InspectorRun; readonly layers: Layers; style: MaskStyle } | undefined;
	let drawing: Drawing = { parts: [], opacity: 0.6 };
	let divider: number | undefined;
	let sides = sideNames(undefined);
	let radius: InspectorRadius | undefined;
	let fields: InspectorFields | undefined;
	let places: readonly number[] = [];
	let gradient: EffectiveField | undefined;
	let probe: Probe | undefined;
	let look: Look | undefined;
	let view: Size = { width: 0, height: 0 };
	let transform: Transform = zoomIdentity;
	let pointer: readonly [number, number] | undefined;
	let pointerMoved = false;
	let frame = 0;
	let afterFrame: (() => void) | undefined;

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
			const { layers, run, style } = shown;
			const { width, height } = picture();
			const display = { width: run.displayWidth, height: run.displayHeight };
			painter.paint({ layers, picture: { width, height }, display, style, drawing }, transform, view);
			mark.place(probe, transform, view);
			radiusMark.place(radius, probe ?? { x: (width - 1) / 2, y: (height - 1) / 2 }, transform, view);
			fieldMarks.place(fields, places, transform, view);
			ringMarks.place(gradient, transform, view);
			swipe.place(divider, sides, transform, { width, height }, view);
			// The last frame's cost, for profiles and for the test that holds it down.
			performance.clearMeasures('inspector.frame');
			performance.measure('inspector.frame', { start, end: performance.now(), detail: time });
			afterFrame?.();
			afterFrame = undefined;
		}
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
		setRun(run, layers, style, nextLook, onDrawn) {
			shown = { run, layers, style };
			look = nextLook;
			afterFrame = onDrawn;
			settle();
			invalidate();
		},
		setDrawing(next, nextDivider, nextSides) {
			drawing = next;
			sides = nextSides;
			divider = nextDivider;
			invalidate();
		},
		setStyle(style) {
			if (shown) {
				shown.style = style;
				invalidate();
			}
		},
		setRadius(next) {
			radius = next;
			invalidate();
		},
		setFields(next, nextPlaces) {
			fields = next;
			places = nextPlaces;
			invalidate();
		},
		setGradient(next) {
			gradient = next;
			invalidate();
		},
		setProbe(next) {
			probe = next;
			invalidate();
		},
		sharesInSight: () => sharesInSight(transform, view, picture()),
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
