/** One setting: its slider with the range that the paper searched, the number to type, and what it means. */
import * as l10n from '@vscode/l10n';
import type { CrfSettings } from '../../shared/protocol/crf';
import type { Geometry } from '../../shared/protocol/types';
import { h, setAttribute, setText } from '../shared/dom';
import { formatNumber } from '../shared/format';
import { complaint, meaningOf, nameOf, symbolOf, valueText } from './meaningText';
import {
	type NumberName,
	parseNumber,
	searchedRanges,
	sliderStops,
	steppedStop,
	stopAt,
	stopPosition,
} from './settingsData';

export interface NumberRowEvents {
	onChange(value: number): void;
	/** The slider or the number is being handled, or no longer. */
	onHandled?(handled: boolean): void;
}

export interface NumberRow {
	readonly element: HTMLElement;
	show(settings: CrfSettings, geometry: Geometry): void;
}

/** @param extra drawn under the meaning */
export function createNumberRow(name: NumberName, events: NumberRowEvents, extra?: HTMLElement): NumberRow {
	const stops = sliderStops[name];
	const id = `setting-${name}`;
	const symbol = symbolOf(name);
	const label = h(
		'label',
		{ class: 'setting-name', for: `${id}-number` },
		symbol !== '' && h('span', { class: 'setting-symbol' }, symbol),
		nameOf(name),
	);
	const slider = h('input', {
		type: 'range',
		class: 'slider',
		min: 0,
		max: stops.length - 1,
		step: 'any',
		'aria-label': symbol === '' ? nameOf(name) : `${symbol}, ${nameOf(name)}`,
		'aria-describedby': `${id}-meaning`,
	});
	const number = h('input', {
		class: 'input numbers',
		id: `${id}-number`,
		inputmode: 'decimal',
		autocomplete: 'off',
		spellcheck: 'false',
		'aria-describedby': `${id}-problem ${id}-meaning`,
	});
	const meaning = h('p', { class: 'setting-meaning dim numbers', id: `${id}-meaning` });
	const problem = h('p', { class: 'setting-problem error', id: `${id}-problem`, role: 'alert' });
	const track = h('div', { class: 'setting-track' }, searchedMark(name), slider);
	const element = h('div', { class: 'setting' }, label, track, number, problem, meaning, extra);
	let value = 0;

	const change = (next: number) => {
		complain(undefined);
		if (next !== value) {
			events.onChange(next);
		}
	};
	const complain = (text: string | undefined) => {
		setText(problem, text ?? '');
		setAttribute(number, 'aria-invalid', String(text !== undefined));
	};
	const commit = () => {
		const typed = parseNumber(name, number.value);
		complain(complaint(typed));
		if (typed.kind === 'value') {
			change(typed.value);
			number.value = formatNumber(value);
		}
	};
	slider.addEventListener('input', () => change(stopAt(stops, slider.valueAsNumber)));
	slider.addEventListener('keydown', (event) => {
		const next = event.ctrlKey || event.metaKey || event.altKey ? undefined : steppedStop(stops, value, event.key);
		if (next !== undefined) {
			event.preventDefault();
			change(next);
		}
	});
	slider.addEventListener('pointerup', () => events.onHandled?.(false));
	number.addEventListener('change', commit);
	number.addEventListener('keydown', (event) => {
		if (event.key === 'Enter') {
			commit();
		} else if (event.key === 'Escape') {
			complain(undefined);
			number.value = formatNumber(value);
		}
	});
	for (const input of [slider, number]) {
		input.addEventListener('focus', () => events.onHandled?.(true));
		input.addEventListener('blur', () => events.onHandled?.(false));
	}

	return {
		element,
		show(settings, geometry) {
			const changed = settings.parameters[name] !== value;
			value = settings.parameters[name];
			const position = stopPosition(stops, value);
			slider.valueAsNumber = position;
			slider.style.setProperty('--filled', `${(100 * position) / (stops.length - 1)}%`);
			setAttribute(slider, 'aria-valuetext', valueText(name, value));
			// What is being typed, and what was refused, stays until another value comes.
			if (changed || (document.activeElement !== number && problem.textContent === '')) {
				number.value = formatNumber(value);
				complain(undefined);
			}
			setText(meaning, meaningOf(name, settings, geometry));
		},
	};
}

/** A band along the slider, as long as the range that the paper searched. */
function searchedMark(name: NumberName): HTMLElement | undefined {
	const range = searchedRanges[name];
	if (!range) {
		return undefined;
	}
	const stops = sliderStops[name];
	const [from, to] = range.map((value) => stopPosition(stops, value) / (stops.length - 1)) as [number, number];
	const mark = h('span', {
		class: 'searched',
		title: l10n.t('Searched in the DeepLab paper: {0} to {1}', range[0], range[1]),
	});
	mark.style.setProperty('--from', String(from));
	mark.style.setProperty('--to', String(to));
	return mark;
}
