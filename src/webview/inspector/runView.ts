/** A run on the screen: toolbar, picture, legend, readout and stages, and what ties them together. */
import * as l10n from '@vscode/l10n';
import type {
	EffectiveField,
	InspectorBranches,
	InspectorBranchLogits,
	InspectorDominance,
	InspectorFields,
	InspectorGradient,
} from '../../shared/protocol/aspp';
import type {
	CrfTies,
	InspectorCrf,
	InspectorCrfUpdate,
	InspectorLayer,
	InspectorRadius,
} from '../../shared/protocol/crf';
import type { InspectorRun, InspectorScales, Probe } from '../../shared/protocol/inspector';
import type { ParityState } from '../../shared/protocol/parity';
import type { InspectorStrideMask, InspectorStrides, StrideAction } from '../../shared/protocol/strides';
import { branchPlaces } from '../shared/branches';
import { h } from '../shared/dom';
import { moveProbe } from '../shared/probeSteps';
import { applyRateColors, onThemeChange, prefersReducedMotion, themeBackground, tokenColor } from '../shared/theme';
import type { Command } from './keyboard';
import { branchesTitle, dominancePixels, dominanceText } from './legend/branchesData';
import { createBranchLegend } from './legend/branchLegend';
import { createLegend } from './legend/legend';
import { legendCaption } from './legend/legendCaption';
import { linesOfLayer } from './legend/legendData';
import { scalePixels } from './legend/winningScaleData';
import { createWinningScales } from './legend/winningScales';
import { createBlink } from './picture/blink';
import { createLayers, type Layers } from './picture/layers';
import { maskStyle } from './picture/maskData';
import { overlayScale } from './picture/overlayScale';
import { createPictureNotes } from './picture/pictureNotes';
import { picturePng } from './picture/picturePng';
import { sideNames } from './picture/sideNames';
import { createViewport } from './picture/viewport';
import type { ProfilePanel } from './profile/profilePanel';
import { crfReading, crfTopic, updatedCrf } from './readout/crfReadData';
import { readingOf } from './readout/probeData';
import { createReadout } from './readout/readout';
import { withDraw } from './stages/stageData';
import { createStageStrip } from './stages/stageStrip';
import { createStrideComparison } from './strides/strideComparison';
import {
	dividerInSight,
	isStrideLayer,
	isSwipe,
	maskOf,
	type OverlayPart,
	overlayParts,
	savedMask,
	shownLayer,
	toggledCrf,
	toggledMask,
	toggledStrides,
} from './toolbar/layerData';
import { savedMarks } from './toolbar/savedMarks';
import { createToolbar, zoomStep } from './toolbar/toolbar';
import { cycleSolo, initialView, toggleHidden, toggleSolo, type ViewState } from './viewState';

export interface RunViewEvents {
	onProbe(probe: Probe | undefined): void;
	/** The class that the ASPP views are to speak of; undefined: the probe pixel's winner. */
	onClass(label: number | undefined): void;
	/** Index of the branch that is to be on alone; undefined: all. */
	onSoloBranch(branch: number | undefined): void;
	/** The user chose a layer instead of the measured field. */
	onGradientEnded(): void;
	onStrides(action: StrideAction): void;
	/** Of a run of several scales; undefined where it could not be had. */
	loadScales(runId: string): Promise<InspectorScales | undefined>;
	onView(view: ViewState): void;
	onOpacity(opacity: number): void;
	onDrawn(milliseconds: number): void;
	/** @returns the saved file's name, or null where the user changed their mind. */
	saveMask(which: ReturnType<typeof savedMask>): Promise<string | null>;
	savePicture(png: Uint8Array): Promise<string | null>;
	/** What to tell the user of an error. */
	explain(error: unknown): string;
	onHelp(): void;
	/** Folds out below the stages. */
	readonly profile: ProfilePanel;
}

export interface RunView {
	readonly element: HTMLElement;
	show(run: InspectorRun, probe: Probe | undefined, crf: InspectorCrf | undefined, view: ViewState): void;
	/** What the CRF found of the run that is shown; undefined where there is nothing (any more). */
	setCrf(crf: InspectorCrf | undefined): void;
	/** As {@link setCrf}; the maps that an update leaves out stay as they are. */
	updateCrf(update: InspectorCrfUpdate | undefined): void;
	setLayer(layer: InspectorLayer): void;
	setTies(ties: CrfTies | undefined): void;
	setRadius(radius: InspectorRadius | undefined): void;
	/** The mask of the branches that are on; undefined: all are, at the rates they were trained at. */
	setBranches(branches: InspectorBranches | undefined): void;
	/** What is read out of the mask that {@link setBranches} told last. */
	setBranchLogits(logits: InspectorBranchLogits): void;
	setDominance(dominance: InspectorDominance | undefined): void;
	setFields(fields: InspectorFields | undefined): void;
	setGradient(gradient: InspectorGradient | undefined): void;
	/** The comparison of output strides; undefined: there is none. */
	setStrides(strides: InspectorStrides | undefined): void;
	setStrideMask(mask: InspectorStrideMask): void;
	/** How WebGPU compares with WASM on the run's model. */
	setParity(parity: ParityState | undefined): void;
	/** The class that the ASPP views speak of. */
	setChosenClass(label: number | undefined): void;
	setProbe(probe: Probe | undefined): void;
	setOpacity(opacity: number): void;
	/** @param held for `pictureAlone`: whether the key is down. */
	command(command: Exclude<Command, { kind: 'help' }>, held: boolean): void;
}

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
	const notes = createPictureNotes();
	viewport.element.append(...notes.elements);
	const blink = createBlink(() => showLayer());
	const legend = createLegend({
		onSolo: (label) => change(toggleSolo(view, label)),
		onHide: (label) => change(toggleHidden(view, label)),
		onHighlight: (label) => {
			highlighted = label;
			restyle(label !== undefined);
		},
	});
	const branchLegend = createBranchLegend();
	const strides = createStrideComparison(events.onStrides);
	const scales = createWinningScales(events.loadScales, () => {
		drawScales(layers);
		showLayer();
	});
	const readout = createReadout();
	const strip = createStageStrip(events.profile.button);
	const element = h(
		'div',
		{ class: 'run' },
		toolbar.element,
		h(
			'div',
			{ class: 'run-body' },
			viewport.element,
			h('div', { class: 'side-column' }, strides.element, legend.element, branchLegend.element, scales.element),
		),
		readout.element,
		strip.element,
		events.profile.element,
	);

	const extras = () => ({
		crf: crf !== undefined,
		branches: branches !== undefined,
		dominance: dominance !== undefined,
		winningScale: run?.info.multiScale !== undefined,
		strides: strides.shown !== undefined,
	});
	/** Those that are drawn: two strides on their layers, else before and after the CRF. */
	const comparedStrides = () => (isStrideLayer(layer()) ? strides.shown?.pair : undefined);
	const drawScales = (target: Layers | undefined) => {
		const note = run?.info.multiScale;
		if (note) {
			target?.setWinningScales(scales.map, scalePixels(note, themeBackground()));
		}
	};
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
		const drawn = comparedStrides() ? ({ before: 'strideBefore', after: 'strideAfter' } as const) : undefined;
		return side ? [{ overlay: drawn?.[side] ?? side, from: 0, to: 1 }] : overlayParts(layer(), view.divider);
	};
	const redraw = () => {
		const side = blink.side();
		const sides = sideNames(comparedStrides());
		const swiping = isSwipe(layer()) && !ties && !gradient && !side && !alone;
		viewport.setDrawing({ parts: alone ? [] : parts(), opacity }, swiping ? view.divider : undefined, sides);
		viewport.setGradient(alone ? undefined : gradient);
		viewport.setFields(alone ? undefined : fields, places());
		toolbar.setBlinking(side !== undefined);
		notes.show({
			side: alone ? undefined : side && sides[side],
			title: alone || side || gradient || layer() !== 'branches' ? undefined : branchesTitle(branches),
			scale: alone || side ? undefined : overlayScale(layer(), ties, gradient, run?.info.model.classes ?? []),
			largestTapShare: alone || !fields?.tapShares ? undefined : fields.largestTapShare,
		});
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
	/** What legend and readout speak of: while both masks are drawn in turns they stay with the one after. */
	const spokenOf = (): InspectorLayer => (blink.side() && !comparedStrides() ? 'after' : layer());
	const lines = () => (run ? linesOfLayer(run.info, spokenOf(), crf, branches, strides.effect) : []);
	const showLayer = () => {
		toolbar.setLayer(layer(), extras(), branchesTitle(branches));
		if (run) {
			legend.setLines(run.info.model, lines(), legendCaption(spokenOf(), crf !== undefined, strides.shown?.pair));
			legend.setView(view);
		}
		const byBranch = spokenOf() === 'dominance' && dominance !== undefined;
		const byScale = spokenOf() === 'winningScale';
		scales.show(byScale);
		strides.showPanel(layer());
		legend.element.hidden = byBranch || byScale;
		branchLegend.element.hidden = !byBranch;
		if (dominance && byBranch) {
			branchLegend.show(dominance, places());
		}
		legend.setFilled(spokenOf() === 'changed' || spokenOf() === 'strideChanged');
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
		if (gradient) {
			events.onGradientEnded();
		}
		ties = undefined;
		layers?.setTies(undefined);
		gradient = undefined;
		layers?.setGradient(undefined);
		if (isSwipe(next)) {
			view = { ...view, divider: dividerInSight(view.divider, viewport.sharesInSight()) };
		}
		adoptLayer(next);
	};
	const toggleBlink = () => {
		if (!crf && !comparedStrides()) {
			return;
		}
		if (prefersReducedMotion()) {
			chooseLayer(comparedStrides() ? toggledStrides(layer()) : toggledCrf(layer()));
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
	/** What the layer says of a pixel, in place of its runner-up. */
	const remarkAt = (pixel: Probe): string | undefined => {
		switch (spokenOf()) {
			case 'dominance':
				return run && dominance ? dominanceText(run, dominance, pixel) : undefined;
			case 'winningScale':
				return scales.textAt(pixel);
			default:
				return undefined;
		}
	};
	const showReadout = () => {
		const pixel = pointed ?? probe;
		const ofBranches = spokenOf() === 'branches' ? branches : undefined;
		const data = run && pixel && readingOf(run, ofBranches, pixel);
		const topic = crfTopic(spokenOf());
		const reading = run && pixel && crf && topic && crfReading(run, crf, pixel);
		const compared = pixel && comparedStrides() && strides.readingAt(pixel);
		readout.show(
			data,
			pointed === undefined,
			run && topic && reading ? { topic, reading, classes: run.info.model.classes } : undefined,
			pixel && remarkAt(pixel),
			compared && { text: compared.text, color: run?.info.model.classes[compared.label]?.color ?? [128, 128, 128] },
		);
		const label = compared ? compared.label : reading ? reading[maskOf(spokenOf())] : data?.best?.label;
		legend.setPointed(pointed && label);
	};
	/** What came too late, of a run that is no longer shown, is not drawn. */
	const isOfRun = (next: { readonly runId: string } | undefined) => run && (!next || next.runId === run.info.id);
	const setCrf = (next: InspectorCrf | undefined) => {
		if (run && next?.runId !== undefined && next.runId !== run.info.id) {
			return;
		}
		crf = next;
		layers?.setCrf(next);
		if (!next) {
			blink.stop();
		}
		showLayer();
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
		full.setStrides(strides.shown?.masks);
		drawScales(full);
		return picturePng(
			run,
			full,
			parts(),
			opacity,
			savedMarks(element, run.info.geometry, { fields, gradient, places: places() }),
		);
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
		drawScales(layers);
		scales.show(spokenOf() === 'winningScale');
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
			strides.reset(next);
			scales.reset(next);
			legend.setChosen(undefined);
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
			events.profile.setRun(info);
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
		setCrf,
		updateCrf(update) {
			const next = update && updatedCrf(crf, update);
			if (next || !update) {
				setCrf(next);
			}
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
		setBranchLogits({ runId, logits }) {
			if (branches?.runId === runId) {
				branches = { ...branches, logits };
				showReadout();
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
		setStrides(next) {
			if (isOfRun(next)) {
				const compared = comparedStrides();
				strides.set(next);
				if (compared && !comparedStrides()) {
					blink.stop();
				}
				layers?.setStrides(strides.shown?.masks);
				showLayer();
			}
		},
		setStrideMask(mask) {
			if (isOfRun(mask)) {
				strides.setMask(mask);
				layers?.setStrides(strides.shown?.masks);
				showLayer();
			}
		},
		setParity: (parity) => strip.setParity(parity),
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
					// Beside those of a mixed head that the metadata names there are others.
					if (run.info.model.branches.length > (run.info.model.join === 'mixed' ? 0 : (command.branch ?? 0))) {
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
