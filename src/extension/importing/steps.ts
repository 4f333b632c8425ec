/** Steps of an import that ask for one thing each, with a button back to the step they came from. */
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';

export interface Choice<T> extends vscode.QuickPickItem {
	/** Undefined for a separator. */
	readonly value?: T;
}

export interface StepText {
	readonly title: string;
	readonly placeholder: string;
	/** Its place among steps that follow one another. */
	readonly place?: StepPlace | undefined;
}

/** Which of several steps it is. */
export interface StepPlace {
	/** From 1. */
	readonly step: number;
	readonly total: number;
	/** Called where the user goes back and does not give up; undefined: there is no step to go back to. */
	readonly onBack: (() => void) | undefined;
}

interface PickOptions<T> extends StepText {
	readonly choices: readonly Choice<T>[];
	/** The one that is focused first. */
	readonly active?: T;
	/** Whether there is a step to go back to. */
	readonly back?: boolean;
}

/** One of several; undefined where the user goes back or gives up. */
export async function pickOne<T>({ choices, active, ...text }: PickOptions<T>): Promise<T | undefined> {
	const pick = vscode.window.createQuickPick<Choice<T>>();
	pick.items = choices;
	pick.matchOnDescription = true;
	const focused = choices.find(({ value }) => value !== undefined && value === active);
	if (focused) {
		pick.activeItems = [focused];
	}
	return await answerOf(pick, text, () => pick.selectedItems[0]?.value);
}

/** Any number of several, at least one; undefined where the user goes back or gives up. */
export async function pickSome<T>(
	text: StepText,
	choices: readonly (Choice<T> & { readonly picked: boolean })[],
): Promise<readonly T[] | undefined> {
	const pick = vscode.window.createQuickPick<Choice<T>>();
	pick.canSelectMany = true;
	pick.items = choices;
	pick.selectedItems = choices.filter(({ picked }) => picked);
	return await answerOf(pick, { ...text, back: true }, () => {
		const values = pick.selectedItems.map(({ value }) => value).filter((value) => value !== undefined);
		return values.length > 0 ? values : undefined;
	});
}

/**
 * A text; undefined where the user goes back or gives up.
 * @param check what is wrong with a text, undefined where nothing is
 * @param doubt what looks like a mistake about a text that is taken as it is
 */
export async function askText(
	text: StepText,
	value: string,
	check: (text: string) => string | undefined,
	doubt: (text: string) => string | undefined = () => undefined,
): Promise<string | undefined> {
	const input = vscode.window.createInputBox();
	input.value = value;
	input.prompt = text.placeholder;
	const doubtOf = (typed: string) => {
		const message = doubt(typed);
		return message === undefined ? undefined : { message, severity: vscode.InputBoxValidationSeverity.Warning };
	};
	input.onDidChangeValue((typed) => {
		input.validationMessage = check(typed) ?? doubtOf(typed);
	});
	return await answerOf(input, { ...text, back: true }, () =>
		check(input.value) === undefined ? input.value : undefined,
	);
}

interface Step extends vscode.QuickInput {
	placeholder: string | undefined;
	step: number | undefined;
	totalSteps: number | undefined;
	buttons: readonly vscode.QuickInputButton[];
	readonly onDidAccept: vscode.Event<void>;
	readonly onDidTriggerButton: vscode.Event<vscode.QuickInputButton>;
}

/** Shows a step until it is accepted with an answer, or left. */
async function answerOf<T>(
	step: Step,
	{ title, placeholder, place, back }: StepText & { readonly back?: boolean | undefined },
	answer: () => T | undefined,
): Promise<T | undefined> {
	step.title = title;
	step.placeholder = placeholder;
	// A dialog or a document that is opened on the way takes the focus.
	step.ignoreFocusOut = true;
	step.step = place?.step;
	step.totalSteps = place?.total;
	step.buttons = (place ? place.onBack : back) ? [vscode.QuickInputButtons.Back] : [];
	try {
		return await new Promise<T | undefined>((resolve) => {
			step.onDidAccept(() => {
				const found = answer();
				if (found !== undefined) {
					resolve(found);
				}
			});
			step.onDidTriggerButton(() => {
				place?.onBack?.();
				resolve(undefined);
			});
			step.onDidHide(() => resolve(undefined));
			step.show();
		});
	} finally {
		step.dispose();
	}
}

/** Yes or no, by what each means. */
export function yesOrNo(yes: string, no: string): Choice<'yes' | 'no'>[] {
	return [
		{ label: l10n.t('Yes'), description: yes, value: 'yes' },
		{ label: l10n.t('No'), description: no, value: 'no' },
	];
}
