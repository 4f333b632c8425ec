/** The iterations: a scrubber through them with the chart under it, and from where on nothing changes any more. */
import * as l10n from '@vscode/l10n';
import type { CrfOutcome } from '../../shared/protocol/crf';
import { h, setAttribute, setText } from '../shared/dom';
import { formatCount, formatNats } from '../shared/format';
import { createIterationChart, plotLeft, plotRight } from './chart';
import { settledShare, settling } from './outcomeData';

export interface Iterations {
	readonly element: HTMLElement;
	/** @param stale why the result is not that of the sliders; undefined where it is */
	show(outcome: CrfOutcome, iteration: number, stale: string | undefined): void;
}

/** Of the slider's thumb, whose middle is over the chart's iteration. */
const thumbWidth = 14;

export function createIterations(onIteration: (iteration: number) => void): Iterations {
	let shown: { readonly outcome: CrfOutcome; readonly iteration: number } | undefined;
	let pointed: number | undefined;
	const title = h('span', { class: 'iteration-title numbers' });
	const active = h('span', { class: 'iteration-active dim numbers' });
	const scrubber = h('input', {
		type: 'range',
		class: 'slider scrubber',
		min: 0,
		step: 1,
		'aria-label': l10n.t('Iteration'),
	});
	scrubber.style.marginInlineStart = `${plotLeft - thumbWidth / 2}px`;
	scrubber.style.width = `calc(100% - ${plotLeft + plotRight - thumbWidth}px)`;
	const choose = (iteration: number) => {
		if (iteration !== shown?.iteration) {
			onIteration(iteration);
		}
	};
	scrubber.addEventListener('input', () => choose(scrubber.valueAsNumber));
	const chart = createIterationChart({
		onChoose: choose,
		onPoint(iteration) {
			pointed = iteration;
			describe();
		},
	});
	const settled = h('p', { class: 'settled numbers' });
	const element = h(
		'section',
		{ class: 'iterations', 'aria-label': l10n.t('Iterations') },
		h('div', { class: 'iteration-head' }, title, active),
		scrubber,
		chart.element,
		settled,
	);
	new ResizeObserver(() => chart.resize(element.clientWidth)).observe(element);

	const describe = () => {
		if (!shown) {
			return;
		}
		const { steps } = shown.outcome;
		const step = steps[pointed ?? shown.iteration];
		setText(title, l10n.t('Iteration {0} of {1}', pointed ?? shown.iteration, steps.length - 1));
		setText(
			active,
			step
				? step.activeClasses === 1
					? l10n.t('1 active class')
					: l10n.t('{0} active classes', step.activeClasses)
				: '',
		);
	};

	return {
		element,
		show(outcome, iteration, stale) {
			shown = { outcome, iteration };
			const { steps, width, height } = outcome;
			const last = Math.max(0, steps.length - 1);
			setAttribute(scrubber, 'max', String(last));
			scrubber.valueAsNumber = iteration;
			scrubber.disabled = last === 0;
			scrubber.style.setProperty('--filled', `${last === 0 ? 0 : (100 * iteration) / last}%`);
			const step = steps[iteration];
			if (step) {
				setAttribute(
					scrubber,
					'aria-valuetext',
					l10n.t(
						'Iteration {0}: {1} px changed, mean entropy {2}, KL {3}',
						iteration,
						step.changedPixels === 0 ? '0' : formatCount(step.changedPixels),
						formatNats(step.meanEntropy),
						formatNats(step.klDivergence),
					),
				);
			}
			chart.show(steps, width * height, iteration);
			setText(settled, stale ?? settledText(outcome));
			settled.classList.toggle('stale-reason', stale !== undefined);
			describe();
		},
	};
}

function settledText({ steps, width, height }: CrfOutcome): string {
	const found = settling(steps, width * height);
	switch (found.kind) {
		case 'none':
			return l10n.t('No iteration: the mask is the network’s.');
		case 'moving':
			return l10n.t('Not settled: in the last iteration {0} % of the pixels changed.', (found.share * 100).toFixed(2));
		case 'settled':
			return l10n.t(
				'Settled at iteration {0}: from there on under {1} % of the pixels change.',
				found.iteration,
				settledShare * 100,
			);
		default: {
			const unknown: never = found;
			throw new Error(`unknown state ${JSON.stringify(unknown)}`);
		}
	}
}
