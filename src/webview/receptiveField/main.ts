/** The Receptive Field page: what the probe pixel could see through each branch, and what it does see. */
import './receptiveField.css';
import * as l10n from '@vscode/l10n';
import type { ReceptiveFieldHostMethods, ReceptiveFieldPageMethods } from '../../shared/protocol/aspp';
import { connect } from '../host';
import { startRunPage } from '../shared/runPage';
import { createRunPanel } from './runPanel';

const { host } = connect<ReceptiveFieldPageMethods, ReceptiveFieldHostMethods>({
	show: (state) => {
		show(state);
		return null;
	},
});

const show = startRunPage({
	className: 'receptive-field',
	emptyText: l10n.t('No picture is segmented yet. Segment one to see here how much of it each ASPP branch can see.'),
	panel: createRunPanel((method, params) => host.call(method, params)),
	ready: () => host.call('ready', null),
	act: (action) => host.call('act', action),
});
