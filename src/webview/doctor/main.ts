/** The preprocessing doctor's page: one picture under the likely choices, and one of them beside what the model has. */
import './doctor.css';
import * as l10n from '@vscode/l10n';
import { InspectorError } from '../../core/problem';
import type {
	DoctorAction,
	DoctorExam,
	DoctorHostMethods,
	DoctorMask,
	DoctorPageMethods,
	DoctorProgress,
	DoctorState,
	DoctorTile,
	DoctorUpdate,
} from '../../shared/protocol/doctor';
import { connect } from '../host';
import { createRoot, h } from '../shared/dom';
import { createLatest } from '../shared/latest';
import { createComparePane } from './comparePane';
import { labelUnder, suggested } from './doctorData';
import { createHeader } from './header';
import { createMaskPainter, type MaskPainter } from './maskPainter';
import { createStatePanel } from './statePanel';
import { createTileGrid } from './tileGrid';

/** The exam that is shown, as far as it is known. */
interface Shown {
	readonly exam: DoctorExam;
	progress: DoctorProgress;
	readonly painter: MaskPainter;
	readonly masks: Map<string, DoctorMask>;
	/** Those at the picture's size that were asked for. */
	readonly large: Map<string, DoctorMask>;
	/** Undefined until the user chooses: then it is the one that is suggested. */
	chosen: string | undefined;
	previewed: string | undefined;
	keeping: boolean;
	notice: string;
}

const { host, getState, setState } = connect<DoctorPageMethods, DoctorHostMethods>({
	show: (state) => {
		show(state);
		return null;
	},
	update: (update) => {
		takeUpdate(update);
		return null;
	},
	opacity: (value) => {
		opacity = value;
		repaint();
		return null;
	},
});

/** Device pixels of a tile's picture. */
const tileWidth = 256;
let shown: Shown | undefined;
let opacity = 0.6;

const act = (action: DoctorAction) => void host.call('act', action).catch(report);
const statePanel = createStatePanel(act);
const header = createHeader(act);
const grid = createTileGrid({
	paint: (canvas, id) => shown?.painter.paint(canvas, tileWidth, shown.masks.get(id), opacity),
	onPreview: (id) => {
		if (shown && shown.previewed !== id) {
			shown.previewed = id;
			showComparison();
		}
	},
	onChoose: (id) => {
		if (shown) {
			shown.chosen = id;
			shown.notice = '';
			setState({ examId: shown.exam.id, chosen: id });
			showComparison();
		}
	},
});
const compare = createComparePane({
	paint: (canvas, width, id) =>
		shown?.painter.paint(canvas, width, shown.large.get(id) ?? shown.masks.get(id), opacity),
	classUnder: (id, box, at) => {
		const mask = shown?.large.get(id) ?? shown?.masks.get(id);
		const label = mask && labelUnder(mask, box, at);
		return label === undefined ? undefined : shown?.exam.classes[label];
	},
	onKeep: () => void keep(),
});
/** Two of them: what the model has now stays while the other changes. */
const askCurrent = createLatest(askMask, takeMask);
const askLooked = createLatest(askMask, takeMask);

const body = h('main', { class: 'exam', hidden: true }, header.element, compare.element, grid.element);
const root = createRoot();
root.classList.add('doctor');
root.append(body, statePanel.element);
window.addEventListener('error', (event) => report(event.error ?? event.message));
window.addEventListener('unhandledrejection', (event) => report(event.reason));
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && refresh());
refresh();

/** Asks for the whole state: messages to a hidden page may be lost. */
function refresh(): void {
	host.call('ready', null).then(({ state, opacity: setting }) => {
		opacity = setting;
		show(state);
	}, report);
}

function show(state: DoctorState): void {
	body.hidden = state.kind !== 'exam';
	statePanel.show(state.kind === 'exam' ? undefined : state);
	if (state.kind !== 'exam') {
		shown = undefined;
		grid.clear();
		return;
	}
	const { exam } = state;
	const before = shown?.exam.id === exam.id ? shown : undefined;
	if (!before) {
		grid.clear();
	}
	shown = {
		exam,
		progress: exam.progress,
		painter: before?.painter ?? createMaskPainter(exam),
		masks: new Map(Object.entries(exam.masks)),
		large: before?.large ?? new Map(),
		chosen: before?.chosen ?? keptChoice(exam),
		previewed: before?.previewed,
		keeping: before?.keeping ?? false,
		notice: before?.notice ?? '',
	};
	showProgress();
	repaint();
}

function takeUpdate({ examId, progress, masks }: DoctorUpdate): void {
	if (shown?.exam.id !== examId) {
		return;
	}
	shown.progress = progress;
	for (const [id, mask] of Object.entries(masks)) {
		shown.masks.set(id, mask);
	}
	showProgress();
	grid.repaint(Object.keys(masks));
}

function showProgress(): void {
	if (shown) {
		header.show(shown.exam, shown.progress);
		grid.show(shown.progress, shown.exam.adopting);
		showComparison();
	}
}

function showComparison(): void {
	if (!shown) {
		return;
	}
	const { progress, exam, previewed, keeping, notice } = shown;
	const chosen = shown.chosen ?? suggested(progress);
	const looked = tileOf(progress, previewed ?? chosen);
	grid.choose(chosen);
	compare.show({
		current: tileOf(progress, progress.current),
		looked,
		chosen: looked.id === chosen,
		adopting: exam.adopting,
		keeping,
		notice,
	});
	for (const [id, ask] of [
		[progress.current, askCurrent],
		[looked.id, askLooked],
	] as const) {
		if (!shown.large.has(id) && shown.masks.has(id)) {
			ask.ask({ examId: exam.id, id });
		}
	}
}

function tileOf({ tiles, current }: DoctorProgress, id: string): DoctorTile {
	return tiles.find((tile) => tile.id === id) ?? tiles.find((tile) => tile.id === current)!;
}

function askMask(params: DoctorHostMethods['mask']['params']): Promise<DoctorMask | null> {
	return host.call('mask', params);
}

function takeMask(mask: DoctorMask | null, { examId, id }: DoctorHostMethods['mask']['params']): void {
	if (mask && shown?.exam.id === examId) {
		shown.large.set(id, mask);
		compare.repaint();
	}
}

async function keep(): Promise<void> {
	const of = shown;
	if (!of) {
		return;
	}
	of.keeping = true;
	of.notice = '';
	showComparison();
	const id = of.chosen ?? suggested(of.progress);
	const name = await host.call('keep', { examId: of.exam.id, id }).catch((error: unknown) => {
		report(error);
		return null;
	});
	if (shown?.exam.id === of.exam.id) {
		shown.keeping = false;
		shown.chosen = id;
		shown.notice = name === null ? '' : l10n.t('{0} is the model in use.', name);
		showComparison();
	}
}

function repaint(): void {
	grid.repaint();
	compare.repaint();
}

/** What was chosen before the page was hidden. */
function keptChoice({ id, progress }: DoctorExam): string | undefined {
	const state = getState();
	if (typeof state === 'object' && state !== null && 'examId' in state && 'chosen' in state && state.examId === id) {
		return progress.tiles.find((tile) => tile.id === state.chosen)?.id;
	}
	return undefined;
}

/** To the log, where the host keeps one. */
function report(error: unknown): void {
	if (error instanceof InspectorError && error.problem.code === 'cancelled') {
		return;
	}
	const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
	host.call('log', { level: 'error', message }).catch(() => undefined);
}
