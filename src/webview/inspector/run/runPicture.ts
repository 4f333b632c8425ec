/** The picture of a run with what is drawn over it, in the colours of the classes that are shown. */
import type { InspectorRun } from '../../../shared/protocol/inspector';
import { tokenColor } from '../../shared/theme';
import { branchesTitle } from '../legend/branchesData';
import type { Blink } from '../picture/blink';
import { type MaskStyle, maskStyle } from '../picture/maskData';
import { overlayScale } from '../picture/overlayScale';
import { createPictureNotes } from '../picture/pictureNotes';
import { sideNames } from '../picture/sideNames';
import type { Viewport } from '../picture/viewport';
import { isSwipe } from '../toolbar/layerData';
import type { ViewState } from '../viewState';
import type { RunFacts } from './contents';
import type { Drawn } from './drawn';

export interface RunPicture {
	/** 0…1, of what is drawn over the picture. */
	readonly opacity: number;
	setOpacity(opacity: number): void;
	/** Nothing is drawn over the picture, or what was before. */
	setAlone(alone: boolean): void;
	/** The class that is pointed out; undefined for none. Drawn by the next {@link restyle}. */
	setHighlighted(label: number | undefined): void;
	/** Something else is drawn. */
	redraw(): void;
	/** The classes are drawn in other colours. @param passing as of a hover: coarser where that is faster */
	restyle(passing: boolean): void;
	/** How the classes are drawn while none is pointed out. */
	style(run: InspectorRun): MaskStyle;
}

export function createRunPicture(
	viewport: Viewport,
	blink: Pick<Blink, 'side'>,
	facts: RunFacts,
	drawn: Drawn,
	view: () => ViewState,
): RunPicture {
	let opacity = 0.6;
	let alone = false;
	let highlighted: number | undefined;
	const notes = createPictureNotes();
	viewport.element.append(...notes.elements);

	const redraw = () => {
		const { run, ties, branches, fields, gradient, places } = facts;
		const layer = drawn.layer();
		const side = blink.side();
		const sides = sideNames(drawn.strides());
		const swiping = isSwipe(layer) && !ties && !gradient && !side && !alone;
		viewport.setDrawing({ parts: alone ? [] : drawn.parts(), opacity }, swiping ? view().divider : undefined, sides);
		viewport.setGradient(alone ? undefined : gradient);
		viewport.setFields(alone ? undefined : fields, places);
		notes.show({
			side: alone ? undefined : side && sides[side],
			title: alone || side || gradient || layer !== 'branches' ? undefined : branchesTitle(branches),
			scale: alone || side ? undefined : overlayScale(layer, ties, gradient, run?.info.model.classes ?? []),
			largestTapShare: alone || !fields?.tapShares ? undefined : fields.largestTapShare,
		});
	};
	const style = (run: InspectorRun, label: number | undefined) =>
		maskStyle(run.info.model, view(), label, tokenColor('--vscode-editor-background', [30, 30, 30]));
	return {
		get opacity() {
			return opacity;
		},
		setOpacity(next) {
			opacity = next;
			redraw();
		},
		setAlone(next) {
			alone = next;
			redraw();
		},
		setHighlighted(label) {
			highlighted = label;
		},
		redraw,
		restyle(passing) {
			const { run, layers } = facts;
			if (run && layers) {
				const next = style(run, highlighted);
				layers.setStyle(next, passing);
				viewport.setStyle(next);
			}
		},
		style: (run) => style(run, undefined),
	};
}
