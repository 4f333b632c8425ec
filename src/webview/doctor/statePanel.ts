/** What stands in the choices' place while there are none: empty, loading, failed, cancelled. */
import * as l10n from '@vscode/l10n';
import type { DoctorAction, DoctorState } from '../../shared/protocol/doctor';
import { h, icon, setText, textButton } from '../shared/dom';
import { formatElapsed } from '../shared/format';

export interface DoctorStatePanel {
	readonly element: HTMLElement;
	/** Undefined takes the panel away. */
	show(state: Exclude<DoctorState, { kind: 'exam' }> | undefined): void;
}

export function createStatePanel(act: (action: DoctorAction) => void): DoctorStatePanel {
	const symbol = h('span', { class: 'state-symbol', 'aria-hidden': 'true' });
	const title = h('h1', { class: 'state-title' });
	const body = h('p', { class: 'state-body' });
	const picture = textButton(l10n.t('Choose picture…'), 'primary', () => act('choosePicture'));
	const cancel = textButton(l10n.t('Cancel'), 'secondary', () => act('cancel'));
	const again = textButton(l10n.t('Try again'), 'primary', () => act('resume'));
	const otherPicture = textButton(l10n.t('Choose picture…'), 'secondary', () => act('choosePicture'));
	const model = textButton(l10n.t('Choose model…'), 'secondary', () => act('chooseModel'));
	const log = textButton(l10n.t('Show log'), 'secondary', () => act('showLog'));
	const actions = h('div', { class: 'state-actions' });
	const element = h(
		'main',
		{ class: 'state', hidden: true },
		symbol,
		h('div', { role: 'status' }, title),
		body,
		actions,
	);
	let timer: number | undefined;

	const set = (sign: string, heading: string, text: string, ...buttons: readonly HTMLButtonElement[]) => {
		symbol.replaceChildren(icon(sign));
		setText(title, heading);
		setText(body, text);
		actions.replaceChildren(...buttons);
	};
	return {
		element,
		show(state) {
			window.clearInterval(timer);
			element.hidden = state === undefined;
			if (!state) {
				return;
			}
			element.dataset.kind = state.kind;
			switch (state.kind) {
				case 'empty':
					set(
						'beaker',
						l10n.t('No picture yet'),
						l10n.t('One picture under the likely preprocessings shows which of them the network was trained with.'),
						picture,
					);
					return;
				case 'loading': {
					const tick = () => setText(body, formatElapsed(state.since, Date.now()));
					set('loading codicon-modifier-spin', l10n.t('{0} on {1}', state.modelName, state.pictureName), '', cancel);
					tick();
					timer = window.setInterval(tick, 500);
					return;
				}
				case 'failed':
					set('error', l10n.t('{0} was not examined', state.modelName), state.message, again, otherPicture, model, log);
					return;
				case 'cancelled':
					set('circle-slash', l10n.t('Cancelled'), l10n.t('{0} was not examined', state.modelName), again);
					return;
				default: {
					const unknown: never = state;
					throw new Error(`unknown state ${JSON.stringify(unknown)}`);
				}
			}
		},
	};
}
