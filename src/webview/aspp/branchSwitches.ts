/** Which branches are on: the page's own choice, ahead of its host, and the keys for it. */
import { createDraft, type Draft } from '../shared/draft';
import type { BranchCommand } from '../shared/viewKeys';
import { allOn, solo } from './switchData';

export interface BranchSwitches {
	/** Of {@link settleDrafts}. */
	readonly draft: Pick<Draft<unknown>, 'heard' | 'reset'>;
	on(view: { readonly on: readonly boolean[] }): readonly boolean[];
	set(on: readonly boolean[]): void;
	command(view: { readonly on: readonly boolean[] }, command: BranchCommand): void;
}

/**
 * @param tell the host's method
 * @param render draws the view anew
 * @param nextFrame calls back once, with the next frame
 */
export function createBranchSwitches(
	tell: (on: readonly boolean[]) => Promise<unknown>,
	render: () => void,
	nextFrame: (callback: () => void) => void,
): BranchSwitches {
	const draft = createDraft(tell, render, nextFrame);
	const set = (next: readonly boolean[]) => {
		draft.set(next);
		render();
	};
	return {
		draft,
		on: (view) => draft.value(view.on),
		set,
		command(view, command) {
			const on = draft.value(view.on);
			switch (command.kind) {
				case 'solo':
					if (command.branch < on.length) {
						set(solo(on, command.branch));
					}
					return;
				case 'allOn':
					set(allOn(on));
					return;
				default: {
					const unknown: never = command;
					throw new Error(`unknown command ${JSON.stringify(unknown)}`);
				}
			}
		},
	};
}
