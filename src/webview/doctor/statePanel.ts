/** What stands in the choices' place while there are none: empty, loading, failed, cancelled. */
import * as l10n from '@vscode/l10n';
import type { DoctorAction, DoctorState } from '../../shared/protocol/doctor';
import { setText, textButton } from '../shared/dom';
import { formatElapsed } from '../shared/format';
import { createStateFrame } from '../shared/stateFrame';

export interface DoctorStatePanel {
	readonly element: HTMLElement;
	/** Undefined takes the panel away. */
	show(state: Exclude<DoctorState, { kind: 'exam' }> | undefined): void;
}

export function createStatePanel(act: (action: DoctorAction) => void): DoctorStatePanel {
	const frame = createStateFrame('p');
	const picture = textButton(l10n.t('Choose picture…'), 'primary', () => act('choosePicture'));
	const cancel = textButton(l10n.t('Cancel'), 'secondary', () => act('cancel'));
	const again = textButton(l10n.t('Try again'), 'primary', () => act('resume'));
	const otherPicture = textButton(l10n.t('Choose picture…'), 'secondary', () => act('choosePicture'));
	const model = textButton(l10n.t('Choose model…'), 'secondary', () => act('chooseModel'));
	const log = textButton(l10n.t('Show log'), 'secondary', () => act('showLog'));
	let timer: number | undefined;

	const set = (text: string, ...buttons: readonly HTMLButtonElement[]) => {
		setText(frame.body, text);
		frame.actions.replaceChildren(...buttons);
	};
	return {
		element: frame.element,
		show(state) {
			window.clearInterval(timer);
			if (!state) {
				frame.hide();
				return;
			}
			const { kind } = state;
			switch (kind) {
				case 'empty':
					frame.show(kind, 'beaker', l10n.t('No picture yet'));
					set(
						l10n.t('One picture under the likely preprocessings shows which of them the network was trained with.'),
						picture,
					);
					return;
				case 'loading': {
					const tick = () => setText(frame.body, formatElapsed(state.since, Date.now()));
					frame.show(kind, 'loading codicon-modifier-spin', l10n.t('{0} on {1}', state.modelName, state.pictureName));
					set('', cancel);
					tick();
					timer = window.setInterval(tick, 500);
					return;
				}
				case 'failed':
					frame.show(kind, 'error', l10n.t('{0} was not examined', state.modelName));
					set(state.message, again, otherPicture, model, log);
					return;
				case 'cancelled':
					frame.show(kind, 'circle-slash', l10n.t('Cancelled'));
					set(l10n.t('{0} was not examined', state.modelName), again);
					return;
				default: {
					const unknown: never = kind;
					throw new Error(`unknown state ${JSON.stringify(unknown)}`);
				}
			}
		},
	};
}
