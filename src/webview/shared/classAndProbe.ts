/** The class and the probe pixel that a side view speaks of: the page's own choice, ahead of its host, and the keys for it. */
import type { Probe } from '../../shared/protocol/inspector';
import type { ClassInfo, Geometry } from '../../shared/protocol/types';
import { cycledClass } from './classData';
import { createDraft, type Draft } from './draft';
import { moveProbe } from './probeSteps';
import type { ClassAndProbeCommand } from './viewKeys';

/** What the host says. */
export interface ClassAndProbeView {
	readonly geometry: Geometry;
	readonly classes: readonly ClassInfo[];
	readonly label: number;
	readonly probe: Probe | undefined;
}

export interface ClassAndProbe {
	/** Of {@link settleDrafts}, with those of the view itself. */
	readonly drafts: readonly Pick<Draft<unknown>, 'heard' | 'reset'>[];
	label(view: ClassAndProbeView): number;
	/** Whether the class is the probe pixel's winner. */
	follows(view: { readonly labelIsChosen: boolean }): boolean;
	probe(view: ClassAndProbeView): Probe | undefined;
	/** Null: the winner, which the host knows. */
	setClass(label: number | null): void;
	setProbe(probe: Probe | null): void;
	/** @param present labels of the mask, largest first, that come in turns; empty: all classes do */
	command(view: ClassAndProbeView, present: readonly number[], command: ClassAndProbeCommand): void;
}

/**
 * @param tell the host's methods
 * @param render draws the view anew
 * @param nextFrame calls back once, with the next frame
 */
export function createClassAndProbe(
	tell: {
		setClass(label: number | null): Promise<unknown>;
		setProbe(probe: Probe | null): Promise<unknown>;
	},
	render: () => void,
	nextFrame: (callback: () => void) => void,
): ClassAndProbe {
	const labelDraft = createDraft<number | null>(tell.setClass, render, nextFrame);
	const probeDraft = createDraft<Probe | null>(tell.setProbe, render, nextFrame);
	const label = (view: ClassAndProbeView) => labelDraft.value(view.label) ?? view.label;
	const probe = (view: ClassAndProbeView) => probeDraft.value(view.probe ?? null) ?? undefined;
	const setClass = (next: number | null) => {
		labelDraft.set(next);
		render();
	};
	const setProbe = (next: Probe | null) => {
		probeDraft.set(next);
		render();
	};
	return {
		drafts: [labelDraft, probeDraft],
		label,
		follows: ({ labelIsChosen }) => (labelDraft.ahead() ? labelDraft.value(null) === null : !labelIsChosen),
		probe,
		setClass,
		setProbe,
		command(view, present, command) {
			switch (command.kind) {
				case 'moveProbe':
					setProbe(moveProbe(probe(view), view.geometry, command.dx, command.dy, command.unit));
					return;
				case 'cycleClass':
					setClass(cycledClass(present, view.classes.length, label(view), command.step));
					return;
				case 'unpin':
					if (probe(view)) {
						setProbe(null);
					}
					return;
				default: {
					const unknown: never = command;
					throw new Error(`unknown command ${JSON.stringify(unknown)}`);
				}
			}
		},
	};
}
