/** The ASPP Branches page: what each branch of the head says of the class that is chosen. */
import './aspp.css';
import * as l10n from '@vscode/l10n';
import type { AsppHostMethods, AsppPageMethods } from '../../shared/protocol/aspp';
import { connect } from '../host';
import { startRunPage } from '../shared/runPage';
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
const show = startRunPage({
	className: 'aspp',
	emptyText: l10n.t('No picture is segmented yet. Segment one to see here what each ASPP branch says of it.'),
	panel,
	ready: () => host.call('ready', null),
	act: (action) => host.call('act', action),
	onWhole: () => panel.missedMaps(),
});
