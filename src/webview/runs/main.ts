/** The Runs page: the runs there are and those under way. */
import './runs.css';
import * as l10n from '@vscode/l10n';
import type {
	RunInProgress,
	RunListItem,
	RunsHostMethods,
	RunsPageMethods,
	RunsState,
} from '../../shared/protocol/sideViews';
import { connect } from '../host';
import { createRoot, h, icon, iconButton, setText, textButton } from '../shared/dom';
import { formatElapsed, formatMilliseconds } from '../shared/format';
import { roving } from '../shared/roving';
import { neighbourOf, type RunLine, runLines } from './runsData';

const { host, setup } = connect<RunsPageMethods, RunsHostMethods>({
	show: (next) => {
		show(next);
		return null;
	},
});

let state: RunsState = { runs: [], activeId: undefined, inProgress: [] };
/** Takes the focus once it is in the list; set when the focused run is removed. */
let focusNext: string | undefined;

const progressList = h('ul', { class: 'progress-list', 'aria-label': l10n.t('In progress') });
const list = h('ul', { class: 'run-list', 'aria-label': l10n.t('Runs') });
const empty = h(
	'div',
	{ class: 'empty', hidden: true },
	h('p', {}, l10n.t('No runs yet. Segment a picture and it appears here.')),
	textButton(l10n.t('Segment image…'), 'primary', () => void host.call('segmentImage', null).catch(ignore)),
);
const root = createRoot();
root.classList.add('runs');
root.append(h('main', {}, progressList, list, empty));

const openButtons = () => [...list.querySelectorAll<HTMLElement>('.run-open')];
const stops = roving(list, openButtons);

list.addEventListener('keydown', (event) => {
	const id = (event.target as HTMLElement).closest<HTMLElement>('.run-row')?.dataset.id;
	if (id !== undefined && (event.key === 'Delete' || (event.key === 'Backspace' && event.metaKey))) {
		event.preventDefault();
		remove(id);
	}
});
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && refresh());
window.setInterval(() => updateTimes(), 1000);
refresh();

function refresh(): void {
	host.call('ready', null).then(show, ignore);
}

function show(next: RunsState): void {
	const focused = focusNext ?? focusedId();
	state = next;
	progressList.replaceChildren(...next.inProgress.map(progressRow));
	progressList.hidden = next.inProgress.length === 0;
	const lines = runLines(next.runs, Date.now(), setup.language);
	list.replaceChildren(...next.runs.map((run, index) => runRow(run, lines[index]!)));
	list.hidden = next.runs.length === 0;
	empty.hidden = next.runs.length + next.inProgress.length > 0;
	const buttons = openButtons();
	const button = buttons.find((candidate) => idOf(candidate) === focused);
	if (button) {
		stops.select(button, true);
		focusNext = undefined;
	} else {
		const active = buttons.find((candidate) => idOf(candidate) === next.activeId);
		if (active) {
			stops.select(active, false);
		}
	}
	stops.refresh();
}

function runRow(run: RunListItem, line: RunLine): HTMLElement {
	const active = run.id === state.activeId;
	const open = h(
		'button',
		{
			type: 'button',
			class: 'run-open',
			tabindex: '-1',
			'aria-current': active && 'true',
			title: [
				run.pictureFolder ? `${run.pictureFolder}/${run.pictureName}` : run.pictureName,
				l10n.t('{0} in {1}', run.modelName, formatMilliseconds(run.duration)),
				new Date(run.createdAt).toLocaleString(setup.language),
				run.classes.join(', '),
			]
				.filter((text) => text !== '')
				.join('\n'),
		},
		h('img', { class: 'thumbnail', src: run.thumbnail, alt: '', width: 48, height: 48, draggable: 'false' }),
		h(
			'span',
			{ class: 'run-text' },
			h(
				'span',
				{ class: 'run-title' },
				line.title,
				line.folder !== undefined && h('span', { class: 'run-folder dim' }, line.folder),
			),
			h('span', { class: 'run-classes' }, line.classes || l10n.t('background only')),
			h(
				'span',
				{ class: 'run-meta dim' },
				h('span', { class: 'run-model' }, line.model),
				h('span', { class: 'run-age' }, line.age),
			),
		),
	);
	open.addEventListener('click', () => openRun(run.id, false));
	open.addEventListener('dblclick', () => openRun(run.id, true));
	return h(
		'li',
		{ class: `run-row ${active ? 'active' : ''}`.trim(), 'data-id': run.id },
		open,
		iconButton({
			icon: 'close',
			label: l10n.t('Remove {0}', run.pictureName),
			key: l10n.t('Delete'),
			class: 'run-remove',
			onClick: () => remove(run.id),
		}),
	);
}

function progressRow(run: RunInProgress): HTMLElement {
	return h(
		'li',
		{ class: 'progress-row' },
		h('span', { class: 'progress-symbol' }, icon('loading', 'codicon-modifier-spin')),
		h(
			'span',
			{ class: 'run-text' },
			h('span', { class: 'run-title' }, run.pictureName),
			h(
				'span',
				{ class: 'run-meta dim numbers' },
				h('span', { class: 'run-model' }, run.stage),
				h('span', { class: 'run-age' }, formatElapsed(run.since, Date.now())),
			),
		),
	);
}

/** Ages and elapsed times pass on without the lists being built anew. */
function updateTimes(): void {
	const now = Date.now();
	for (const [index, element] of [...progressList.querySelectorAll('.run-age')].entries()) {
		setText(element, formatElapsed(state.inProgress[index]?.since ?? now, now));
	}
	const lines = runLines(state.runs, now, setup.language);
	for (const [index, element] of [...list.querySelectorAll('.run-age')].entries()) {
		setText(element, lines[index]?.age ?? '');
	}
}

/** @param keep as a double click in the explorer: the tab stays when the next run is opened */
function openRun(id: string, keep: boolean): void {
	host.call('open', { id, keep }).catch(ignore);
}

function remove(id: string): void {
	if (focusedId() === id) {
		focusNext = neighbourOf(state.runs, id);
	}
	host.call('remove', id).catch(ignore);
}

function focusedId(): string | undefined {
	return document.activeElement ? idOf(document.activeElement) : undefined;
}

function idOf(element: Element): string | undefined {
	return element.closest<HTMLElement>('.run-row')?.dataset.id;
}

/** The host tells the user and the log of what it could not do. */
function ignore(): void {}
