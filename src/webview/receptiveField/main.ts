/** The Receptive Field page: what the probe pixel could see through each branch, and what it does see. */
import './receptiveField.css';
import * as l10n from '@vscode/l10n';
import type {
	ReceptiveFieldHostMethods,
	ReceptiveFieldPageMethods,
	ReceptiveFieldState,
} from '../../shared/protocol/aspp';
import { connect } from '../host';
import { createRoot, h } from '../shared/dom';
import { keyTarget } from '../shared/keyTarget';
import { viewCommand } from '../shared/viewKeys';
import { createStatePanel } from '../shared/viewStates';
import { createRunPanel } from './runPanel';

const { host } = connect<ReceptiveFieldPageMethods, ReceptiveFieldHostMethods>({
	show: (state) => {
		show(state);
		return null;
	},
});

const panel = createRunPanel((method, params) => host.call(method, params));
const states = createStatePanel(
	l10n.t('No picture is segmented yet. Segment one to see here how much of it each ASPP branch can see.'),
	(action) => void host.call('act', action).catch(() => undefined),
);
panel.element.hidden = true;
createRoot().append(h('main', { class: 'receptive-field panel' }, states.element, panel.element));
states.show(undefined);
document.addEventListener('keydown', (event) => {
	const command =
		event.defaultPrevented || panel.element.hidden ? undefined : viewCommand(event, keyTarget(event.target));
	if (command) {
		event.preventDefault();
		panel.command(command);
	}
});
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && refresh());
refresh();

/** Asks for the whole state: messages to a hidden page may be lost. */
function refresh(): void {
	host.call('ready', null).then(show, () => undefined);
}

function show(state: ReceptiveFieldState): void {
	panel.element.hidden = state.kind !== 'run';
	states.show(state.kind === 'run' ? undefined : state);
	if (state.kind === 'run') {
		panel.show(state.view);
	}
}
