/** Builds DOM: elements, icons and buttons. Styles are classes or set through the CSSOM, as the page's CSP asks. */

export type Child = Node | string | undefined | false;

export interface Properties {
	readonly class?: string;
	/** Every other key is an attribute: false and undefined leave it out, true sets it empty. */
	readonly [attribute: string]: string | number | boolean | undefined;
}

/** An element with attributes and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
	tag: K,
	properties: Properties = {},
	...children: readonly Child[]
): HTMLElementTagNameMap[K] {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(properties)) {
		if (value !== undefined && value !== false) {
			element.setAttribute(name, value === true ? '' : String(value));
		}
	}
	for (const child of children) {
		if (child !== undefined && child !== false) {
			element.append(child);
		}
	}
	return element;
}

/** A codicon; decorative, so the control it sits in carries the name. */
export function icon(name: string, extra = ''): HTMLElement {
	return h('span', { class: `codicon codicon-${name} ${extra}`.trim(), 'aria-hidden': 'true' });
}

export interface ButtonOptions {
	/** Codicon name. */
	readonly icon: string;
	/** Accessible name and tooltip. */
	readonly label: string;
	/** Text beside the icon, left out where there is no room. */
	readonly text?: string;
	/** Shortcut, shown in the tooltip. */
	readonly key?: string;
	readonly class?: string;
	onClick(): void;
}

/** A quiet button of a toolbar: an icon with a tooltip. */
export function iconButton(options: ButtonOptions): HTMLButtonElement {
	const button = h(
		'button',
		{
			type: 'button',
			class: `icon-button ${options.class ?? ''}`.trim(),
			'aria-label': options.label,
			title: options.key === undefined ? options.label : `${options.label} (${options.key})`,
		},
		icon(options.icon),
		options.text !== undefined && h('span', { class: 'button-text' }, options.text),
	);
	button.addEventListener('click', () => options.onClick());
	return button;
}

/** A button of VS Code's ordinary kind. */
export function textButton(text: string, kind: 'primary' | 'secondary', onClick: () => void): HTMLButtonElement {
	const button = h('button', { type: 'button', class: `button ${kind}` }, text);
	button.addEventListener('click', onClick);
	return button;
}

/** Sets an attribute only where it changes, so that screen readers hear of changes alone. */
export function setAttribute(element: Element, name: string, value: string): void {
	if (element.getAttribute(name) !== value) {
		element.setAttribute(name, value);
	}
}

export function setText(element: Node, text: string): void {
	if (element.textContent !== text) {
		element.textContent = text;
	}
}

/** The element everything of the page is built in. */
export function createRoot(): HTMLElement {
	const root = h('div', { id: 'root' });
	document.body.append(root);
	return root;
}
