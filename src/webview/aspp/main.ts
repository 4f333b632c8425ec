/** The ASPP Branches page: what each branch of the head says of the class that is chosen. */
import './aspp.css';
import * as l10n from '@vscode/l10n';
import type { AsppHostMethods, AsppPageMethods, AsppViewState } from '../../shared/protocol/aspp';
import { connect } from '../host';
import { h } from '../shared/dom';
import { type RunPageState, startRunPage } from '../shared/runPage';
import { createMixedPanel } from './mixed/mixedPanel';
import { type CallHost, createRunPanel } from './runPanel';

const { host } = connect<AsppPageMethods, AsppHostMethods>({
	show: (state) => {
		show(pageState(state));
		return null;
	},
	mapsChanged: (maps) => {
		summed.setMaps(maps);
		return null;
	},
});

/** A head that was read: its branches add up to the logits, or later layers mix them. */
type ShownState = Extract<AsppViewState, { readonly kind: 'run' | 'mixed' }>;

function pageState(state: AsppViewState): RunPageState<ShownState> {
	return state.kind === 'run' || state.kind === 'mixed' ? { kind: 'run', view: state } : state;
}

const call: CallHost = (method, params) => host.call(method, params);
const summed = createRunPanel(call);
const mixed = createMixedPanel(call);
let shown: ShownState['kind'] = 'run';
/** Only the one that is shown is in the document. */
const frame = h('div', {}, summed.element);

const show = startRunPage<ShownState>({
	className: 'aspp',
	emptyText: l10n.t('No picture is segmented yet. Segment one to see here what each ASPP branch says of it.'),
	panel: {
		element: frame,
		show(state) {
			if (state.kind !== shown) {
				shown = state.kind;
				frame.replaceChildren((shown === 'run' ? summed : mixed).element);
			}
			if (state.kind === 'run') {
				summed.show(state.view);
			} else {
				mixed.show(state.view);
			}
		},
		command: (command) => (shown === 'run' ? summed : mixed).command(command),
	},
	ready: async () => pageState(await host.call('ready', null)),
	act: (action) => host.call('act', action),
	onWhole() {
		summed.missedMaps();
		mixed.missedMaps();
	},
});
