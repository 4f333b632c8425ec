/** What the health check found of the model, one line each, the gravest first. */
import * as l10n from '@vscode/l10n';
import type { Finding, Severity } from '../../core/model';
import { describeFinding } from '../../shared/describeFinding';
import { h, icon } from '../shared/dom';

/** @param onReveal shows the line of the network that a finding is of */
export function findingList(findings: readonly Finding[], onReveal: (path: string) => void): HTMLElement {
	if (findings.length === 0) {
		return h(
			'p',
			{ class: 'findings-none dim' },
			icon('pass'),
			' ',
			l10n.t('Health check: nothing odd about weights, rates and shapes.'),
		);
	}
	return h(
		'ul',
		{ class: 'findings', 'aria-label': l10n.t('Health check') },
		...findings.map((finding) => findingLine(finding, onReveal)),
	);
}

function findingLine(finding: Finding, onReveal: (path: string) => void): HTMLElement {
	const { path, severity } = finding;
	const text = describeFinding(finding);
	if (path === undefined) {
		return h('li', { class: 'finding' }, severityIcon(severity), h('span', { class: 'finding-text' }, text));
	}
	const button = h(
		'button',
		{ type: 'button', class: 'finding-text', title: l10n.t('Show {0} in the network', path) },
		text,
	);
	button.addEventListener('click', () => onReveal(path));
	return h('li', { class: 'finding' }, severityIcon(severity), button);
}

/** How much it matters, by form and colour, with a word for it. */
export function severityIcon(severity: Severity): HTMLElement {
	return h(
		'span',
		{ class: `severity ${severity}` },
		icon(severity),
		h('span', { class: 'sr-only' }, severityName(severity)),
	);
}

function severityName(severity: Severity): string {
	switch (severity) {
		case 'error':
			return l10n.t('Error:');
		case 'warning':
			return l10n.t('Warning:');
		case 'info':
			return l10n.t('Note:');
		default: {
			const unknown: never = severity;
			throw new Error(`unknown severity ${String(unknown)}`);
		}
	}
}
