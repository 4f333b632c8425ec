/** The line under the picture: pixel, class, probability, runner-up; and what was just saved or copied. */
import * as l10n from '@vscode/l10n';
import type { ClassInfo } from '../../../shared/protocol/types';
import { cssColor, type Rgb } from '../../shared/colors';
import { h, icon, setText } from '../../shared/dom';
import { formatNats } from '../../shared/format';
import type { CrfReading, CrfTopic } from './crfReadData';
import type { ReadoutData } from './probeData';

export interface Readout {
	readonly element: HTMLElement;
	/**
	 * @param pinned whether it is the probe's, not the pointer's.
	 * @param crf what the CRF made of the pixel, where the layer shows it
	 * @param remark what the layer says of the pixel, in place of the runner-up
	 * @param compared what two masks have there, in place of the class
	 */
	show(
		data: ReadoutData | undefined,
		pinned: boolean,
		crf?: CrfReadout,
		remark?: string,
		compared?: ComparedReadout,
	): void;
	/** Speaks the readout to a screen reader: for a probe that was moved by key. */
	announce(): void;
	/** A passing message. */
	notify(message: string, kind: 'done' | 'error'): void;
}

export interface ComparedReadout {
	readonly text: string;
	readonly color: Rgb;
}

export interface CrfReadout {
	readonly topic: CrfTopic;
	readonly reading: CrfReading;
	readonly classes: readonly ClassInfo[];
}

/** Milliseconds that a message stays: time to read it. */
const noticeTimes = { done: 4000, error: 12_000 } as const;

export function createReadout(): Readout {
	const hint = h('span', { class: 'dim' }, l10n.t('Point at a pixel to read it; click to pin it.'));
	const pin = h('span', { class: 'codicon codicon-target', title: l10n.t('Probe pixel'), 'aria-hidden': 'true' });
	const pixel = h('span', { class: 'readout-pixel' });
	const swatch = h('span', { class: 'swatch' });
	const best = h('span', { class: 'readout-best' });
	const second = h('span', { class: 'readout-second' });
	const unit = h('span', { class: 'readout-unit dim' });
	const values = h('span', { class: 'readout-values numbers', hidden: true }, pin, pixel, swatch, best, second, unit);
	const notice = h('span', { class: 'notice', role: 'status' });
	const spoken = h('span', { class: 'sr-only', 'aria-live': 'polite' });
	const element = h('div', { class: 'readout' }, h('span', { class: 'readout-main' }, hint, values), notice, spoken);
	let timer: number | undefined;

	return {
		element,
		show(data, pinned, crf, remark, compared) {
			hint.hidden = data !== undefined;
			values.hidden = data === undefined;
			if (!data) {
				return;
			}
			pin.hidden = !pinned;
			setText(pixel, `x ${data.x}  y ${data.y}`);
			if (compared) {
				setText(best, compared.text);
				setText(second, '');
				setText(unit, '');
				swatch.style.backgroundColor = cssColor(compared.color);
				return;
			}
			if (crf) {
				const { before, after } = crf.reading;
				setText(best, crfText(crf));
				setText(second, data.best ? l10n.t('network {0} {1}', data.best.name, data.best.probability) : '');
				setText(unit, l10n.t('probability'));
				swatch.style.backgroundColor = swatchColor(crf.classes, crf.topic === 'entropyBefore' ? before : after);
				return;
			}
			setText(best, data.best ? `${data.best.name} ${data.best.probability}` : '');
			setText(
				second,
				remark ?? (data.runnerUp ? l10n.t('then {0} {1}', data.runnerUp.name, data.runnerUp.probability) : ''),
			);
			setText(
				unit,
				data.best && data.runnerUp
					? l10n.t('probability; logits {0}, {1}', data.best.logit, data.runnerUp.logit)
					: l10n.t('probability'),
			);
			swatch.style.backgroundColor = data.best ? cssColor(data.best.color) : '';
		},
		announce() {
			setText(spoken, [pixel, best, second].map((part) => part.textContent).join(' · '));
		},
		notify(message, kind) {
			window.clearTimeout(timer);
			const mark = h('span', { class: kind }, icon(kind === 'error' ? 'error' : 'check'));
			notice.replaceChildren(mark, h('span', {}, message));
			timer = window.setTimeout(() => notice.replaceChildren(), noticeTimes[kind]);
		},
	};
}

/** What a pixel was and is, or how undecided. */
function crfText({ topic, reading, classes }: CrfReadout): string {
	const name = (label: number) => classes[label]?.name ?? String(label);
	switch (topic) {
		case 'label':
			return reading.before === reading.after
				? l10n.t('{0} before and after', name(reading.after))
				: l10n.t('was {0}, now {1}', name(reading.before), name(reading.after));
		case 'entropyBefore':
			return l10n.t('{0} · entropy {1} before the CRF', name(reading.before), entropyText(reading.entropyBefore));
		case 'entropyAfter':
			return l10n.t('{0} · entropy {1} after the CRF', name(reading.after), entropyText(reading.entropyAfter));
		default: {
			const unknown: never = topic;
			throw new Error(`unknown topic ${String(unknown)}`);
		}
	}
}

function entropyText(nats: number | undefined): string {
	return nats === undefined ? '–' : formatNats(nats);
}

function swatchColor(classes: readonly ClassInfo[], label: number): string {
	return cssColor(classes[label]?.color ?? [128, 128, 128]);
}
