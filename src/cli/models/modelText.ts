import * as l10n from '@vscode/l10n';
import { factLines } from '../text/facts';

/** What was found in a file that a model is made of, for people. */
export function foundLines({
	facts,
	notes,
}: {
	readonly facts: readonly (readonly [title: string, value: string])[];
	readonly notes: readonly string[];
}): string[] {
	return [...factLines(facts).map((line) => `  ${line}`), ...notes];
}

/** Said once the model's file is there. */
export function writtenLine(file: string, bytes: Uint8Array): string {
	return `→ ${file}  ${l10n.t('{0} bytes', new Intl.NumberFormat('en').format(bytes.length))}`;
}
