/** What the doctor's page says of its choices; pure. */
import * as l10n from '@vscode/l10n';
import type { DoctorMask, DoctorProgress, DoctorTile } from '../../shared/protocol/doctor';

/** A quantity with its name; the whole name is for tooltips and screen readers. */
export interface DoctorFigure {
	readonly name: string;
	readonly value: string;
}

/** All that is known of a choice, as the terminal words it; without ground truth only how sure the network is. */
export function figuresOf({ agreement, confidence }: DoctorTile): readonly DoctorFigure[] {
	return [
		...(agreement
			? [
					{ name: l10n.t('Pixels that agree'), value: percent(agreement.pixels) },
					{ name: l10n.t('Mean IoU'), value: percent(agreement.meanIoU) },
				]
			: []),
		...(confidence
			? [
					{ name: l10n.t('Winning probability'), value: percent(confidence.probability) },
					{ name: l10n.t('Entropy'), value: confidence.entropy.toFixed(3) },
				]
			: []),
	];
}

/** The one or two figures that a tile has room for. */
export function tileFigures({ agreement, confidence }: DoctorTile): readonly string[] {
	return [
		...(agreement ? [l10n.t('{0} agree', percent(agreement.pixels))] : []),
		...(confidence ? [l10n.t('{0} sure', percent(confidence.probability))] : []),
	];
}

/** By what the tiles are sorted, and what that is worth. */
export function sortNote({ running, tiles, truth }: Pick<DoctorProgress, 'running' | 'tiles' | 'truth'>): string {
	const gross = l10n.t('One picture shows gross mistakes, not small ones.');
	if (running || tiles.every(({ confidence }) => !confidence)) {
		return gross;
	}
	const sorted =
		truth === undefined
			? l10n.t('Sorted by how sure the network is, which is no proof: look at the masks.')
			: l10n.t('Sorted by the pixels that agree with {0}.', truth);
	return `${sorted} ${gross}`;
}

/**
 * The label under a point of a picture that is drawn as large as it fits, at the left and the top.
 * @param at in the same unit as the box
 * @returns undefined beside the picture
 */
export function labelUnder(
	{ width, height, labels }: DoctorMask,
	box: { readonly width: number; readonly height: number },
	at: { readonly x: number; readonly y: number },
): number | undefined {
	const scale = Math.min(box.width / width, box.height / height);
	const [column, row] = [Math.floor(at.x / scale), Math.floor(at.y / scale)];
	return column >= 0 && row >= 0 && column < width && row < height ? labels[row * width + column] : undefined;
}

export type Step = 'left' | 'right' | 'up' | 'down' | 'first' | 'last';

/** The step that a key means in a grid; undefined for other keys. */
export function stepOf(key: string): Step | undefined {
	switch (key) {
		case 'ArrowLeft':
			return 'left';
		case 'ArrowRight':
			return 'right';
		case 'ArrowUp':
			return 'up';
		case 'ArrowDown':
			return 'down';
		case 'Home':
			return 'first';
		case 'End':
			return 'last';
		default:
			return undefined;
	}
}

/**
 * Where a step leads in a grid of `count` tiles, `columns` a row; at an edge it stays.
 * @param index 0 … count - 1
 */
export function stepped(index: number, step: Step, columns: number, count: number): number {
	const to = {
		left: index - 1,
		right: index + 1,
		up: index - columns,
		down: index + columns,
		first: 0,
		last: count - 1,
	}[step];
	return to >= 0 && to < count ? to : index;
}

/** The one to look at first: the best, once they are sorted; until then what the model has now. */
export function suggested({ running, tiles, current }: DoctorProgress): string {
	const best = tiles[0];
	return !running && best?.confidence ? best.id : current;
}

/** A share, 0…1, with two decimals; a dash where it is not defined. */
function percent(share: number): string {
	return Number.isNaN(share) ? '–' : `${(share * 100).toFixed(2)} %`;
}
