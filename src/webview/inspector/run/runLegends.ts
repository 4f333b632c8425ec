/** The column beside the picture: the legend that belongs to what is drawn, and the comparison of output strides. */
import { h } from '../../shared/dom';
import { createBranchLegend } from '../legend/branchLegend';
import { createLegend, type LegendEvents } from '../legend/legend';
import { legendCaption } from '../legend/legendCaption';
import { linesOfLayer } from '../legend/legendData';
import type { WinningScales } from '../legend/winningScales';
import type { StrideComparison } from '../strides/strideComparison';
import type { ViewState } from '../viewState';
import type { RunFacts } from './contents';
import type { Drawn } from './drawn';

export interface RunLegends {
	readonly element: HTMLElement;
	/** Something else is drawn, or there is more to tell of it. */
	show(view: ViewState): void;
	/** Labels of the classes, in the legend's order. */
	labels(): readonly number[];
	/** Marks the class under the pointer in the picture. */
	setPointed(label: number | undefined): void;
	/** Marks the class that the ASPP views speak of. */
	setChosen(label: number | undefined): void;
}

export function createRunLegends(
	events: LegendEvents,
	facts: RunFacts,
	drawn: Drawn,
	strides: StrideComparison,
	scales: WinningScales,
): RunLegends {
	const legend = createLegend(events);
	const branchLegend = createBranchLegend();
	const lines = () => {
		const { run, crf, branches } = facts;
		return run ? linesOfLayer(run.info, drawn.spokenOf(), crf, branches, strides.effect) : [];
	};
	return {
		element: h('div', { class: 'side-column' }, strides.element, legend.element, branchLegend.element, scales.element),
		show(view) {
			const { run, crf, dominance, places } = facts;
			const layer = drawn.spokenOf();
			if (run) {
				legend.setLines(run.info.model, lines(), legendCaption(layer, crf !== undefined, strides.shown?.pair));
				legend.setView(view);
			}
			const byBranch = layer === 'dominance' && dominance !== undefined;
			const byScale = layer === 'winningScale';
			scales.show(byScale);
			strides.showPanel(drawn.layer());
			legend.element.hidden = byBranch || byScale;
			branchLegend.element.hidden = !byBranch;
			if (dominance && byBranch) {
				branchLegend.show(dominance, places);
			}
			legend.setFilled(layer === 'changed' || layer === 'strideChanged');
		},
		labels: () => lines().map(({ label }) => label),
		setPointed: (label) => legend.setPointed(label),
		setChosen: (label) => legend.setChosen(label),
	};
}
