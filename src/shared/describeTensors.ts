import * as l10n from '@vscode/l10n';
import type { TensorNote, TensorUse } from '../core/checkpoint/tensorNotes';
import { describeImport } from './describeImport';
import type { CheckpointFindings } from './protocol/import';

/** Everything that was found in a checkpoint, as a text to read: facts, notes, and every tensor by what it is for. */
export function describeFindings(name: string, { report, tensors }: CheckpointFindings): string {
	const { facts, notes } = describeImport(report);
	const label = Math.max(...facts.map(([title]) => title.length));
	return [
		name,
		'',
		...facts.map(([title, value]) => `  ${title.padEnd(label)}  ${value}`),
		...(notes.length > 0 ? ['', ...notes] : []),
		...tensorUses.flatMap((use) =>
			section(
				use,
				tensors.filter((tensor) => tensor.use === use),
			),
		),
		'',
	].join('\n');
}

/** In the order they are read in: what is odd comes first. */
const tensorUses = [
	'unknown',
	'leftOut',
	'auxiliary',
	'otherNetwork',
	'scaledCopy',
	'counter',
	'network',
] as const satisfies readonly TensorUse[];

function section(use: TensorUse, tensors: readonly TensorNote[]): string[] {
	if (tensors.length === 0) {
		return [];
	}
	const width = Math.max(...tensors.map(({ name }) => name.length));
	return [
		'',
		heading(use, tensors.length),
		...tensors.map(({ name, shape }) => `  ${name.padEnd(width)}  ${shape.join(' x ') || l10n.t('a number')}`),
	];
}

function heading(use: TensorUse, count: number): string {
	switch (use) {
		case 'network':
			return l10n.t('Tensors of the network: {0}', count);
		case 'leftOut':
			return l10n.t('Left out, of branches that are not added up: {0}', count);
		case 'auxiliary':
			return l10n.t('Left out, of a head that serves training alone: {0}', count);
		case 'otherNetwork':
			return l10n.t('Left out, of other networks in the file: {0}', count);
		case 'scaledCopy':
			return l10n.t('Left out, copies for pictures of other sizes with the same weights: {0}', count);
		case 'counter':
			return l10n.t('Left out, counters of training steps: {0}', count);
		case 'unknown':
			return l10n.t('Not used, for nothing in the network has their names: {0}', count);
		default: {
			const unknown: never = use;
			throw new Error(`unknown use ${String(unknown)}`);
		}
	}
}
