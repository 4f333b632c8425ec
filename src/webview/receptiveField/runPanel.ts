/** A cell's receptive fields on the page: where its taps look, what each contributed, and what it could and does see. */
import * as l10n from '@vscode/l10n';
import type { ReceptiveFieldHostMethods, ReceptiveFieldRunView } from '../../shared/protocol/aspp';
import { branchPlaces } from '../shared/branches';
import { createClassAndProbe } from '../shared/classAndProbe';
import { createClassPicker } from '../shared/classPicker';
import { h, iconButton, setAttribute, setText } from '../shared/dom';
import { createDraft, settleDrafts } from '../shared/draft';
import { formatSigned } from '../shared/format';
import { createKeyList } from '../shared/keyList';
import { createSaveBar } from '../shared/saveBar';
import { createScaleNote } from '../shared/scaleNote';
import { createSignedScale } from '../shared/signedScale';
import { applyRateColors, onThemeChange, themeSignedPixels } from '../shared/theme';
import type { ViewCommand } from '../shared/viewKeys';
import { largestShare, tapMarks } from './fieldData';
import { fieldCsv, fieldFigure } from './fieldFigure';
import { createFieldTable } from './fieldTable';
import { branchText, mixingText, tapName } from './fieldText';
import { createMeasuring } from './measuring';
import { createSchematic, type PointedTap } from './schematic';
import { createTapGrids } from './tapGrids';

/** Calls a method of the host. */
export type CallHost = <Name extends keyof ReceptiveFieldHostMethods>(
	method: Name,
	params: ReceptiveFieldHostMethods[Name]['params'],
) => Promise<ReceptiveFieldHostMethods[Name]['result']>;

export interface RunPanel {
	readonly element: HTMLElement;
	show(view: ReceptiveFieldRunView): void;
	command(command: ViewCommand): void;
}

export function createRunPanel(call: CallHost): RunPanel {
	let view: ReceptiveFieldRunView | undefined;
	let pointed: PointedTap | undefined;
	let colors = themeSignedPixels();
	const render = () => view && draw(view);
	const nextFrame = (callback: () => void) => void requestAnimationFrame(callback);
	const tell = <Name extends keyof ReceptiveFieldHostMethods>(
		method: Name,
		params: ReceptiveFieldHostMethods[Name]['params'],
	) => void call(method, params).catch(() => undefined);

	const choice = createClassAndProbe(
		{ setClass: (label) => call('setClass', label), setProbe: (probe) => call('setProbe', probe) },
		render,
		nextFrame,
	);
	const drawnDraft = createDraft<boolean>((value) => call('showFields', value), render, nextFrame);
	const shownDraft = createDraft<number | null>((value) => call('showMeasured', value), render, nextFrame);
	const drafts = [...choice.drafts, drawnDraft, shownDraft];

	/** What is pointed at is shown in every part at once, and in the Inspector. */
	const point = (next: PointedTap | undefined) => {
		if (next?.branch === pointed?.branch && next?.tap === pointed?.tap) {
			return;
		}
		pointed = next;
		schematic.highlight(next);
		kernels.highlight(next);
		table.highlight(next);
		describe();
		tell('highlight', next ? { branch: next.branch, tap: next.tap } : null);
	};
	const title = h('h2', { class: 'picture-name' });
	const picker = createClassPicker(choice.setClass);
	const place = h('span', { class: 'numbers' });
	const unpin = iconButton({
		icon: 'close',
		label: l10n.t('Unpin the probe'),
		key: l10n.t('Esc'),
		onClick: () => choice.setProbe(null),
	});
	const none = h(
		'p',
		{ class: 'dim' },
		l10n.t('Pin a pixel in the picture to see where each branch looks from there.'),
	);
	const drawn = h('input', { type: 'checkbox', class: 'checkbox', id: 'draw-fields' });
	drawn.addEventListener('change', () => {
		drawnDraft.set(drawn.checked);
		render();
	});
	const scales = createScaleNote();
	const schematic = createSchematic(point);
	const detail = h('p', { class: 'tap-detail numbers' });
	const kernels = createTapGrids(point);
	const scale = createSignedScale();
	const table = createFieldTable(point);
	const measuring = createMeasuring({
		onMeasure: (params) => tell('measure', params),
		onShow: (index) => {
			shownDraft.set(index);
			render();
		},
		onAct: (action) => tell('act', action),
	});
	const tapsTitle = h('h3');
	const beside = h('p', { class: 'dim' });
	const found = h(
		'section',
		{ class: 'taps-section' },
		h('h3', {}, l10n.t('Taps on the feature grid')),
		h('div', { class: 'schematic-frame' }, schematic.element),
		detail,
		tapsTitle,
		scale.element,
		kernels.element,
	);
	const save = createSaveBar(
		() =>
			view && {
				pictureName: view.pictureName,
				what: 'receptive-field',
				figure: () =>
					fieldFigure(
						view!,
						found.hidden ? undefined : schematic.element,
						scale.element.hidden ? undefined : { bar: scale.bar, end: largestShare(tapMarks(view!)) },
					),
				csv: () => fieldCsv(view!),
			},
		(figure) => call('saveFile', figure),
	);
	const keys = createKeyList([
		[['←', '↑', '↓', '→'], l10n.t('Move the probe by a cell of the grid')],
		[['⇧', '←', '↑', '↓', '→'], l10n.t('Move the probe by a pixel')],
		[['[', ']'], l10n.t('Previous, next class')],
		[[l10n.t('Esc')], l10n.t('Unpin the probe')],
	]);
	const element = h(
		'div',
		{ class: 'field-run' },
		h(
			'header',
			{ class: 'view-header' },
			title,
			picker.element,
			h('div', { class: 'probe-place' }, place, unpin),
			none,
			h('div', { class: 'field' }, drawn, h('label', { for: 'draw-fields' }, l10n.t('Draw in the picture'))),
		),
		scales.element,
		h(
			'section',
			{ class: 'fields-section' },
			h('h3', {}, l10n.t('Theoretical receptive field'), h('span', { class: 'group-note dim' }, l10n.t('in input px'))),
			table.element,
			beside,
		),
		found,
		measuring.element,
		save.element,
		keys,
	);
	new ResizeObserver(() => schematic.resize(found.clientWidth)).observe(found);
	onThemeChange(() => {
		colors = themeSignedPixels();
		if (view) {
			applyRateColors(view.head.branches.length);
			draw(view);
		}
	});

	/** What a mixed head has beside its rates; and no share of a logit. */
	const showKind = (mixing: ReceptiveFieldRunView['head']['mixing']) => {
		tapsTitle.replaceChildren(
			...(mixing
				? [l10n.t('Taps of each rate')]
				: [l10n.t('What each tap adds'), h('span', { class: 'group-note dim' }, l10n.t('logit of the class'))]),
		);
		setText(beside, mixing ? mixingText(mixing) : '');
		beside.hidden = !mixing;
	};
	const describe = () => setText(detail, view ? detailText(view, pointed) : '');
	const draw = (current: ReceptiveFieldRunView) => {
		const { explanation, geometry, head, rates, on } = current;
		setText(title, current.pictureName);
		setAttribute(title, 'title', current.pictureName);
		picker.show(current.classes, [], choice.label(current), undefined);
		const pinned = choice.probe(current);
		none.hidden = pinned !== undefined;
		unpin.hidden = pinned === undefined;
		setText(
			place,
			!pinned
				? ''
				: explanation
					? l10n.t(
							'x {0}  y {1} · cell row {2}, column {3}',
							pinned.x,
							pinned.y,
							explanation.cell.row,
							explanation.cell.column,
						)
					: `x ${pinned.x}  y ${pinned.y}`,
		);
		drawn.checked = drawnDraft.value(current.drawn);
		scales.show(current, head.mixing !== undefined);
		table.show(current);
		table.highlight(pointed);
		showKind(head.mixing);
		found.hidden = !explanation || !pinned;
		if (explanation && pinned) {
			const marks = tapMarks(current);
			const end = largestShare(marks);
			const places = branchPlaces(head.branches.map(({ rate }) => rate));
			schematic.show({ cell: explanation.cell, geometry, marks, scale: end, colors, places });
			kernels.show({ explanation, rates, on, places, scale: end, colors });
			scale.element.hidden = end === 0;
			scale.show(end, l10n.t('logit'));
		}
		measuring.show({ ...current, shownField: shownDraft.value(current.shownField ?? null) ?? undefined });
		describe();
	};

	return {
		element,
		show(next) {
			const sameRun = view?.runId === next.runId;
			settleDrafts(drafts, sameRun);
			view = next;
			if (!sameRun) {
				applyRateColors(next.head.branches.length);
			}
			draw(next);
		},
		command(command) {
			if (!view) {
				return;
			}
			switch (command.kind) {
				case 'solo':
				case 'allOn':
					return;
				default:
					choice.command(view, [], command);
			}
		},
	};
}

/** What the tap or the branch that is pointed at did. */
function detailText(
	{ explanation, head, rates, classes, label }: ReceptiveFieldRunView,
	pointed: PointedTap | undefined,
): string {
	if (!explanation || !pointed) {
		return head.mixing
			? l10n.t('Point at a tap to see where it looked. Hollow in the padding.')
			: l10n.t('Point at a tap to see where it looked. Filled by its share, hollow in the padding.');
	}
	const name = branchText(pointed.branch, rates);
	const { tap } = pointed;
	const position = tap === undefined ? undefined : explanation.cell.branches[pointed.branch]?.taps[tap];
	if (tap === undefined || !position) {
		return l10n.t('{0}, drawn alone.', name);
	}
	const share = explanation.chosen?.branches[pointed.branch]?.taps?.[tap];
	// Between cells a tap that is in the padding for the nearest one may still see something for its neighbour.
	if (position.padding && !share) {
		return l10n.t('{0}, {1}: in the zero padding, it adds nothing.', name, tapName(tap));
	}
	const className = classes[label]?.name ?? String(label);
	const at = l10n.t('x {0}, y {1}', Math.round(position.x), Math.round(position.y));
	return share === undefined
		? l10n.t('{0}, {1}: looked around {2}.', name, tapName(tap), at)
		: l10n.t('{0}, {1}: {2} for {3}, looked around {4}.', name, tapName(tap), formatSigned(share), className, at);
}
