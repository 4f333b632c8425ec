import * as l10n from '@vscode/l10n';
import { h, setAttribute } from '../shared/dom';

/** How the maps are drawn: upsampled as the network does it, or as the raw grid. @param onChange whether it is the raw grid */
export function createSamplingModes(onChange: (raw: boolean) => void): HTMLElement {
	const modes = ([false, true] as const).map((raw) => {
		const button = h(
			'button',
			{ type: 'button', class: 'segment', 'aria-pressed': String(!raw) },
			raw ? l10n.t('Raw grid') : l10n.t('Upsampled'),
		);
		button.addEventListener('click', () => {
			for (const mode of modes) {
				setAttribute(mode.button, 'aria-pressed', String(mode.raw === raw));
			}
			onChange(raw);
		});
		return { raw, button };
	});
	return h(
		'div',
		{ class: 'segments', role: 'group', 'aria-label': l10n.t('How the maps are drawn') },
		...modes.map(({ button }) => button),
	);
}
