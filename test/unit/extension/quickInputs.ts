/** VS Code's quick picks and input boxes, answered by their titles. */

/** An item by its label, a text that is typed, the back button, or Escape. */
export type QuickAnswer = string | { readonly type: string } | 'Back' | undefined;

export interface Asked {
	readonly title: string;
	readonly step: string;
	readonly canGoBack: boolean;
	/** Labels of a pick; undefined for a text. */
	readonly labels: readonly string[] | undefined;
	/** The item that is focused, or the text, at first. */
	readonly first: string | undefined;
	/** What is said of the text that was typed. */
	readonly said?: unknown;
}

interface Item {
	readonly label: string;
	readonly kind?: number;
}

/** A stand-in for the parts of `vscode` that steps are made of. */
export class QuickInputs {
	readonly asked: Asked[] = [];
	/** One answer after the other, the last for good. A title without any is left by Escape. */
	readonly answers = new Map<string, QuickAnswer[]>();
	readonly back = {};
	readonly severity = { Warning: 2 };

	createQuickPick = () => this.input({ items: [] as Item[], activeItems: [] as Item[], selectedItems: [] as Item[] });
	createInputBox = () => this.input({ value: '', validationMessage: undefined as unknown });

	titles(): string[] {
		return this.asked.map(({ title }) => title);
	}

	private input<Own extends object>(own: Own) {
		const nobody = () => undefined;
		const listeners: Listeners = { accept: nobody, change: nobody, button: nobody, hide: nobody };
		const on = (event: keyof Listeners) => (listener: (argument?: unknown) => void) => {
			listeners[event] = listener;
		};
		const shown = {
			title: '',
			step: 0,
			totalSteps: 0,
			buttons: [] as object[],
			onDidAccept: on('accept'),
			onDidChangeValue: on('change'),
			onDidTriggerButton: on('button'),
			onDidHide: on('hide'),
			dispose: () => undefined,
			show: () => queueMicrotask(() => this.answer(shown as never, listeners)),
			...own,
		};
		return shown;
	}

	private answer(shown: Shown, tell: Listeners): void {
		const { title, items, buttons } = shown;
		const queue = this.answers.get(title) ?? [];
		const answer = queue.length > 1 ? queue.shift() : queue[0];
		const asked: Asked = {
			title,
			step: `${shown.step}/${shown.totalSteps}`,
			canGoBack: buttons.includes(this.back),
			labels: items?.filter(({ kind }) => kind === undefined).map(({ label }) => label),
			first: items ? shown.activeItems[0]?.label : shown.value,
		};
		if (typeof answer === 'object') {
			shown.value = answer.type;
			tell.change(answer.type);
			this.asked.push({ ...asked, said: shown.validationMessage });
			tell.accept();
			// A text that is not taken leaves the box open.
			tell.hide();
			return;
		}
		this.asked.push(asked);
		switch (answer) {
			case undefined:
				tell.hide();
				break;
			case 'Back':
				tell.button(this.back);
				break;
			default:
				if (items) {
					shown.selectedItems = items.filter(({ label }) => label === answer);
				}
				tell.accept();
				tell.hide();
		}
	}
}

type Listeners = Record<'accept' | 'change' | 'button' | 'hide', (argument?: unknown) => void>;

interface Shown {
	readonly title: string;
	readonly step: number;
	readonly totalSteps: number;
	readonly buttons: readonly object[];
	readonly items: readonly Item[] | undefined;
	readonly activeItems: readonly Item[];
	selectedItems: readonly Item[];
	value: string;
	readonly validationMessage: unknown;
}
