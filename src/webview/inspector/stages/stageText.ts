import * as l10n from '@vscode/l10n';
import type { StageName } from '../../../shared/protocol/types';

/** A stage's name within a sentence or beside a number. */
export function stageLabel(stage: StageName): string {
	switch (stage) {
		case 'decode':
			return l10n.t('decode');
		case 'model':
			return l10n.t('model');
		case 'network':
			return l10n.t('network');
		case 'upsample':
			return l10n.t('upsample');
		case 'draw':
			return l10n.t('draw');
		default: {
			const unknown: never = stage;
			return unknown;
		}
	}
}
