/** The nine shares of each branch, laid out as its kernel is. */
import * as l10n from '@vscode/l10n';
import type { FieldExplanation } from '../../shared/protocol/aspp';
import { colorOf, cssColor, type Rgb, signedStep } from '../shared/colors';
import { h, setAttribute, setText } from '../shared/dom';
import { formatSigned } from '../shared/format';
import { middleTap, steppedTap, tapsOfKernel } from './fieldData';
import { branchText, paddingText, tapName } from './fieldText';
import type { PointedTap } from './schematic';

export interface TapGrids {
	readonly element: HTMLElement;
	show(shown: TapGridsView): void;
	highlight(tap: PointedTap | undefined): void;
}

export interface TapGridsView {
	readonly explanation: FieldExplanation;
	readonly rates: readonly number[];
	readonly on: readonly boolean[];
	readonly places: readonly number[];
	readonly scale: number;
	readonly colors: Uint32Array;
}

interface Kernel {
	readonly element: HTMLElement;
	readonly cells: readonly HTMLElement[];
	show(shown: TapGridsView, branch: number): void;
}

/** @param onPoint the tap that is pointed at or has the focus */
export function createTapGrids(onPoint: (tap: PointedTap | undefined) => void): TapGrids {
	const element = h('div', { class: 'kernels' });
	let kernels: readonly Kernel[] = [];
	return {
		element,
		show(shown) {
			const { branches } = shown.explanation.cell;
			if (kernels.length !== branches.length) {
				kernels = branches.map((_, branch) => createKernel(branch, onPoint));
				element.replaceChildren(...kernels.map((kernel) => kernel.element));
			}
			for (const [branch, kernel] of kernels.entries()) {
				kernel.show(shown, branch);
			}
		},
		highlight(pointed) {
			for (const [branch, { cells }] of kernels.entries()) {
				for (const [tap, cell] of cells.entries()) {
					cell.classList.toggle('pointed', pointed?.branch === branch && pointed.tap === tap);
				}
			}
		},
	};
}

function createKernel(branch: number, onPoint: (tap: PointedTap | undefined) => void): Kernel {
	const mark = h('span', { class: 'rate-mark', 'aria-hidden': 'true' });
	const name = h('span', { class: 'kernel-name numbers' });
	const sum = h('span', { class: 'kernel-sum numbers' });
	const padding = h('p', { class: 'kernel-padding dim numbers' });
	const cells = Array.from({ length: tapsOfKernel }, (_, tap) =>
		h('div', { class: 'kernel-tap numbers', role: 'listitem', tabindex: tap === middleTap ? 0 : -1 }),
	);
	const taps = h('div', { class: 'kernel-taps', role: 'list' }, ...cells);
	const element = h('div', { class: 'kernel' }, h('div', { class: 'kernel-head' }, mark, name, sum), taps, padding);

	for (const [tap, cell] of cells.entries()) {
		cell.addEventListener('pointerenter', () => onPoint({ branch, tap }));
		cell.addEventListener('pointerleave', () => onPoint(undefined));
		cell.addEventListener('focus', () => onPoint({ branch, tap }));
		cell.addEventListener('blur', () => onPoint(undefined));
	}
	// A click reads a tap; it does not take the arrow keys from the probe.
	taps.addEventListener('mousedown', (event) => event.preventDefault());
	taps.addEventListener('keydown', (event) => {
		const current = cells.indexOf(document.activeElement as HTMLDivElement);
		const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
		if (current < 0 || !plain || !(event.key.startsWith('Arrow') || event.key === 'Home' || event.key === 'End')) {
			return;
		}
		event.preventDefault();
		event.stopPropagation();
		const next = steppedTap(current, event.key);
		if (next !== undefined) {
			for (const [tap, cell] of cells.entries()) {
				cell.tabIndex = tap === next ? 0 : -1;
			}
			cells[next]!.focus();
		}
	});
	return {
		element,
		cells,
		show({ explanation, rates, on, places, scale, colors }, index) {
			const shares = explanation.chosen?.branches[index]?.taps;
			const { taps: positions, tapsInPadding } = explanation.cell.branches[index]!;
			const text = branchText(index, rates);
			mark.style.backgroundColor = `var(--rate-${places[index]})`;
			setText(name, text);
			const total = shares?.reduce((part, share) => part + share, 0);
			setText(sum, total === undefined ? '' : on[index] ? formatSigned(total) : l10n.t('off'));
			element.classList.toggle('off', on[index] !== true);
			setAttribute(taps, 'aria-label', l10n.t('Taps of {0}', text));
			for (const [tap, cell] of cells.entries()) {
				const share = shares?.[tap];
				const position = positions[tap]!;
				// Between cells a tap in the padding of the nearest one may still add something.
				const empty = position.padding && !share;
				const words = empty
					? l10n.t('{0}: in the padding', tapName(tap))
					: share === undefined
						? l10n.t('{0}: row {1}, column {2}', tapName(tap), position.row, position.column)
						: l10n.t(
								'{0}: {1} logit, from row {2}, column {3}',
								tapName(tap),
								formatSigned(share),
								position.row,
								position.column,
							);
				setAttribute(cell, 'aria-label', words);
				setAttribute(cell, 'title', words);
				cell.classList.toggle('padding', position.padding);
				setText(cell, empty ? '' : share === undefined ? '·' : formatSigned(share));
				// A branch that is off adds nothing: its shares are numbers without a colour.
				const filled = !empty && share !== undefined && on[index] === true;
				const color = colorOf(colors[signedStep(share ?? 0, scale)]!);
				cell.style.backgroundColor = filled ? cssColor(color) : '';
				cell.style.color = filled ? readableOn(color) : '';
			}
			setText(padding, paddingText(tapsInPadding));
		},
	};
}

/** Black or white, whichever is read better on a colour (WCAG's relative luminance). */
export function readableOn([red, green, blue]: Rgb): string {
	const linear = (value: number) => ((value / 255 + 0.055) / 1.055) ** 2.4;
	const luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
	return luminance > 0.179 ? '#000' : '#fff';
}
