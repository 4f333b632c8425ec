/** The profile of the run that is shown: a button in the strip of stages, and the fold below that it opens. */
import * as l10n from '@vscode/l10n';
import type { BackendInfo } from '../../../core/backend';
import { overheadOf } from '../../../core/profile/runProfile';
import { backendLabel } from '../../../shared/describeBackend';
import type { InspectorProfile, ProfileRequest, ProfileState, RunProfile } from '../../../shared/protocol/profile';
import type { RunInfo } from '../../../shared/protocol/types';
import { branchPlaces } from '../../shared/branches';
import { h, icon, iconButton, textButton } from '../../shared/dom';
import { formatElapsed } from '../../shared/format';
import { createIcicle } from './icicle';
import { createOperatorTable } from './operatorTable';
import { formatTime, memoryText, progressText, ratioText } from './profileText';

export interface ProfilePanelEvents {
	request(request: ProfileRequest): void;
	/** @returns the saved file's name, or null where the user changed their mind. */
	save(runId: string): Promise<string | null>;
	/** What to tell the user of an error. */
	explain(error: unknown): string;
}

export interface ProfilePanel {
	/** For the strip of stages. */
	readonly button: HTMLElement;
	readonly element: HTMLElement;
	/** Another run is shown: the fold is closed. */
	setRun(info: RunInfo): void;
	/** Opens the fold, where it is of the run that is shown. */
	show(profile: InspectorProfile): void;
}

export function createProfilePanel(events: ProfilePanelEvents): ProfilePanel {
	let run: RunInfo | undefined;
	let timer: number | undefined;
	let shown: RunProfile | undefined;

	const request = (action: ProfileRequest['action']) => run && events.request({ runId: run.id, action });
	const button = iconButton({
		icon: 'dashboard',
		label: l10n.t('Profile'),
		text: l10n.t('Profile'),
		class: 'profile-button',
		onClick: () => setOpen(element.hidden !== false, true),
	});
	button.title = l10n.t('Time of each stage and operator, and memory');
	const icicle = createIcicle();
	const table = createOperatorTable((id) => icicle.reveal(id));
	const facts = h('ul', { class: 'profile-facts numbers' });
	const notice = h('span', { class: 'profile-notice', role: 'status' });
	const again = iconButton({ icon: 'refresh', label: l10n.t('Profile again'), onClick: () => request('measure') });
	const save = iconButton({ icon: 'export', label: l10n.t('Export JSON…'), onClick: () => saved() });
	save.title = l10n.t('Export JSON… (opens in Perfetto and chrome://tracing)');
	const close = iconButton({ icon: 'close', label: l10n.t('Close'), onClick: () => setOpen(false, true) });
	const body = h('div', { class: 'profile-body' });
	const element = h(
		'section',
		{ class: 'profile', id: 'profile', 'aria-label': l10n.t('Profile'), hidden: true },
		h('header', { class: 'profile-header' }, h('h2', {}, l10n.t('Profile')), facts, notice, again, save, close),
		body,
	);
	button.setAttribute('aria-controls', element.id);
	button.setAttribute('aria-expanded', 'false');

	const setOpen = (open: boolean, byHand: boolean) => {
		if ((element.hidden !== false) !== open) {
			return;
		}
		const hadFocus = element.contains(document.activeElement);
		element.hidden = !open;
		button.setAttribute('aria-expanded', String(open));
		if (byHand) {
			request(open ? 'open' : 'close');
		}
		if (open) {
			show({ kind: 'reading' });
			// In a small page it lies below what is in sight.
			element.scrollIntoView({ block: 'nearest' });
		} else {
			window.clearInterval(timer);
			if (hadFocus) {
				button.focus();
			}
		}
	};
	const saved = () => {
		if (run) {
			events.save(run.id).then(
				(name) => notify(name === null ? '' : l10n.t('Saved {0}', name)),
				(error: unknown) => notify(events.explain(error)),
			);
		}
	};
	const notify = (text: string) => {
		notice.textContent = text;
	};
	const show = (state: ProfileState) => {
		window.clearInterval(timer);
		const hadFocus = body.contains(document.activeElement);
		element.dataset.kind = state.kind;
		if (state.kind !== 'measured') {
			shown = undefined;
			facts.replaceChildren();
			notify('');
		}
		again.hidden = state.kind === 'running' || state.kind === 'reading';
		save.hidden = state.kind !== 'measured';
		showBody(state);
		// What had the focus is gone.
		if (hadFocus && !body.contains(document.activeElement)) {
			close.focus();
		}
	};
	const showBody = (state: ProfileState) => {
		switch (state.kind) {
			case 'reading':
				body.replaceChildren();
				return;
			case 'running': {
				const elapsed = h('span', { class: 'dim numbers' });
				const tick = () => {
					elapsed.textContent = formatElapsed(state.since, Date.now());
				};
				tick();
				timer = window.setInterval(tick, 250);
				showStatus('loading', progressText(state.progress), elapsed, [
					textButton(l10n.t('Cancel'), 'secondary', () => request('cancel')),
				]);
				return;
			}
			case 'failed':
				showStatus('error', state.message, undefined, [
					textButton(l10n.t('Retry'), 'secondary', () => request('measure')),
				]);
				return;
			case 'cancelled':
				showStatus('circle-slash', l10n.t('Cancelled'), undefined, [
					textButton(l10n.t('Profile again'), 'secondary', () => request('measure')),
				]);
				return;
			case 'measured':
				if (shown?.createdAt !== state.profile.createdAt) {
					shown = state.profile;
					showProfile(state.profile);
				}
				return;
			default: {
				const unknown: never = state;
				throw new Error(`unknown state ${JSON.stringify(unknown)}`);
			}
		}
	};
	/** Keeps the cancel button while only the words change, so that it can be hit. */
	const showStatus = (symbol: string, text: string, more: HTMLElement | undefined, buttons: readonly HTMLElement[]) => {
		const old = body.querySelector('.profile-status');
		const line = h('span', { class: 'profile-status-text', role: 'status' }, icon(symbol), ` ${text} `, more);
		if (old instanceof HTMLElement && old.dataset.symbol === symbol) {
			old.firstElementChild!.replaceWith(line);
			return;
		}
		body.replaceChildren(h('div', { class: 'profile-status', 'data-symbol': symbol }, line, ...buttons));
	};
	const showProfile = (profile: RunProfile) => {
		const branches = run?.model.branches ?? [];
		const places = branchPlaces(branches.map(({ rate }) => rate));
		icicle.show(profile, new Map(branches.map(({ output }, index) => [output, places[index] ?? index])));
		table.show(profile);
		facts.replaceChildren(...factsOf(profile, run?.backend));
		body.replaceChildren(icicle.element, table.element);
		icicle.element.scrollIntoView({ block: 'nearest' });
	};

	return {
		button,
		element,
		setRun(info) {
			run = info;
			setOpen(false, false);
		},
		show({ runId, state }) {
			if (run?.id === runId) {
				setOpen(true, false);
				show(state);
			}
		},
	};
}

/** @param ran what the run itself ran on */
function factsOf(profile: RunProfile, ran: BackendInfo | undefined): readonly HTMLElement[] {
	const { passes, profiledMilliseconds, plainMilliseconds, memory } = profile;
	const facts: { readonly text: string; readonly title?: string }[] = [];
	if (ran && ran.name !== profile.backend.name) {
		facts.push({
			text: backendLabel(profile.backend),
			title: l10n.t('The run was on {0}; operators can be timed on WASM alone.', backendLabel(ran)),
		});
	}
	const overhead = overheadOf(profile);
	if (overhead !== undefined) {
		const noise = overhead < 1 ? ` ${l10n.t('Below 1 the machine’s other work outweighs what timing costs.')}` : '';
		facts.push({
			text: l10n.t('profiled run took {0}', ratioText(overhead)),
			title:
				l10n.t(
					'Median time of the network with its operators timed, {0}, and without, {1}.',
					formatTime(profiledMilliseconds),
					formatTime(plainMilliseconds),
				) + noise,
		});
	}
	facts.push({
		text: passes === 1 ? l10n.t('1 pass') : l10n.t('median of {0} passes', passes),
		title: l10n.t('Shown is the pass whose network took the median time; one before it warmed up'),
	});
	if (memory) {
		facts.push(memoryText(memory));
	}
	return facts.map(({ text, title }) => h('li', { title }, text));
}
