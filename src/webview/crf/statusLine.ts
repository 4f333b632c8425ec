/** What the CRF is doing: how long it took, how far it is, or why it failed. */
import * as l10n from '@vscode/l10n';
import type { CrfHostMethods, CrfRunView, CrfSettings } from '../../shared/protocol/crf';
import { h, icon, setText, textButton } from '../shared/dom';
import { formatElapsed, formatMilliseconds } from '../shared/format';
import { staleness } from './outcomeData';

export interface StatusLine {
	readonly element: HTMLElement;
	show(view: CrfRunView, settings: CrfSettings): void;
}

export function createStatusLine(act: (action: CrfHostMethods['act']['params']) => void): StatusLine {
	const symbol = h('span', { class: 'status-symbol' });
	const text = h('span', { class: 'status-text numbers', role: 'status' });
	const elapsed = h('span', { class: 'status-elapsed dim numbers' });
	const cancel = textButton(l10n.t('Cancel'), 'secondary', () => act('cancel'));
	const compute = textButton(l10n.t('Compute'), 'primary', () => act('retry'));
	const retry = textButton(l10n.t('Retry'), 'primary', () => act('retry'));
	const log = textButton(l10n.t('Show log'), 'secondary', () => act('showLog'));
	const buttons = [cancel, compute, retry, log];
	const element = h(
		'div',
		{ class: 'status' },
		h('p', { class: 'status-line' }, symbol, text, elapsed),
		h('div', { class: 'actions' }, ...buttons),
	);
	let timer: number | undefined;
	let symbolName = '';

	const setSymbol = (name: string, extra = '') => {
		if (symbolName !== name) {
			symbolName = name;
			symbol.replaceChildren(...(name === '' ? [] : [icon(name, extra)]));
		}
	};
	const offer = (...offered: readonly HTMLButtonElement[]) => {
		const hadFocus = buttons.some((button) => button === document.activeElement && !offered.includes(button));
		for (const button of buttons) {
			button.hidden = !offered.includes(button);
		}
		if (hadFocus) {
			offered[0]?.focus();
		}
	};

	return {
		element,
		show(view, settings) {
			const { activity, outcome } = view;
			window.clearInterval(timer);
			setText(elapsed, '');
			element.dataset.kind = activity.kind;
			switch (activity.kind) {
				case 'idle': {
					const stopped = !outcome || staleness(outcome.settings, settings, activity) !== undefined;
					setSymbol('');
					setText(text, outcome && !stopped ? timingText(outcome) : stoppedText(outcome !== undefined));
					offer(...(stopped ? [compute] : []));
					return;
				}
				case 'pending':
					setSymbol('');
					setText(text, outcome ? timingText(outcome) : l10n.t('The CRF begins in a moment.'));
					offer();
					return;
				case 'running': {
					setSymbol('loading', 'codicon-modifier-spin');
					setText(
						text,
						activity.stage === 'mask'
							? l10n.t('Computing the mask')
							: l10n.t('Iteration {0} of {1}', activity.iteration ?? 0, settings.parameters.iterations),
					);
					const tick = () => setText(elapsed, formatElapsed(activity.since, Date.now()));
					tick();
					timer = window.setInterval(tick, 1000);
					offer(cancel);
					return;
				}
				case 'failed':
					setSymbol('error');
					setText(text, activity.message);
					offer(retry, log);
					return;
				default: {
					const unknown: never = activity;
					throw new Error(`unknown activity ${JSON.stringify(unknown)}`);
				}
			}
		},
	};
}

function stoppedText(hasOutcome: boolean): string {
	return hasOutcome
		? l10n.t('Not computed with these settings yet.')
		: l10n.t('The CRF has not refined this mask yet.');
}

function timingText({ timings, threads }: NonNullable<CrfRunView['outcome']>): string {
	const { prepare, lattice, iterations } = timings;
	const total = formatMilliseconds(prepare + lattice + iterations);
	const rounded = (milliseconds: number) => milliseconds.toFixed(0);
	const parts = l10n.t('prepare {0}, lattice {1}, iterations {2}', ...[prepare, lattice, iterations].map(rounded));
	const work = threads === 1 ? l10n.t('1 thread') : l10n.t('{0} threads', threads);
	return `${total} · WASM · ${work}\n${parts}`;
}
