/** One stacked bar of a run's stages, each with its name and time. */
import * as l10n from '@vscode/l10n';
import { backendLabel } from '../../../shared/describeBackend';
import type { ParityState } from '../../../shared/protocol/parity';
import type { BackendInfo, StageTiming } from '../../../shared/protocol/types';
import { h } from '../../shared/dom';
import { formatMilliseconds } from '../../shared/format';
import { createParityBadge } from './parityBadge';
import { placeLabels, stageSegments } from './stageData';
import { stageLabel } from './stageText';

export interface StageStrip {
	readonly element: HTMLElement;
	show(timings: readonly StageTiming[], backend: BackendInfo): void;
	/** How WebGPU compares with WASM on the run's model. */
	setParity(parity: ParityState | undefined): void;
}

const labelGap = 12;

/** @param button beside the backend */
export function createStageStrip(button: HTMLElement): StageStrip {
	const bar = h('div', { class: 'stage-bar', 'aria-hidden': 'true' });
	const labels = h('ul', { class: 'stage-labels numbers' });
	const backendText = h('span', { class: 'stage-backend dim numbers' });
	const parity = createParityBadge();
	const runtime = h('div', { class: 'stage-runtime' }, backendText, parity.element, button);
	const element = h('section', { class: 'stages with-profile', 'aria-label': l10n.t('Stages') }, bar, labels, runtime);
	let starts: readonly number[] = [];

	/** Puts each label under its segment, or, where they do not fit in one line, lets them flow. */
	const place = () => {
		const items = [...labels.children] as HTMLElement[];
		labels.classList.add('placed');
		const width = labels.clientWidth;
		const lefts = placeLabels(
			starts.map((start) => start * bar.clientWidth),
			items.map((item) => item.getBoundingClientRect().width),
			width,
			labelGap,
		);
		labels.classList.toggle('placed', lefts !== undefined);
		for (const [index, item] of items.entries()) {
			item.style.transform = lefts ? `translateX(${Math.round(lefts[index] ?? 0)}px)` : '';
		}
	};
	// The labels alone get narrower where the button's icon comes late.
	const resizing = new ResizeObserver(place);
	resizing.observe(element);
	resizing.observe(labels);

	return {
		element,
		setParity(state) {
			parity.show(state);
			place();
		},
		show(timings, backend) {
			const segments = stageSegments(timings);
			starts = segments.map(({ start }) => start);
			bar.replaceChildren(
				...segments.map(({ stage, milliseconds, start, end }) => {
					const segment = h('div', {
						class: `stage-segment stage-${stage}`,
						title: `${stageLabel(stage)} ${formatMilliseconds(milliseconds)}`,
					});
					segment.style.flexGrow = String(end - start);
					return segment;
				}),
			);
			labels.replaceChildren(
				...segments.map(({ stage, milliseconds }) =>
					h(
						'li',
						{ class: `stage-label stage-${stage}` },
						h('span', { class: 'dim' }, stageLabel(stage)),
						` ${formatMilliseconds(milliseconds)}`,
					),
				),
			);
			backendText.textContent = backendLabel(backend);
			place();
		},
	};
}
