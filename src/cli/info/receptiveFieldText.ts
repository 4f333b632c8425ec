import * as l10n from '@vscode/l10n';
import type { NetworkNode, ReceptiveField } from '../../core/model';
import { formatTable } from '../text/table';

/** A layer of `info --receptive-fields`. */
export interface LayerField {
	readonly layer: string;
	readonly operator: string;
	/** Null behind operators without a fixed window. */
	readonly receptiveField: ReceptiveField | null;
}

/** Every layer of the tree, in the graph's order. */
export function receptiveFieldReport(tree: readonly NetworkNode[]): LayerField[] {
	return tree.flatMap(({ path, operator, receptiveField = null, children }) => [
		...(operator === undefined ? [] : [{ layer: path, operator, receptiveField }]),
		...receptiveFieldReport(children),
	]);
}

export function receptiveFieldLines(layers: readonly LayerField[]): string[] {
	const none = l10n.t('none');
	return formatTable(
		[
			{ title: l10n.t('Layer'), align: 'left' },
			{ title: l10n.t('Operator'), align: 'left' },
			{ title: l10n.t('Receptive field'), align: 'right' },
			{ title: l10n.t('Stride'), align: 'right' },
			{ title: l10n.t('Offset'), align: 'right' },
		],
		layers.map(({ layer, operator, receptiveField }) => [
			layer,
			operator,
			receptiveField?.size.join('x') ?? none,
			receptiveField?.stride.join('x') ?? '',
			receptiveField?.offset.join(', ') ?? '',
		]),
	);
}
