import * as l10n from '@vscode/l10n';
import { h, setAttribute } from '../../shared/dom';

/** The field that picks which channel of a branch is shown. */
export interface ChannelField {
	readonly element: HTMLElement;
	/**
	 * @param channel the one shown; undefined hides the field
	 * @param picked whether the user chose it
	 */
	show(channel: number | undefined, picked: boolean): void;
}

/**
 * @param channels how many the branch has
 * @param onPick undefined: the strongest
 */
export function createChannelField(
	branchName: string,
	channels: number,
	onPick: (channel: number | undefined) => void,
): ChannelField {
	const input = h('input', { type: 'number', class: 'input numbers' });
	input.min = '0';
	input.max = String(channels - 1);
	input.step = '1';
	setAttribute(input, 'aria-label', l10n.t('Channel of {0}', branchName));
	setAttribute(input, 'title', l10n.t('0 to {0}; empty for the strongest', channels - 1));
	input.addEventListener('change', () => {
		const value = input.valueAsNumber;
		onPick(Number.isFinite(value) ? Math.min(channels - 1, Math.max(0, Math.round(value))) : undefined);
	});
	const element = h('label', { class: 'tile-channel' }, h('span', { class: 'dim' }, l10n.t('channel')), input);
	return {
		element,
		show(channel, picked) {
			element.hidden = channel === undefined;
			if (channel !== undefined && document.activeElement !== input) {
				input.value = String(channel);
			}
			element.classList.toggle('chosen', picked);
		},
	};
}
