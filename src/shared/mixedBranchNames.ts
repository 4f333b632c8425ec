import * as l10n from '@vscode/l10n';
import type { MixedBranch } from '../core/aspp/types';

/** What the branches of a mixed head are called, each in its own way: `rate 12`, `1×1`, `image pooling`. */
export function mixedBranchNames(branches: readonly MixedBranch[]): readonly string[] {
	const names = branches.map(nameOf);
	return names.map((name, index) =>
		names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} (${index + 1})`,
	);
}

function nameOf({ kind, rate, value }: MixedBranch): string {
	switch (kind) {
		case 'dilated':
			return l10n.t('rate {0}', rate ?? '');
		case 'pointwise':
			return '1×1';
		case 'pooling':
			return l10n.t('image pooling');
		case 'other':
			return value;
		default: {
			const unknown: never = kind;
			throw new Error(`unknown kind of branch ${String(unknown)}`);
		}
	}
}
