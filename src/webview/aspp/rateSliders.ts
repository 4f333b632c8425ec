/** The dilation rates: presets, and a slider with a number for each branch. */
import * as l10n from '@vscode/l10n';
import { type AsppRunView, highestRate, lowestRate } from '../../shared/protocol/aspp';
import { branchPlaces, rateList } from '../shared/branches';
import { h, icon, setAttribute, setText, textButton } from '../shared/dom';
import { hasRate, parseRate, type RatePresetName, ratePresets, sameRates } from './ratesData';

export interface RateSliders {
	readonly element: HTMLElement;
	/** @param rates as the page has them: it may be ahead of its host. */
	show(view: AsppRunView, rates: readonly number[]): void;
}

export function createRateSliders(onRates: (rates: readonly number[]) => void, showLog: () => void): RateSliders {
	let shown: { readonly view: AsppRunView; readonly rates: readonly number[] } | undefined;
	const trainedRates = () => shown?.view.head.branches.map(({ rate }) => rate) ?? [];

	const presets = (['asTrained', 'largeFov', 'asppS', 'asppL'] as const).map((name) => {
		const button = h(
			'button',
			{ type: 'button', class: 'button secondary toggle', 'aria-pressed': 'false' },
			presetName(name),
		);
		button.addEventListener('click', () => {
			const rates = ratePresets(trainedRates()).find((preset) => preset.name === name)?.rates;
			if (rates) {
				onRates(rates);
			}
		});
		return { name, button };
	});
	const rows = h('div', { class: 'rate-rows' });
	const trained = h('p', { class: 'trained-note numbers' });
	const state = h('p', { class: 'rates-state', role: 'status' });
	const log = textButton(l10n.t('Show log'), 'secondary', showLog);
	const reason = h('p', { class: 'dim' }, l10n.t('This head has no dilated convolution whose rate could be changed.'));
	const element = h(
		'section',
		{ class: 'rates' },
		h('h3', { id: 'rates-title' }, l10n.t('Dilation rates')),
		h(
			'div',
			{ class: 'actions presets', role: 'group', 'aria-labelledby': 'rates-title' },
			...presets.map(({ button }) => button),
		),
		reason,
		rows,
		trained,
		state,
		log,
	);
	let made: readonly RateRow[] = [];
	let madeFor = '';

	const build = (view: AsppRunView) => {
		const rates = view.head.branches.map(({ rate }) => rate);
		if (rates.join() === madeFor) {
			return;
		}
		madeFor = rates.join();
		const places = branchPlaces(rates);
		made = rates.map((_, branch) =>
			createRateRow(branch, places[branch]!, (rate) => {
				if (shown) {
					onRates(shown.rates.map((other, index) => (index === branch ? rate : other)));
				}
			}),
		);
		rows.replaceChildren(...made.map((row) => row.element));
	};

	return {
		element,
		show(view, rates) {
			shown = { view, rates };
			build(view);
			const trainedAt = trainedRates();
			const movable = trainedAt.some(hasRate);
			reason.hidden = movable;
			for (const [branch, row] of made.entries()) {
				row.show(rates[branch]!, trainedAt[branch]!);
			}
			for (const { name, rates: of } of ratePresets(trainedAt)) {
				const button = presets.find((preset) => preset.name === name)!.button;
				button.disabled = of === undefined || !movable;
				setAttribute(button, 'aria-pressed', String(of !== undefined && sameRates(of, rates)));
				setAttribute(button, 'title', presetTitle(name, of, trainedAt.length));
			}
			const same = sameRates(rates, trainedAt);
			trained.classList.toggle('differs', !same);
			setText(
				trained,
				same
					? l10n.t('At the rates the weights were trained at.')
					: l10n.t('The weights were trained at {0}.', rateList(trainedAt)),
			);
			state.replaceChildren(
				...(view.problem !== undefined
					? [h('span', { class: 'error' }, icon('error')), ' ', view.problem]
					: view.busy
						? [icon('loading', 'codicon-modifier-spin'), ' ', l10n.t('Running the head at these rates')]
						: []),
			);
			log.hidden = view.problem === undefined;
		},
	};
}

interface RateRow {
	readonly element: HTMLElement;
	show(rate: number, trained: number): void;
}

function createRateRow(branch: number, place: number, onRate: (rate: number) => void): RateRow {
	const id = `rate-${branch}`;
	const swatch = h('span', { class: 'rate-mark', 'aria-hidden': 'true' });
	swatch.style.backgroundColor = `var(--rate-${place})`;
	const slider = h('input', {
		type: 'range',
		class: 'slider',
		min: lowestRate,
		max: highestRate,
		step: 1,
		'aria-label': l10n.t('Dilation rate of branch {0}', branch + 1),
	});
	const tick = h('span', { class: 'trained-mark', 'aria-hidden': 'true' });
	const number = h('input', {
		class: 'input numbers',
		id,
		inputmode: 'numeric',
		autocomplete: 'off',
		spellcheck: 'false',
		'aria-describedby': `${id}-problem`,
	});
	const problem = h('p', { class: 'error rate-problem', id: `${id}-problem`, role: 'alert' });
	const element = h(
		'div',
		{ class: 'rate-row' },
		h('label', { class: 'rate-label', for: id }, swatch, l10n.t('Branch {0}', branch + 1)),
		h('div', { class: 'rate-track' }, tick, slider),
		number,
		problem,
	);
	let value = 0;

	const change = (rate: number) => {
		complain(false);
		if (rate !== value) {
			onRate(rate);
		}
	};
	const complain = (refused: boolean) => {
		setText(problem, refused ? l10n.t('Choose a whole number from {0} to {1}.', lowestRate, highestRate) : '');
		setAttribute(number, 'aria-invalid', String(refused));
	};
	const commit = () => {
		const typed = parseRate(number.value);
		if (typed.kind === 'rate') {
			change(typed.rate);
			number.value = String(value);
		} else {
			complain(true);
		}
	};
	slider.addEventListener('input', () => change(slider.valueAsNumber));
	number.addEventListener('change', commit);
	number.addEventListener('keydown', (event) => {
		if (event.key === 'Enter') {
			commit();
		} else if (event.key === 'Escape') {
			event.stopPropagation();
			complain(false);
			number.value = String(value);
		}
	});

	const share = (rate: number) => Math.min(1, Math.max(0, (rate - lowestRate) / (highestRate - lowestRate)));
	return {
		element,
		show(rate, trained) {
			const changed = rate !== value;
			value = rate;
			const movable = hasRate(trained);
			slider.disabled = !movable;
			number.disabled = !movable;
			slider.valueAsNumber = rate;
			setAttribute(slider, 'aria-valuetext', l10n.t('rate {0}', rate));
			slider.style.setProperty('--filled', `${100 * share(rate)}%`);
			tick.style.setProperty('--at', String(share(trained)));
			setAttribute(tick, 'title', l10n.t('Trained at {0}', trained));
			// What is being typed, and what was refused, stays until another value comes.
			if (changed || (document.activeElement !== number && problem.textContent === '')) {
				number.value = String(rate);
				complain(false);
			}
		},
	};
}

function presetName(name: RatePresetName): string {
	switch (name) {
		case 'asTrained':
			return l10n.t('As trained');
		case 'largeFov':
			return 'LargeFOV';
		case 'asppS':
			return 'ASPP-S';
		case 'asppL':
			return 'ASPP-L';
		default: {
			const unknown: never = name;
			throw new Error(`unknown preset ${String(unknown)}`);
		}
	}
}

function presetTitle(name: RatePresetName, rates: readonly number[] | undefined, branches: number): string {
	if (!rates) {
		return l10n.t('For a head of four branches; this one has {0}', branches);
	}
	return name === 'largeFov' && branches > 1
		? l10n.t('LargeFOV has one branch, of rate 12: sets all {0} branches to 12; Solo makes it one', branches)
		: l10n.t('Sets the rates to {0}', rateList(rates));
}
