/** What a line of the Runs list says. */
import type { RunListItem } from '../../shared/protocol/sideViews';
import { formatAge } from '../shared/format';

/** So many classes are named on a line. */
const namedClasses = 3;

export interface RunLine {
	readonly title: string;
	/** Folder, where another run's picture has the same name and another folder. */
	readonly folder: string | undefined;
	readonly model: string;
	readonly age: string;
	readonly classes: string;
}

/** One line a run, in the given order. */
export function runLines(runs: readonly RunListItem[], now: number, language: string): readonly RunLine[] {
	const folders = new Map<string, Set<string>>();
	for (const { pictureName, pictureFolder } of runs) {
		folders.set(pictureName, (folders.get(pictureName) ?? new Set()).add(pictureFolder));
	}
	return runs.map((run) => ({
		title: run.pictureName,
		folder: (folders.get(run.pictureName)?.size ?? 0) > 1 && run.pictureFolder ? run.pictureFolder : undefined,
		model: run.modelName,
		age: formatAge(run.createdAt, now, language),
		classes: classList(run.classes),
	}));
}

function classList(classes: readonly string[]): string {
	const rest = classes.length - namedClasses;
	return classes.slice(0, namedClasses).join(', ') + (rest > 0 ? ` +${rest}` : '');
}

/** The run that takes the focus when the one at `index` is removed; undefined for none. */
export function neighbourOf(runs: readonly { readonly id: string }[], id: string): string | undefined {
	const index = runs.findIndex((run) => run.id === id);
	return (runs[index + 1] ?? runs[index - 1])?.id;
}
