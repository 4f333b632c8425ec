/** A run on the screen: toolbar, picture, legend, readout and stages, and what ties them together. */
import * as l10n from '@vscode/l10n';
import type {
	EffectiveField,
	InspectorBranches,
	InspectorDominance,
	InspectorFields,
	InspectorGradient,
} from '../../shared/protocol/aspp';
import type { CrfTies, InspectorCrf, InspectorLayer, InspectorRadius } from '../../shared/protocol/crf';
import type { InspectorRun, Probe } from '../../shared/protocol/inspector';
import { branchPlaces } from '../shared/branches';
import { h } from '../shared/dom';
import { marksSvg } from '../shared/figure';
import { moveProbe } from '../shared/probeSteps';
import { applyRateColors, onThemeChange, prefersReducedMotion, tokenColor } from '../shared/theme';
import { createBlink } from './blink';
import { branchesTitle, dominancePixels, dominanceText } from './branchesData';
import { createBranchLegend } from './branchLegend';
import { crfReading, crfTopic, largestEntropy, type OverlayScale } from './crfReadData';
import { createFieldMarks } from './fieldMarks';
import type { Command } from './keyboard';
import {
	dividerInSight,
	maskOf,
	type OverlayPart,
	overlayParts,
	savedMask,
	shownLayer,
	toggledCrf,
	toggledMask,
} from './layerData';
import { createLayers, type Layers } from './layers';
import { createLegend } from './legend';
import { legendLines } from './legendData';
import { maskStyle } from './maskData';
import { picturePng } from './picturePng';
import { readoutData } from './probeData';
import { createReadout } from './readout';
import { createRingMarks } from './ringMarks';
import { createScaleLegend } from './scaleLegend';
import { withDraw } from './stageData';
import { createStageStrip } from './stageStrip';
import { createTapScale } from './tapScale';
import { createToolbar, zoomStep } from './toolbar';
import { createViewport } from './viewport';
import { cycleSolo, initialView, toggleHidden, toggleSolo, type ViewState } from './viewState';

export interface RunViewEvents {
	onProbe(probe: Probe | undefined): void;
	/** The class that the ASPP views are to speak of; undefined: the probe pixel's winner. */
	onClass(label: number | undefined): void;
	/** Index of the branch that is to be on alone; undefined: all. */
	onSoloBranch(branch: number | undefined): void;
	onView(view: ViewState): void;
	onOpacity(opacity: number): void;
	onDrawn(milliseconds: number): void;
	/** @returns the saved file's name, or null where the user changed their mind. */
	saveMask(which: ReturnType<typeof savedMask>): Promise<string | null>;
	savePicture(png: Uint8Array): Promise<string | null>;
	/** What to tell the user of an error. */
	explain(error: unknown): string;
	onHelp(): void;
}

export interface RunView {
	readonly element: HTMLElement;
	show(run: InspectorRun, probe: Probe | undefined, crf: InspectorCrf | undefined, view: ViewState): void;
	/** What the CRF found of the run that is shown; undefined where there is nothing (any more). */
	setCrf(crf: InspectorCrf | undefined): void;
	setLayer(layer: InspectorLayer): void;
	setTies(ties: CrfTies | undefined): void;
	setRadius(radius: InspectorRadius | undefined): void;
	/** The mask of the branches that are on; undefined: all are, at the rates they were trained at. */
	setBranches(branches: InspectorBranches | undefined): void;
	setDominance(dominance: InspectorDominance | undefined): void;
	setFields(fields: InspectorFields | undefined): void;
	setGradient(gradient: InspectorGradient | undefined): void;
	/** The class that the ASPP views speak of. */
	setChosenClass(label: number | undefined): void;
	setProbe(probe: Probe | undefined): void;
	setOpacity(opacity: number): void;
	/** @param held for `pictureAlone`: whether the key is down. */
	command(command: Exclude<Command, { kind: 'help' }>, held: boolean): void;
}

/** Of the marks in a picture that is saved, in their own pixels. */
const marksWidth = 1000;

export function createRunView(events: RunViewEvents): RunView {
	let run: InspectorRun | undefined;
	let layers: Layers | undefined;
	let crf: InspectorCrf | undefined;
	let ties: CrfTies | undefined;
	let branches: InspectorBranches | undefined;
	let dominance: InspectorDominance | undefined;
	let fields: InspectorFields | undefined;
	let gradient: EffectiveField | undefined;
	/** What the mask's key returns to from the picture alone. */
	let formerLayer: InspectorLayer = 'mask';
	let view = initialView;
	let probe: Probe | undefined;
	let beforeDoubleClick: Probe | undefined;
	let pointed: Probe | undefined;
	let highlighted: number | undefined;
	let opacity = 0.6;
	let alone = false;

	const toolbar = createToolbar({
		onLayer: (layer) => chooseLayer(layer),
		onBlink: () => toggleBlink(),
		onOpacity: (value) => {
			setOpacity(value);
			events.onOpacity(value);
		},
		onZoom: (factor) => viewport.zoomBy(factor),
		onFit: () => viewport.fit(),
		onActualSize: () => viewport.actualSize(),
		onSaveMask: () => save(() => events.saveMask(savedMask(layer()))),
		onSavePicture: () => save(async () => events.savePicture(new Uint8Array(await (await png()).arrayBuffer()))),
		onCopy: () => void copy(),
		onHelp: events.onHelp,
	});
	const viewport = createViewport({
		onPointer: (pixel) => {
			pointed = pixel;
			showReadout();
		},
		onClick: (pixel, first) => {
			if (first) {
				beforeDoubleClick = probe;
			}
			pin(pixel);
		},
		onDoubleClick: () => {
			// Its two clicks were no wish to pin.
			pin(beforeDoubleClick);
			viewport.fit();
		},
		onLook: (look, scale) => {
			toolbar.setScale(scale);
			view = { ...view, look };
			events.onView(view);
		},
		onDivider: (divider) => {
			view = { ...view, divider };
			redraw();
			events.onView(view);
		},
	});
	const scale = createScaleLegend();
	const sideLabel = h('span', { class: 'side-label blink-label', hidden: true, 'aria-hidden': 'true' });
	const tapScale = createTapScale();
	const layerTitle = h('span', { class: 'side-label layer-title', hidden: true });
	viewport.element.append(h('div', { class: 'scales' }, tapScale.element, scale.element), sideLabel, layerTitle);
	const blink = createBlink(() => redraw());
	const legend = createLegend({
		onSolo: (label) => change(toggleSolo(view, label)),
		onHide: (label) => change(toggleHidden(view, label)),
		onHighlight: (label) => {
			highlighted = label;
			restyle(label !== undefined);
		},
	});
	const branchLegend = createBranchLegend();
	const readout = createReadout();
	const strip = createStageStrip();
	const element = h(
		'div',
		{ class: 'run' },
		toolbar.element,
		h('div', { class: 'run-body' }, viewport.element, legend.element, branchLegend.element),
		readout.element,
		strip.element,
	);

	const extras = () => ({
		crf: crf !== undefined,
		branches: branches !== undefined,
		dominance: dominance !== undefined,
	});
	/** Place in the colours, by branch. */
	const places = () => branchPlaces(run?.info.model.branches.map(({ rate }) => rate) ?? []);
	/** What is drawn, but for blinking, ties, a gradient and the key that shows the picture alone. */
	const layer = () => shownLayer(view.layer, extras());
	const parts = (): readonly OverlayPart[] => {
		const side = blink.side();
		if (gradient) {
			return [{ overlay: 'gradient', from: 0, to: 1 }];
		}
		if (ties) {
			return [{ overlay: 'ties', from: 0, to: 1 }];
		}
		return side ? [{ overlay: side, from: 0, to: 1 }] : overlayParts(layer(), view.divider);
	};
	const overlayScale = (): OverlayScale | undefined => {
		const shown = layer();
		if (gradient) {
			return { kind: 'gradient', largest: gradient.largest };
		}
		if (ties) {
			return { kind: ties.kernel, largest: ties.largest };
		}
		const { classes } = run?.info.model ?? { classes: [] };
		return shown === 'entropyBefore' || shown === 'entropyAfter'
			? { kind: shown, largest: largestEntropy(classes), classes: classes.length }
			: undefined;
	};
	const redraw = () => {
		const side = blink.side();
		const swiping = layer() === 'swipe' && !ties && !gradient && !side && !alone;
		viewport.setDrawing({ parts: alone ? [] : parts(), opacity }, swiping ? view.divider : undefined);
		scale.show(alone || side ? undefined : overlayScale());
		viewport.setGradient(alone ? undefined : gradient);
		viewport.setFields(alone ? undefined : fields, places());
		tapScale.show(alone || !fields?.tapShares ? undefined : fields.largestTapShare);
		layerTitle.hidden = alone || side !== undefined || layer() !== 'branches' || gradient !== undefined;
		layerTitle.textContent = branchesTitle(branches);
		toolbar.setBlinking(side !== undefined);
		sideLabel.hidden = !side || alone;
		sideLabel.textContent = side === 'before' ? l10n.t('Before CRF') : l10n.t('After CRF');
	};
	const style = (current: InspectorRun, passing: number | undefined) =>
		maskStyle(current.info.model, view, passing, tokenColor('--vscode-editor-background', [30, 30, 30]));
	const restyle = (passing: boolean) => {
		if (run && layers) {
			const next = style(run, highlighted);
			layers.setStyle(next, passing);
			viewport.setStyle(next);
		}
	};
	const lines = () => {
		if (!run) {
			return [];
		}
		const shown = layer();
		if (shown !== 'branches') {
			return legendLines(run.info, crf, maskOf(shown));
		}
		const found = legendLines(run.info, branches, 'after');
		// Without a CRF the legend has no columns for changes: it keeps its width, and the picture its place.
		return crf ? found : found.map((line) => ({ ...line, gained: undefined, lost: undefined }));
	};
	const showLayer = () => {
		toolbar.setLayer(layer(), extras(), branchesTitle(branches));
		if (run) {
			legend.setLines(run.info.model, lines());
			legend.setView(view);
		}
		const byBranch = layer() === 'dominance' && dominance !== undefined;
		legend.element.hidden = byBranch;
		branchLegend.element.hidden = !byBranch;
		if (dominance && byBranch) {
			branchLegend.show(dominance, places());
		}
		legend.setFilled(layer() === 'changed');
		redraw();
		showReadout();
	};
	const change = (next: ViewState) => {
		view = next;
		showLayer();
		restyle(false);
		events.onView(view);
	};
	const adoptLayer = (next: InspectorLayer) => {
		blink.stop();
		if (view.layer !== 'picture') {
			formerLayer = view.layer;
		}
		view = { ...view, layer: next };
		showLayer();
		events.onView(view);
	};
	/** By the user's own hand: what is drawn now is no longer the ties or a gradient. */
	const chooseLayer = (next: InspectorLayer) => {
		ties = undefined;
		layers?.setTies(undefined);
		gradient = undefined;
		layers?.setGradient(undefined);
		if (next === 'swipe') {
			view = { ...view, divider: dividerInSight(view.divider, viewport.sharesInSight()) };
		}
		adoptLayer(next);
	};
	const toggleBlink = () => {
		if (!crf) {
			return;
		}
		if (prefersReducedMotion()) {
			chooseLayer(toggledCrf(layer()));
			return;
		}
		if (ties || gradient) {
			chooseLayer(view.layer);
		}
		blink.toggle(maskOf(layer()));
	};
	const setOpacity = (value: number) => {
		opacity = value;
		toolbar.setOpacity(value);
		redraw();
	};
	const setProbe = (next: Probe | undefined) => {
		probe = next;
		viewport.setProbe(next);
		showReadout();
	};
	const pin = (next: Probe | undefined) => {
		setProbe(next);
		events.onProbe(next);
	};
	const showReadout = () => {
		const pixel = pointed ?? probe;
		const ofBranches = layer() === 'branches' ? branches : undefined;
		const data =
			run && pixel && readoutData(ofBranches?.logits ?? run.logits, run.info.geometry, run.info.model.classes, pixel);
		const topic = crfTopic(layer());
		const reading = run && pixel && crf && topic && crfReading(run, crf, pixel);
		readout.show(
			data,
			pointed === undefined,
			run && topic && reading ? { topic, reading, classes: run.info.model.classes } : undefined,
			run && pixel && layer() === 'dominance' && dominance ? dominanceText(run, dominance, pixel) : undefined,
		);
		const label = reading ? reading[maskOf(layer())] : data?.best?.label;
		legend.setPointed(pointed && label);
	};
	/** What came too late, of a run that is no longer shown, is not drawn. */
	const isOfRun = (next: { readonly runId: string } | undefined) => run && (!next || next.runId === run.info.id);
	/** Boxes, taps and rings as they lie over the whole picture; undefined where none are drawn. */
	const marksOverPicture = (): string | undefined => {
		if (!run || (!fields && !gradient)) {
			return undefined;
		}
		const { pictureWidth, pictureHeight } = run.info.geometry;
		// Large pictures are looked at reduced: their marks are drawn for that.
		const k = Math.min(1, marksWidth / pictureWidth);
		const size = { width: pictureWidth * k, height: pictureHeight * k };
		const [boxes, rings] = [createFieldMarks(), createRingMarks()];
		element.append(boxes.element, rings.element);
		boxes.place(fields, places(), { k, x: 0, y: 0 }, size);
		rings.place(gradient, { k, x: 0, y: 0 }, size);
		const svg = marksSvg([boxes.element, rings.element], size.width, size.height);
		boxes.element.remove();
		rings.element.remove();
		return svg;
	};
	const png = () => {
		if (!run) {
			throw new Error('there is no run to save');
		}
		// Its own, for those on the screen may be coarser and keep what they make.
		const full = createLayers(run, style(run, undefined));
		full.setCrf(crf);
		full.setTies(ties);
		full.setBranches(branches?.labels);
		full.setDominance(dominance?.branches, dominancePixels(places()));
		full.setGradient(gradient);
		return picturePng(run, full, parts(), opacity, marksOverPicture());
	};
	const save = (write: () => Promise<string | null>) => {
		write().then(
			(name) => name !== null && readout.notify(l10n.t('Saved {0}', name), 'done'),
			(error: unknown) => readout.notify(events.explain(error), 'error'),
		);
	};
	const copy = async () => {
		try {
			// The promise goes into the item: the clipboard must be asked while the click is still fresh.
			await navigator.clipboard.write([new ClipboardItem({ 'image/png': png() })]);
			readout.notify(l10n.t('Copied the picture as shown'), 'done');
		} catch {
			readout.notify(l10n.t('The clipboard did not take the picture. Save it instead.'), 'error');
		}
	};
	onThemeChange(() => {
		applyRateColors(places().length);
		layers?.setDominance(dominance?.branches, dominancePixels(places()));
		restyle(false);
		redraw();
	});

	return {
		element,
		show(next, nextProbe, nextCrf, nextView) {
			const start = performance.now();
			const { info } = next;
			run = next;
			view = nextView;
			crf = nextCrf;
			ties = undefined;
			branches = undefined;
			dominance = undefined;
			fields = undefined;
			gradient = undefined;
			blink.stop();
			applyRateColors(places().length);
			viewport.setRadius(undefined);
			highlighted = undefined;
			pointed = undefined;
			viewport.element.setAttribute(
				'aria-label',
				l10n.t(
					'{0}, {1} by {2} pixels, with its mask. Arrow keys move the probe pixel.',
					info.pictureName,
					info.geometry.pictureWidth,
					info.geometry.pictureHeight,
				),
			);
			strip.show(info.timings, info.backend);
			const nextStyle = style(next, undefined);
			layers = createLayers(next, nextStyle);
			layers.setCrf(crf);
			showLayer();
			viewport.setRun(next, layers, nextStyle, view.look, () => {
				const milliseconds = performance.now() - start;
				strip.show(withDraw(info.timings, milliseconds), info.backend);
				events.onDrawn(milliseconds);
			});
			setProbe(nextProbe);
		},
		setCrf(next) {
			if (run && next?.runId !== undefined && next.runId !== run.info.id) {
				return;
			}
			crf = next;
			layers?.setCrf(next);
			if (!next) {
				blink.stop();
			}
			showLayer();
		},
		setLayer: adoptLayer,
		setTies(next) {
			ties = next;
			layers?.setTies(next);
			if (next) {
				blink.stop();
			}
			redraw();
		},
		setRadius: (next) => viewport.setRadius(next),
		setBranches(next) {
			if (isOfRun(next)) {
				branches = next;
				layers?.setBranches(next?.labels);
				showLayer();
			}
		},
		setDominance(next) {
			if (isOfRun(next)) {
				dominance = next;
				layers?.setDominance(next?.branches, dominancePixels(places()));
				showLayer();
			}
		},
		setFields(next) {
			if (isOfRun(next)) {
				fields = next;
				redraw();
			}
		},
		setGradient(next) {
			if (isOfRun(next)) {
				gradient = next?.field;
				layers?.setGradient(gradient);
				if (next) {
					blink.stop();
				}
				redraw();
			}
		},
		setChosenClass: (label) => legend.setChosen(label),
		setProbe,
		setOpacity,
		command(command, held) {
			if (!run) {
				return;
			}
			switch (command.kind) {
				case 'zoomIn':
					viewport.zoomBy(zoomStep);
					return;
				case 'zoomOut':
					viewport.zoomBy(1 / zoomStep);
					return;
				case 'fit':
					viewport.fit();
					return;
				case 'actualSize':
					viewport.actualSize();
					return;
				case 'toggleMask':
					chooseLayer(toggledMask(layer(), formerLayer));
					return;
				case 'toggleCrf':
					if (crf) {
						chooseLayer(toggledCrf(layer()));
					}
					return;
				case 'blink':
					toggleBlink();
					return;
				case 'unpin':
					pin(undefined);
					return;
				case 'soloBranch':
					if (run.info.model.branches.length > (command.branch ?? 0)) {
						events.onSoloBranch(command.branch);
					}
					return;
				case 'cycleClass':
					change(
						cycleSolo(
							view,
							lines().map(({ label }) => label),
							command.step,
						),
					);
					legend.setChosen(view.solo);
					events.onClass(view.solo);
					return;
				case 'pictureAlone':
					alone = held;
					redraw();
					return;
				case 'moveProbe': {
					const next = moveProbe(probe, run.info.geometry, command.dx, command.dy, command.unit);
					// The pointer may rest over the picture: what moves is the probe, so that is what is read out.
					pointed = undefined;
					pin(next);
					viewport.reveal(next);
					readout.announce();
					return;
				}
				default: {
					const unknown: never = command;
					throw new Error(`unknown command ${JSON.stringify(unknown)}`);
				}
			}
		},
	};
}
