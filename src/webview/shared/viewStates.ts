/** What a side view shows where it has no run to speak of: nothing yet, reading, or why not. */
import * as l10n from '@vscode/l10n';
import { h, icon, setText, textButton } from './dom';

export type AbsentState =
	| { readonly kind: 'noRun' }
	| { readonly kind: 'loading'; readonly pictureName: string }
	| { readonly kind: 'failed'; readonly pictureName: string; readonly message: string };

export type StateAction = 'segmentImage' | 'selectModel' | 'showLog' | 'retry';

export interface StatePanel {
	readonly element: HTMLElement;
	/** Undefined hides it. */
	show(state: AbsentState | undefined): void;
}

/** @param emptyText what the view is for, and what to do for it to show something */
export function createStatePanel(emptyText: string, act: (action: StateAction) => void): StatePanel {
	const symbol = h('span');
	const text = h('span');
	const picture = h('p', { class: 'picture-name dim' });
	const message = h('p', { role: 'status', class: 'state-message' }, symbol, text);
	const segment = textButton(l10n.t('Segment image…'), 'primary', () => act('segmentImage'));
	const retry = textButton(l10n.t('Retry'), 'primary', () => act('retry'));
	const model = textButton(l10n.t('Select model…'), 'secondary', () => act('selectModel'));
	const log = textButton(l10n.t('Show log'), 'secondary', () => act('showLog'));
	const buttons = [segment, retry, model, log];
	const actions = h('div', { class: 'actions' }, ...buttons);
	const element = h('div', { class: 'empty' }, picture, message, actions);

	const show = (pictureName: string, sign: HTMLElement | undefined, words: string, offered: readonly HTMLElement[]) => {
		setText(picture, pictureName);
		picture.hidden = pictureName === '';
		symbol.replaceChildren(...(sign ? [sign, ' '] : []));
		setText(text, words);
		actions.hidden = offered.length === 0;
		for (const button of buttons) {
			button.hidden = !offered.includes(button);
		}
	};
	return {
		element,
		show(state) {
			element.hidden = state === undefined;
			if (!state) {
				return;
			}
			switch (state.kind) {
				case 'noRun':
					show('', undefined, emptyText, [segment]);
					return;
				case 'loading':
					show(state.pictureName, icon('loading', 'codicon-modifier-spin'), l10n.t('Reading the head’s weights'), []);
					return;
				case 'failed':
					show(state.pictureName, h('span', { class: 'error' }, icon('error')), state.message, [retry, model, log]);
					return;
				default: {
					const unknown: never = state;
					throw new Error(`unknown state ${JSON.stringify(unknown)}`);
				}
			}
		},
	};
}
