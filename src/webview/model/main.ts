/** The Model page: what the model is, and its network as a tree. */
import './model.css';
import * as l10n from '@vscode/l10n';
import type { ModelHostMethods, ModelPageMethods, ModelState } from '../../shared/protocol/sideViews';
import { connect } from '../host';
import { createRoot, h, icon, textButton } from '../shared/dom';
import { findingList } from './findingList';
import { modelHeader } from './modelHeader';
import { createNetworkTree, type TreeChoice } from './networkTree';

const { host, getState, setState } = connect<ModelPageMethods, ModelHostMethods>({
	show: (state) => {
		show(state);
		return null;
	},
});

/** What is open and selected, for the model it was chosen in. */
interface Saved extends TreeChoice {
	readonly model: string;
}

const act = (action: ModelHostMethods['act']['params']) => void host.call('act', action).catch(() => undefined);
let model = '';
const tree = createNetworkTree((choice) => setState({ model, ...choice } satisfies Saved));
const content = h('main', { class: 'model' });
const root = createRoot();
root.append(content);
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && refresh());
refresh();

function refresh(): void {
	host.call('ready', null).then(show, () => undefined);
}

function show(state: ModelState): void {
	switch (state.kind) {
		case 'loading':
			content.replaceChildren(
				h(
					'div',
					{ class: 'notice', role: 'status' },
					h('p', {}, icon('loading', 'codicon-modifier-spin'), ' ', l10n.t('Reading {0}', state.modelName)),
				),
			);
			return;
		case 'failed':
			content.replaceChildren(
				h(
					'div',
					{ class: 'notice', role: 'status' },
					h('p', {}, h('span', { class: 'error' }, icon('error')), ' ', state.message),
					h(
						'div',
						{ class: 'actions' },
						textButton(l10n.t('Retry'), 'primary', () => act('retry')),
						textButton(l10n.t('Select model…'), 'secondary', () => act('selectModel')),
						textButton(l10n.t('Show log'), 'secondary', () => act('showLog')),
					),
				),
			);
			return;
		case 'model': {
			model = state.source;
			const saved = savedChoice();
			content.replaceChildren(
				modelHeader(state.network, state.source, state.parity),
				findingList(state.network.findings, tree.reveal),
				h(
					'div',
					{ class: 'actions' },
					textButton(l10n.t('Select model…'), 'secondary', () => act('selectModel')),
				),
				tree.element,
			);
			tree.show(state.network, saved);
			return;
		}
		default: {
			const unknown: never = state;
			throw new Error(`unknown state ${JSON.stringify(unknown)}`);
		}
	}
}

function savedChoice(): TreeChoice {
	const saved = getState() as Partial<Saved> | undefined | null;
	return saved && saved.model === model
		? {
				expanded: Array.isArray(saved.expanded) ? saved.expanded.filter((path) => typeof path === 'string') : undefined,
				selected: typeof saved.selected === 'string' ? saved.selected : undefined,
			}
		: { expanded: undefined, selected: undefined };
}
