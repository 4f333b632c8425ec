/** A run on the screen: toolbar, picture, legend, readout and stages, and what ties them together. */
import * as l10n from '@vscode/l10n';
import type { InspectorCrf, InspectorLayer, InspectorRadius } from '../../../shared/protocol/crf';
import type { InspectorRun, InspectorScales, Probe } from '../../../shared/protocol/inspector';
import type { ParityState } from '../../../shared/protocol/parity';
import type { StrideAction } from '../../../shared/protocol/strides';
import { h } from '../../shared/dom';
import { applyRateColors, onThemeChange } from '../../shared/theme';
import { branchesTitle } from '../legend/branchesData';
import { createWinningScales } from '../legend/winningScales';
import { createBlink } from '../picture/blink';
import { createViewport } from '../picture/viewport';
import type { ProfilePanel } from '../profile/profilePanel';
import { withDraw } from '../stages/stageData';
import { createStageStrip } from '../stages/stageStrip';
import { createStrideComparison } from '../strides/strideComparison';
import { createToolbar } from '../toolbar/toolbar';
import { cycleSolo, initialView, toggleHidden, toggleSolo, type ViewState } from '../viewState';
import { createRunContents } from './contents';
import { createDrawn } from './drawn';
import { createLayerChoice } from './layerChoice';
import { createPictureSaving, type PictureSavingEvents } from './pictureSaving';
import { createRunCommands, type RunCommand } from './runCommands';
import { createRunLegends } from './runLegends';
import { createRunPicture } from './runPicture';
import { createRunReadout } from './runReadout';
import { createRunUpdates, type RunUpdates } from './runUpdates';

export interface RunViewEvents extends PictureSavingEvents {
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
	onHelp(): void;
	/** Folds out below the stages. */
	readonly profile: ProfilePanel;
}

export interface RunView extends RunUpdates {
	readonly element: HTMLElement;
	show(run: InspectorRun, probe: Probe | undefined, crf: InspectorCrf | undefined, view: ViewState): void;
	setLayer(layer: InspectorLayer): void;
	setRadius(radius: InspectorRadius | undefined): void;
	/** How WebGPU compares with WASM on the run's model. */
	setParity(parity: ParityState | undefined): void;
	/** The class that the ASPP views speak of. */
	setChosenClass(label: number | undefined): void;
	setProbe(probe: Probe | undefined): void;
	setOpacity(opacity: number): void;
	/** @param held for `pictureAlone`: whether the key is down. */
	command(command: RunCommand, held: boolean): void;
}

export function createRunView(events: RunViewEvents): RunView {
	let view = initialView;
	let beforeDoubleClick: Probe | undefined;

	const toolbar = createToolbar({
		onLayer: (layer) => layers.choose(layer),
		onBlink: () => layers.toggleBlink(),
		onOpacity: (value) => {
			setOpacity(value);
			events.onOpacity(value);
		},
		onZoom: (factor) => viewport.zoomBy(factor),
		onFit: () => viewport.fit(),
		onActualSize: () => viewport.actualSize(),
		onSaveMask: () => saving.saveMask(),
		onSavePicture: () => saving.savePicture(),
		onCopy: () => saving.copyPicture(),
		onHelp: events.onHelp,
	});
	const viewport = createViewport({
		onPointer: (pixel) => readout.setPointed(pixel),
		onClick: (pixel, first) => {
			if (first) {
				beforeDoubleClick = readout.probe;
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
			picture.redraw();
			events.onView(view);
		},
	});
	const strides = createStrideComparison(events.onStrides);
	const scales = createWinningScales(events.loadScales, () => {
		contents.drawScales();
		showLayer();
	});
	const contents = createRunContents(strides, scales);
	const blink = createBlink(() => showLayer());
	const drawn = createDrawn(contents, strides, blink, () => view);
	const picture = createRunPicture(viewport, blink, contents, drawn, () => view);
	const legends = createRunLegends(
		{
			onSolo: (label) => changeClasses(toggleSolo(view, label)),
			onHide: (label) => changeClasses(toggleHidden(view, label)),
			onHighlight: (label) => {
				picture.setHighlighted(label);
				picture.restyle(label !== undefined);
			},
		},
		contents,
		drawn,
		strides,
		scales,
	);
	const readout = createRunReadout(contents, drawn, strides, scales, (label) => legends.setPointed(label));
	const strip = createStageStrip(events.profile.button);
	const element = h(
		'div',
		{ class: 'run' },
		toolbar.element,
		h('div', { class: 'run-body' }, viewport.element, legends.element),
		readout.element,
		strip.element,
		events.profile.element,
	);

	const showLayer = () => {
		toolbar.setLayer(drawn.layer(), contents.extras, branchesTitle(contents.branches));
		toolbar.setBlinking(blink.side() !== undefined);
		legends.show(view);
		picture.redraw();
		readout.show();
	};
	/** Other classes are shown. */
	const changeClasses = (next: ViewState) => {
		view = next;
		showLayer();
		picture.restyle(false);
		events.onView(view);
	};
	const setOpacity = (value: number) => {
		toolbar.setOpacity(value);
		picture.setOpacity(value);
	};
	const setProbe = (next: Probe | undefined) => {
		viewport.setProbe(next);
		readout.setProbe(next);
	};
	const pin = (next: Probe | undefined) => {
		setProbe(next);
		events.onProbe(next);
	};
	const layers = createLayerChoice(
		{
			onGradientEnded: events.onGradientEnded,
			onView: (next) => {
				view = next;
				showLayer();
				events.onView(view);
			},
		},
		contents,
		drawn,
		blink,
		viewport,
		() => view,
	);
	const saving = createPictureSaving(events, contents, drawn, picture, readout, element);
	const runCommand = createRunCommands(
		{
			onSoloBranch: events.onSoloBranch,
			onCycleClass: (step) => {
				changeClasses(cycleSolo(view, legends.labels(), step));
				legends.setChosen(view.solo);
				events.onClass(view.solo);
			},
			onPin: pin,
		},
		viewport,
		picture,
		layers,
		readout,
	);
	onThemeChange(() => {
		applyRateColors(contents.places.length);
		contents.recolor();
		scales.show(drawn.spokenOf() === 'winningScale');
		picture.restyle(false);
		picture.redraw();
	});

	return {
		...createRunUpdates(contents, drawn, blink, picture, readout, showLayer),
		element,
		show(run, probe, crf, nextView) {
			const start = performance.now();
			const { info } = run;
			blink.stop();
			view = nextView;
			picture.setHighlighted(undefined);
			const style = picture.style(run);
			const runLayers = contents.reset(run, crf, style);
			legends.setChosen(undefined);
			applyRateColors(contents.places.length);
			viewport.setRadius(undefined);
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
			readout.setPointed(undefined);
			showLayer();
			viewport.setRun(run, runLayers, style, view.look, () => {
				const milliseconds = performance.now() - start;
				strip.show(withDraw(info.timings, milliseconds), info.backend);
				events.onDrawn(milliseconds);
			});
			setProbe(probe);
		},
		setLayer: layers.adopt,
		setRadius: (next) => viewport.setRadius(next),
		setParity: (parity) => strip.setParity(parity),
		setChosenClass: (label) => legends.setChosen(label),
		setProbe,
		setOpacity,
		command(command, held) {
			if (contents.run) {
				runCommand(contents.run, command, held);
			}
		},
	};
}
