/** The CRF page: what the dense CRF made of the run that is shown, and its settings. */
import './crf.css';
import * as l10n from '@vscode/l10n';
import type { CrfHostMethods, CrfPageMethods, CrfViewState } from '../../shared/protocol/crf';
import { connect } from '../host';
import { createRoot, h, textButton } from '../shared/dom';
import { createRunPanel } from './runPanel';

const { host } = connect<CrfPageMethods, CrfHostMethods>({
	show: (state) => {
		show(state);
		return null;
	},
});

const panel = createRunPanel((method, params) => host.call(method, params));
const empty = h(
	'div',
	{ class: 'empty', hidden: true },
	h(
		'p',
		{ role: 'status' },
		l10n.t('No picture is segmented yet. Segment one to refine its mask here, iteration by iteration.'),
	),
	h(
		'div',
		{ class: 'actions' },
		textButton(l10n.t('Segment image…'), 'primary', () => void host.call('act', 'segmentImage').catch(() => undefined)),
	),
);
panel.element.hidden = true;
const root = createRoot();
root.append(h('main', { class: 'crf panel' }, empty, panel.element));
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && refresh());
refresh();

/** Asks for the whole state: messages to a hidden page may be lost. */
function refresh(): void {
	host.call('ready', null).then(show, () => undefined);
}

function show(state: CrfViewState): void {
	empty.hidden = state.kind !== 'noRun';
	panel.element.hidden = state.kind !== 'run';
	switch (state.kind) {
		case 'noRun':
			return;
		case 'run':
			panel.show(state.view);
			return;
		default: {
			const unknown: never = state;
			throw new Error(`unknown state ${JSON.stringify(unknown)}`);
		}
	}
}
