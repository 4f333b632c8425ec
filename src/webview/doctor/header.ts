/** The head of the doctor's page: what is examined on what, how far it is, and the ground truth. */
import * as l10n from '@vscode/l10n';
import type { DoctorAction, DoctorExam, DoctorProgress } from '../../shared/protocol/doctor';
import { h, icon, iconButton, setText, textButton } from '../shared/dom';
import { formatElapsed } from '../shared/format';
import { sortNote } from './doctorData';

export interface DoctorHeader {
	readonly element: HTMLElement;
	show(exam: DoctorExam, progress: DoctorProgress): void;
}

export function createHeader(act: (action: DoctorAction) => void): DoctorHeader {
	const model = h('span', { class: 'exam-name' });
	const picture = h('span', { class: 'exam-name' });
	const chooseModel = iconButton({
		icon: 'folder-opened',
		label: l10n.t('Choose model…'),
		onClick: () => act('chooseModel'),
	});
	const choosePicture = iconButton({
		icon: 'file-media',
		label: l10n.t('Choose picture…'),
		onClick: () => act('choosePicture'),
	});
	const compare = textButton(l10n.t('Compare with a mask…'), 'secondary', () => act('chooseTruth'));
	compare.title = l10n.t('Ground truth of this picture: a palette or grey PNG of labels; 255 is ignored');
	const truthName = h('span', { class: 'exam-name' });
	const remove = iconButton({
		icon: 'close',
		label: l10n.t('Do not compare any more'),
		onClick: () => act('removeTruth'),
	});
	const truth = h('span', { class: 'truth' }, icon('check-all'), truthName, remove);

	const bar = h('progress', { class: 'progress-bar', 'aria-label': l10n.t('Choices computed') });
	const count = h('span', { class: 'numbers' });
	const elapsed = h('span', { class: 'numbers dim', role: 'timer', 'aria-live': 'off' });
	const failure = h('span', { class: 'failure', role: 'alert' });
	const cancel = textButton(l10n.t('Cancel'), 'secondary', () => act('cancel'));
	const resume = textButton(l10n.t('Continue'), 'secondary', () => act('resume'));
	const log = textButton(l10n.t('Show log'), 'secondary', () => act('showLog'));
	const status = h('div', { class: 'exam-status' }, bar, count, elapsed, failure, cancel, resume, log);
	const note = h('p', { class: 'sort-note' });
	const element = h(
		'header',
		{ class: 'exam-header' },
		h(
			'div',
			{ class: 'exam-line' },
			h('h1', { class: 'exam-title' }, model, ' · ', picture),
			h('span', { class: 'exam-tools' }, chooseModel, choosePicture),
			h('span', { class: 'spring' }),
			truth,
			compare,
		),
		status,
		note,
	);
	let since: number | undefined;
	window.setInterval(() => since !== undefined && setText(elapsed, formatElapsed(since, Date.now())), 500);

	return {
		element,
		show(exam, progress) {
			setText(model, exam.modelName);
			model.title = exam.modelName;
			setText(picture, exam.pictureName);
			picture.title = exam.pictureName;
			truth.hidden = progress.truth === undefined;
			setText(truthName, progress.truth ?? '');
			const { tiles, running } = progress;
			const done = tiles.filter(({ confidence }) => confidence).length;
			bar.max = tiles.length;
			bar.value = done;
			bar.hidden = !running;
			since = running ? progress.since : undefined;
			elapsed.hidden = !running;
			setText(elapsed, running ? formatElapsed(progress.since, Date.now()) : '');
			setText(count, l10n.t('{0} of {1}', done, tiles.length));
			setText(failure, progress.failure ?? '');
			failure.hidden = progress.failure === undefined;
			cancel.hidden = !running;
			resume.hidden = running || done === tiles.length;
			log.hidden = progress.failure === undefined;
			status.hidden = !running && done === tiles.length;
			setText(note, sortNote(progress));
		},
	};
}
