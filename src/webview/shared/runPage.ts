/** A side view of the run that is active: its panel where there is one, else why there is none; and its keys. */
import { createRoot, h } from './dom';
import { keyTarget } from './keyTarget';
import { type ViewCommand, viewCommand } from './viewKeys';
import { type AbsentState, createStatePanel, type StateAction } from './viewStates';

export type RunPageState<View> = AbsentState | { readonly kind: 'run'; readonly view: View };

export interface RunPagePanel<View> {
	readonly element: HTMLElement;
	show(view: View): void;
	command(command: ViewCommand): void;
}

export interface RunPageOptions<View> {
	/** Of the page's element, for its style sheet. */
	readonly className: string;
	/** What the view is for, and what to do for it to show something. */
	readonly emptyText: string;
	readonly panel: RunPagePanel<View>;
	/** Asks the host for the whole state. */
	ready(): Promise<RunPageState<View>>;
	act(action: StateAction): Promise<unknown>;
	/** The whole state is here, which messages of the time before may not have reached. */
	onWhole?(): void;
}

/** Puts the page together and asks for its state. @returns what shows a state */
export function startRunPage<View>(options: RunPageOptions<View>): (state: RunPageState<View>) => void {
	const { panel } = options;
	const states = createStatePanel(options.emptyText, (action) => void options.act(action).catch(() => undefined));
	const show = (state: RunPageState<View>) => {
		panel.element.hidden = state.kind !== 'run';
		states.show(state.kind === 'run' ? undefined : state);
		if (state.kind === 'run') {
			panel.show(state.view);
		}
	};
	/** Messages to a hidden page may be lost. */
	const refresh = () => {
		options.ready().then(
			(state) => {
				options.onWhole?.();
				show(state);
			},
			() => undefined,
		);
	};
	panel.element.hidden = true;
	createRoot().append(h('main', { class: `${options.className} panel` }, states.element, panel.element));
	states.show(undefined);
	document.addEventListener('keydown', (event) => {
		const command =
			event.defaultPrevented || panel.element.hidden ? undefined : viewCommand(event, keyTarget(event.target));
		if (command) {
			event.preventDefault();
			panel.command(command);
		}
	});
	document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && refresh());
	refresh();
	return show;
}
