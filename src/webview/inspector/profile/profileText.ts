/** The words of a profile. */
import * as l10n from '@vscode/l10n';
import type { ProfileNode } from '../../../core/profile/profileTree';
import type { ProfileMemory, ProfileProgress } from '../../../shared/protocol/profile';
import type { StageName } from '../../../shared/protocol/types';
import { formatBytes, formatMilliseconds, formatShare } from '../../shared/format';
import { stageLabel } from '../stages/stageText';
import type { IcicleCell } from './icicleData';

export function nodeName({ kind, name }: ProfileNode): string {
	switch (kind) {
		case 'run':
			return l10n.t('whole run');
		case 'stage':
			return stageLabel(name as StageName);
		case 'scale':
			return l10n.t('scale {0}', name);
		case 'other':
			return l10n.t('other');
		case 'part':
		case 'operator':
			return name;
		default: {
			const unknown: never = kind;
			return unknown;
		}
	}
}

/** Tenths below ten milliseconds: `4.2 ms`, `26 ms`. */
export function formatTime(milliseconds: number): string {
	const tenths = milliseconds >= 0.05 && milliseconds < 9.95;
	return tenths ? `${milliseconds.toFixed(1)} ms` : formatMilliseconds(milliseconds);
}

/** `1 × 21 × 38 × 57`, without the picture's own 1 where there are four. */
export function shapeText(shape: readonly number[]): string {
	return (shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape).join(' × ');
}

/** `1.08 ×`. */
export function ratioText(ratio: number): string {
	return `${ratio.toFixed(ratio < 9.95 ? 2 : 0)} ×`;
}

export function shareText({ share, inNetwork }: Pick<IcicleCell, 'share' | 'inNetwork'>): string {
	return inNetwork ? l10n.t('{0} of the network', formatShare(share)) : l10n.t('{0} of the run', formatShare(share));
}

/** All of a cell in one line. */
export function cellText(cell: IcicleCell): string {
	const { node, trail } = cell;
	const names = trail.length > 0 ? trail : [node];
	return joined(' · ', [
		names.map(nodeName).join(' › '),
		...operatorTexts(node),
		formatTime(node.milliseconds),
		cell.parent === undefined ? undefined : shareText(cell),
		noteOf(node),
	]);
}

/** For screen readers: first what is written in the cell. Where it is, its place in the tree says. */
export function cellLabel(cell: IcicleCell): string {
	const { node } = cell;
	return joined(', ', [
		`${nodeName(node)} ${formatTime(node.milliseconds)}`,
		cell.parent === undefined ? undefined : shareText(cell),
		...operatorTexts(node),
		noteOf(node),
	]);
}

function operatorTexts({ operator }: ProfileNode): readonly (string | undefined)[] {
	return [operator?.opType, operator?.outputShape && shapeText(operator.outputShape)];
}

function joined(separator: string, parts: readonly (string | undefined)[]): string {
	return parts.filter((part) => part !== undefined && part !== '').join(separator);
}

function noteOf({ kind, name }: ProfileNode): string | undefined {
	if (kind === 'other') {
		return l10n.t('tensors in and out, memory, what lies between operators');
	}
	return kind === 'stage' && name === 'model' ? l10n.t('runtime and network loaded anew') : undefined;
}

export function memoryText({ kind, bytes }: ProfileMemory): { readonly text: string; readonly title: string } {
	switch (kind) {
		case 'wasmHeap':
			return {
				text: l10n.t('WASM heap {0}', formatBytes(bytes)),
				title: l10n.t('The heap that onnxruntime grew to for this network alone, before operators were timed'),
			};
		case 'process':
			return {
				text: l10n.t('process {0}', formatBytes(bytes)),
				title: l10n.t('The highest resident memory of the whole process since it began'),
			};
		default: {
			const unknown: never = kind;
			return unknown;
		}
	}
}

export function progressText(progress: ProfileProgress | undefined): string {
	if (!progress) {
		return l10n.t('Preparing');
	}
	const { step, pass, of } = progress;
	switch (step) {
		case 'load':
			return l10n.t('Loading the network');
		case 'plain':
			return of === undefined ? l10n.t('Running it as always') : l10n.t('Running it as always, {0} of {1}', pass, of);
		case 'timed':
			return of === undefined ? l10n.t('Timing its operators') : l10n.t('Timing its operators, {0} of {1}', pass, of);
		default: {
			const unknown: never = step;
			return unknown;
		}
	}
}
