/** The ASPP Branches page: what each branch of the head says of the class that is chosen. */
import './aspp.css';
import * as l10n from '@vscode/l10n';
import type { AsppHostMethods, AsppPageMethods, AsppViewState } from '../../shared/protocol/aspp';
import { connect } from '../host';
import { createRoot, h } from '../shared/dom';
import { keyTarget } from '../shared/keyTarget';
import { viewCommand } from '../shared/viewKeys';
import { createStatePanel } from '../shared/viewStates';
import { createRunPanel } from './runPanel';

const { host } = connect<AsppPageMethods, AsppHostMethods>({
	show: (state) => {
		show(state);
		return null;
	},
	mapsChanged: (maps) => {
		panel.setMaps(maps);
		return null;
	},
});

const panel = createRunPanel((method, params) => host.call(method, params));
const states = createStatePanel(
	l10n.t('No picture is segmented yet. Segment one to see here what each ASPP branch says of it.'),
	(action) => void host.call('act', action).catch(() => undefined),
);
panel.element.hidden = true;
createRoot().append(h('main', { class: 'aspp panel' }, states.element, panel.element));
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

function show(state: AsppViewState): void {
	panel.element.hidden = state.kind !== 'run';
	states.show(state.kind === 'run' ? undefined : state);
	if (state.kind === 'run') {
		panel.show(state.view);
	}
}
