import * as l10n from '@vscode/l10n';
import { type BackendChoice, backendChoices } from '../core/backend';
import { type MultiScaleRule, multiScaleRules } from '../core/segmentation/multiScale';

/** The settings as they are used: every number inside its bounds. */
export interface Settings {
	/** Path of the model as written; empty for the bundled one. */
	readonly model: string;
	/** Pixels; undefined keeps the model's own. */
	readonly longestSide: number | undefined;
	/** Undefined: the full scale alone. */
	readonly multiScale: MultiScaleRule | undefined;
	readonly threads: number;
	readonly backend: BackendChoice;
	/** 0…1. */
	readonly maskOpacity: number;
	/** Time without a run after which the worker is ended; 0: never. */
	readonly idleMilliseconds: number;
}

export const longestSideBounds = [65, 2049] as const;
const autoThreads = 4;
const opacityDefault = 0.6;
const idleSecondsDefault = 120;

/**
 * Makes settings usable.
 *
 * @param read gives a setting's raw value, which a hand-edited file may hold as anything
 * @param hardwareThreads threads the machine runs at once
 * @returns the settings, and a sentence for each value that had to be changed
 */
export function checkSettings(
	read: (name: string) => unknown,
	hardwareThreads: number,
): { readonly settings: Settings; readonly warnings: readonly string[] } {
	const warnings: string[] = [];
	const number = (name: string, fallback: number, [low, high]: readonly [number, number], whole = true): number => {
		const value = read(name) ?? fallback;
		if (typeof value !== 'number' || !Number.isFinite(value)) {
			warnings.push(l10n.t('The setting deeplab.{0} is not a number; {1} is used.', name, fallback));
			return fallback;
		}
		const used = Math.min(high, Math.max(low, whole ? Math.round(value) : value));
		if (used !== value) {
			warnings.push(l10n.t('The setting deeplab.{0} is {1}; {2} is used.', name, value, used));
		}
		return used;
	};
	const model = read('model') ?? '';
	if (typeof model !== 'string') {
		warnings.push(l10n.t('The setting deeplab.model is not a path; the bundled model is used.'));
	}
	const longestSide =
		read('longestSide') === 0 ? 0 : number('longestSide', 0, read('longestSide') ? longestSideBounds : [0, 0]);
	const scaling = read('multiScale') ?? 'off';
	const multiScale = multiScaleRules.find((rule) => rule === scaling);
	if (!multiScale && scaling !== 'off') {
		warnings.push(
			l10n.t('The setting deeplab.multiScale is neither off nor {0}; one scale is used.', multiScaleRules.join(', ')),
		);
	}
	const wanted = read('backend') ?? 'auto';
	const backend = backendChoices.find((choice) => choice === wanted);
	if (!backend) {
		warnings.push(l10n.t('The setting deeplab.backend is none of {0}; auto is used.', backendChoices.join(', ')));
	}
	const threads = number('threads', 0, [0, Math.max(1, hardwareThreads)]);
	return {
		settings: {
			model: typeof model === 'string' ? model.trim() : '',
			longestSide: longestSide === 0 ? undefined : longestSide,
			multiScale,
			threads: threads === 0 ? Math.max(1, Math.min(autoThreads, hardwareThreads)) : threads,
			backend: backend ?? 'auto',
			maskOpacity: number('maskOpacity', opacityDefault, [0, 1], false),
			idleMilliseconds: 1000 * number('idleSeconds', idleSecondsDefault, [0, 86_400]),
		},
		warnings,
	};
}
