/** What stands in the picture's place while there is none: empty, running, failed, cancelled. */
import * as l10n from '@vscode/l10n';
import type { InspectorAction, InspectorState } from '../../shared/protocol/inspector';
import type { StageName, StageProgress } from '../../shared/protocol/types';
import { h, icon, setText, textButton } from '../shared/dom';
import { formatElapsed, formatMilliseconds } from '../shared/format';
import { createStateFrame } from '../shared/stateFrame';
import { runStages, stageStatus } from './stages/stageData';

export type PanelState = Exclude<InspectorState, { kind: 'run' }>;

export interface StatePanel {
	readonly element: HTMLElement;
	/** Undefined takes the panel away. */
	show(state: PanelState | undefined): void;
	progress(progress: StageProgress): void;
}

export function createStatePanel(act: (action: InspectorAction) => void): StatePanel {
	const frame = createStateFrame('div');
	const { element, body, actions } = frame;
	let shown: PanelState | undefined;
	let timer: number | undefined;
	let stages: StageList | undefined;

	const setActions = (...buttons: readonly HTMLButtonElement[]) => {
		const hadFocus = actions.contains(document.activeElement);
		actions.replaceChildren(...buttons);
		if (hadFocus) {
			buttons[0]?.focus();
		}
	};

	const show = (state: PanelState) => {
		switch (state.kind) {
			case 'empty':
				frame.show(state.kind, 'layers', l10n.t('No picture yet'));
				body.replaceChildren(
					h('p', { class: 'dim' }, l10n.t('Segment a picture to see which class each of its pixels gets, and why.')),
				);
				setActions(textButton(l10n.t('Segment image…'), 'primary', () => act('segmentImage')));
				return;
			case 'running': {
				frame.show(state.kind, 'loading codicon-modifier-spin', l10n.t('Segmenting {0}', state.pictureName));
				const elapsed = h('p', { class: 'dim numbers', role: 'timer', 'aria-live': 'off' });
				const tick = () => setText(elapsed, formatElapsed(state.since, Date.now()));
				tick();
				timer = window.setInterval(tick, 250);
				stages = createStageList();
				stages.show(state.progress);
				body.replaceChildren(stages.element, elapsed);
				setActions(textButton(l10n.t('Cancel'), 'secondary', () => act('cancel')));
				return;
			}
			case 'failed': {
				frame.show(state.kind, 'error', l10n.t('{0} was not segmented', state.pictureName));
				body.replaceChildren(h('p', {}, state.message));
				const aboutModel = state.problem.code.startsWith('model.') || state.problem.code.startsWith('weights.');
				setActions(
					textButton(l10n.t('Retry'), 'primary', () => act('retry')),
					...(aboutModel ? [textButton(l10n.t('Select model…'), 'secondary', () => act('selectModel'))] : []),
					textButton(l10n.t('Show log'), 'secondary', () => act('showLog')),
				);
				return;
			}
			case 'cancelled':
				frame.show(state.kind, 'circle-slash', l10n.t('Cancelled'));
				body.replaceChildren(h('p', { class: 'dim' }, l10n.t('{0} was not segmented.', state.pictureName)));
				setActions(textButton(l10n.t('Segment again'), 'primary', () => act('retry')));
				return;
			default: {
				const unknown: never = state;
				throw new Error(`unknown state ${JSON.stringify(unknown)}`);
			}
		}
	};

	return {
		element,
		show(state) {
			window.clearInterval(timer);
			stages = undefined;
			shown = state;
			if (state) {
				show(state);
			} else {
				frame.hide();
			}
		},
		progress(progress) {
			if (shown?.kind === 'running') {
				stages?.show(progress);
			}
		},
	};
}

interface StageList {
	readonly element: HTMLElement;
	show(progress: StageProgress | undefined): void;
}

function createStageList(): StageList {
	const element = h('ol', { class: 'stage-list' });
	return {
		element,
		show(progress) {
			element.replaceChildren(
				...runStages.map((stage) => {
					const status = stageStatus(stage, progress?.stage);
					const done = progress?.done.find((timing) => timing.stage === stage);
					const mark = { done: 'check', current: 'circle-filled', waiting: 'circle-outline' }[status];
					return h(
						'li',
						{ class: `stage-item ${status}`, 'aria-current': status === 'current' && 'step' },
						icon(mark),
						h('span', {}, stageTitle(stage)),
						h('span', { class: 'numbers dim' }, done && status === 'done' ? formatMilliseconds(done.milliseconds) : ''),
					);
				}),
				...(progress ? [] : [h('li', { class: 'dim' }, l10n.t('Waiting for another run to end'))]),
			);
		},
	};
}

function stageTitle(stage: StageName): string {
	switch (stage) {
		case 'decode':
			return l10n.t('Decode the picture');
		case 'model':
			return l10n.t('Load the model');
		case 'network':
			return l10n.t('Run the network');
		case 'upsample':
			return l10n.t('Upsample the logits');
		case 'draw':
			return l10n.t('Draw');
		default: {
			const unknown: never = stage;
			return unknown;
		}
	}
}
