/** How bias and branches add up to a logit, for the chosen class and for its rival. */
import type { AsppExplanation, ClassExplanation } from '../../shared/protocol/aspp';

/** From what was added before to what is added with it, in logits. */
export interface Step {
	readonly from: number;
	readonly to: number;
	/** `to − from`. */
	readonly value: number;
}

export interface WaterfallRow {
	/** Index of the branch; undefined for the biases of all branches that are on. */
	readonly branch: number | undefined;
	/** Whether its branch is on; what is off adds nothing. */
	readonly on: boolean;
	readonly chosen: Step;
	readonly rival: Step | undefined;
}

export interface Waterfall {
	/** The biases first, where they are known apart, then the branches in their order. */
	readonly rows: readonly WaterfallRow[];
	/** Where the last row ends: the logits. */
	readonly chosen: number;
	readonly rival: number | undefined;
	/** Of every step, with zero. */
	readonly extent: readonly [lowest: number, highest: number];
}

/** What the taps of a branch add: its share without its bias. */
function tapsOf(explanation: ClassExplanation, branch: number): number {
	const { share, bias } = explanation.branches[branch]!;
	return share - bias;
}

/** @param on which branches are on */
export function waterfall({ chosen, runnerUp }: AsppExplanation, on: readonly boolean[]): Waterfall {
	const chosenSteps = stepsOf(chosen, on);
	const rivalSteps = runnerUp && stepsOf(runnerUp, on);
	const rows = chosenSteps.map((step, index): WaterfallRow => {
		const branch = index === 0 ? undefined : index - 1;
		const isOn = branch === undefined ? on.includes(true) : on[branch] === true;
		return { branch, on: isOn, chosen: step, rival: rivalSteps?.[index] };
	});
	const ends = [...chosenSteps, ...(rivalSteps ?? [])].map(({ to }) => to);
	const first = rows[0]!;
	// Where the biases are not known apart they are zero: a row of nothing.
	const known = first.chosen.value !== 0 || (first.rival?.value ?? 0) !== 0 || !first.on;
	return {
		rows: known ? rows : rows.slice(1),
		chosen: chosenSteps.at(-1)!.to,
		rival: rivalSteps?.at(-1)?.to,
		extent: [Math.min(0, ...ends), Math.max(0, ...ends)],
	};
}

function stepsOf(explanation: ClassExplanation, on: readonly boolean[]): readonly Step[] {
	const isOn = (branch: number) => on[branch] === true;
	const bias = explanation.branches.reduce((sum, share, branch) => sum + (isOn(branch) ? share.bias : 0), 0);
	const values = [bias, ...explanation.branches.map((_, branch) => (isOn(branch) ? tapsOf(explanation, branch) : 0))];
	let sum = 0;
	return values.map((value) => {
		const from = sum;
		sum += value;
		return { from, to: sum, value };
	});
}

export type Verdict =
	/** One class, or none to compare with. */
	| { readonly kind: 'alone' }
	| { readonly kind: 'allOff' }
	/** Neither leads. */
	| { readonly kind: 'level' }
	| {
			readonly kind: 'decided';
			/** Index of the branch that adds most to the lead. */
			readonly branch: number;
			/** What it adds, and the whole lead, in logits. */
			readonly part: number;
			readonly lead: number;
			readonly leads: 'chosen' | 'rival';
	  }
	/** The lead comes from the biases: no branch adds to it. */
	| { readonly kind: 'bias'; readonly lead: number; readonly leads: 'chosen' | 'rival' };

/** A lead under this counts as none: it is below what the numbers show. */
const level = 0.005;

/** Which branch decided between the two classes: as the rows say, so that the sentence and the bars agree. */
export function verdict(found: Waterfall): Verdict {
	if (found.rival === undefined) {
		return { kind: 'alone' };
	}
	if (!found.rows.some(({ on }) => on)) {
		return { kind: 'allOff' };
	}
	const difference = found.chosen - found.rival;
	if (Math.abs(difference) < level) {
		return { kind: 'level' };
	}
	const sign = Math.sign(difference);
	const leads = sign > 0 ? 'chosen' : 'rival';
	let best: { readonly branch: number; readonly part: number } | undefined;
	for (const { branch, on, chosen, rival } of found.rows) {
		const part = sign * (chosen.value - (rival?.value ?? 0));
		if (branch !== undefined && on && part > (best?.part ?? 0)) {
			best = { branch, part };
		}
	}
	const lead = Math.abs(difference);
	return best ? { kind: 'decided', ...best, lead, leads } : { kind: 'bias', lead, leads };
}

/** Ends of the axis, round numbers with zero between them or at one end. */
export function axisEnds([lowest, highest]: readonly [number, number]): readonly [number, number] {
	const span = Math.max(highest - lowest, 1e-6);
	const unit = 10 ** Math.floor(Math.log10(span));
	const step = [0.1, 0.2, 0.5, 1].find((size) => span / (size * unit) <= 10)! * unit;
	const round = (value: number, toward: (value: number) => number) => Number((toward(value / step) * step).toFixed(8));
	const ends: readonly [number, number] = [round(lowest, Math.floor), round(highest, Math.ceil)];
	return ends[0] === ends[1] ? [0, 1] : ends;
}
