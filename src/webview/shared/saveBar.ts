/** Buttons that save a view's figure as PNG or SVG and its numbers as CSV, and what came of it. */
import * as l10n from '@vscode/l10n';
import { InspectorError, toProblem } from '../../core/problem';
import { describeProblem } from '../../shared/describeProblem';
import type { SavedFigure } from '../../shared/protocol/aspp';
import { figureName } from './csv';
import { h, iconButton, setText } from './dom';
import { type Figure, figureSvg, svgPng } from './figure';

export interface FigureSource {
	readonly pictureName: string;
	/** Part of the file's name, e.g. `branches`. */
	readonly what: string;
	figure(): Figure;
	csv(): Uint8Array;
}

export interface SaveBar {
	readonly element: HTMLElement;
}

/**
 * @param source undefined while there is nothing to save
 * @param save asks where, and writes; null where the user changed their mind
 */
export function createSaveBar(
	source: () => FigureSource | undefined,
	save: (figure: SavedFigure) => Promise<string | null>,
): SaveBar {
	const notice = h('span', { class: 'save-notice', role: 'status' });
	let timer: number | undefined;
	const say = (text: string, time: number) => {
		window.clearTimeout(timer);
		setText(notice, text);
		timer = window.setTimeout(() => setText(notice, ''), time);
	};
	const write = async (kind: SavedFigure['kind']) => {
		const from = source();
		if (!from) {
			return;
		}
		try {
			const name = figureName(from.pictureName, from.what, kind);
			const saved = await save({ name, kind, bytes: await bytesOf(kind, from) });
			if (saved !== null) {
				say(l10n.t('Saved {0}', saved), 4000);
			}
		} catch (error) {
			say(
				error instanceof InspectorError ? describeProblem(toProblem(error)) : l10n.t('The figure was not saved.'),
				12_000,
			);
		}
	};
	const button = (kind: SavedFigure['kind'], label: string, icon: string) =>
		iconButton({ icon, label, text: kind.toUpperCase(), onClick: () => void write(kind) });
	const element = h(
		'div',
		{ class: 'save-bar' },
		h('span', { class: 'dim' }, l10n.t('Save')),
		button('png', l10n.t('Save the figure as PNG'), 'file-media'),
		button('svg', l10n.t('Save the figure as SVG'), 'graph'),
		button('csv', l10n.t('Save the numbers as CSV'), 'table'),
		notice,
	);
	return { element };
}

async function bytesOf(kind: SavedFigure['kind'], source: FigureSource): Promise<Uint8Array> {
	switch (kind) {
		case 'csv':
			return source.csv();
		case 'svg':
			return new TextEncoder().encode(figureSvg(source.figure()));
		case 'png': {
			const figure = source.figure();
			return svgPng(figureSvg(figure), figure);
		}
		default: {
			const unknown: never = kind;
			throw new Error(`unknown kind ${String(unknown)}`);
		}
	}
}
