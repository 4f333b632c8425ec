/** A run on the screen: toolbar, picture, legend, readout and stages, and what ties them together. */
import * as l10n from '@vscode/l10n';
import type { InspectorRun, Probe } from '../../shared/protocol/inspector';
import { h } from '../shared/dom';
import { onThemeChange, tokenColor } from '../shared/theme';
import type { Command } from './keyboard';
import { createLegend } from './legend';
import { maskStyle } from './maskData';
import { picturePng } from './picturePng';
import { moveProbe, readoutData } from './probeData';
import { createReadout } from './readout';
import { withDraw } from './stageData';
import { createStageStrip } from './stageStrip';
import { createToolbar, zoomStep } from './toolbar';
import { createViewport, type Drawing } from './viewport';
import { cycleSolo, initialView, toggleHidden, toggleSolo, type ViewState } from './viewState';

export interface RunViewEvents {
	onProbe(probe: Probe | undefined): void;
	onView(view: ViewState): void;
	onOpacity(opacity: number): void;
	onDrawn(milliseconds: number): void;
	/** @returns the saved file's name, or null where the user changed their mind. */
	saveMask(): Promise<string | null>;
	savePicture(png: Uint8Array): Promise<string | null>;
	/** What to tell the user of an error. */
	explain(error: unknown): string;
	onHelp(): void;
}

export interface RunView {
	readonly element: HTMLElement;
	show(run: InspectorRun, probe: Probe | undefined, view: ViewState): void;
	setProbe(probe: Probe | undefined): void;
	setOpacity(opacity: number): void;
	/** @param held for `pictureAlone`: whether the key is down. */
	command(command: Exclude<Command, { kind: 'help' }>, held: boolean): void;
}

export function createRunView(events: RunViewEvents): RunView {
	let run: InspectorRun | undefined;
	let view = initialView;
	let probe: Probe | undefined;
	let beforeDoubleClick: Probe | undefined;
	let pointed: Probe | undefined;
	let highlighted: number | undefined;
	let opacity = 0.6;
	let alone = false;

	const toolbar = createToolbar({
		onLayer: (layer) => change({ ...view, layer }),
		onOpacity: (value) => {
			setOpacity(value);
			events.onOpacity(value);
		},
		onZoom: (factor) => viewport.zoomBy(factor),
		onFit: () => viewport.fit(),
		onActualSize: () => viewport.actualSize(),
		onSaveMask: () => save(() => events.saveMask()),
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
	});
	const legend = createLegend({
		onSolo: (label) => change(toggleSolo(view, label)),
		onHide: (label) => change(toggleHidden(view, label)),
		onHighlight: (label) => {
			highlighted = label;
			restyle(label !== undefined);
		},
	});
	const readout = createReadout();
	const strip = createStageStrip();
	const element = h(
		'div',
		{ class: 'run' },
		toolbar.element,
		h('div', { class: 'run-body' }, viewport.element, legend.element),
		readout.element,
		strip.element,
	);

	const drawing = (): Drawing => ({ maskShown: view.layer === 'mask' && !alone, opacity });
	const style = (current: InspectorRun, passing: number | undefined) =>
		maskStyle(current.info.model, view, passing, tokenColor('--vscode-editor-background', [30, 30, 30]));
	const restyle = (passing: boolean) => {
		if (run) {
			viewport.setStyle(style(run, highlighted), passing);
		}
	};
	const change = (next: ViewState) => {
		view = next;
		toolbar.setLayer(view.layer);
		legend.setView(view);
		viewport.setDrawing(drawing());
		restyle(false);
		events.onView(view);
	};
	const setOpacity = (value: number) => {
		opacity = value;
		toolbar.setOpacity(value);
		viewport.setDrawing(drawing());
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
		const data = run && pixel && readoutData(run.logits, run.info.geometry, run.info.model.classes, pixel);
		readout.show(data, pointed === undefined);
		legend.setPointed(pointed && data?.best?.label);
	};
	const png = () => {
		if (!run) {
			throw new Error('there is no run to save');
		}
		return picturePng(run, style(run, undefined), { maskShown: view.layer === 'mask', opacity });
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
	onThemeChange(() => restyle(false));

	return {
		element,
		show(next, nextProbe, nextView) {
			const start = performance.now();
			const { info } = next;
			run = next;
			view = nextView;
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
			legend.setRun(info);
			legend.setView(view);
			toolbar.setLayer(view.layer);
			strip.show(info.timings, info.backend);
			viewport.setDrawing(drawing());
			viewport.setRun(next, style(next, undefined), view.look, () => {
				const milliseconds = performance.now() - start;
				strip.show(withDraw(info.timings, milliseconds), info.backend);
				events.onDrawn(milliseconds);
			});
			setProbe(nextProbe);
		},
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
					change({ ...view, layer: view.layer === 'mask' ? 'picture' : 'mask' });
					return;
				case 'unpin':
					pin(undefined);
					return;
				case 'cycleClass':
					change(
						cycleSolo(
							view,
							run.info.classes.map(({ label }) => label),
							command.step,
						),
					);
					return;
				case 'pictureAlone':
					alone = held;
					viewport.setDrawing(drawing());
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
