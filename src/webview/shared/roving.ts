/** One tab stop for a list: arrow keys move within it (the ARIA "roving tabindex"). */

export interface Roving {
	/** Makes `item` the list's tab stop; `focus` moves the focus there as well. */
	select(item: HTMLElement, focus: boolean): void;
	/** Call after the items changed. */
	refresh(): void;
}

/**
 * @param list the container that hears the keys
 * @param items the focusable items in their order; asked anew at each key
 */
export function roving(list: HTMLElement, items: () => readonly HTMLElement[]): Roving {
	const select = (item: HTMLElement, focus: boolean) => {
		for (const other of items()) {
			other.tabIndex = other === item ? 0 : -1;
		}
		if (focus) {
			item.focus();
			item.scrollIntoView({ block: 'nearest' });
		}
	};
	const refresh = () => {
		const all = items();
		const first = all[0];
		if (first && !all.some((item) => item.tabIndex === 0)) {
			first.tabIndex = 0;
		}
	};
	list.addEventListener('keydown', (event) => {
		if (event.ctrlKey || event.metaKey || event.altKey) {
			return;
		}
		const all = items();
		const current = all.indexOf(document.activeElement as HTMLElement);
		const next = { ArrowDown: current + 1, ArrowUp: current - 1, Home: 0, End: all.length - 1 }[event.key];
		const target = next === undefined ? undefined : all[next];
		if (current >= 0 && next !== undefined) {
			event.preventDefault();
			event.stopPropagation();
			if (target) {
				select(target, true);
			}
		}
	});
	list.addEventListener('focusin', (event) => {
		const item = items().find((candidate) => candidate === event.target);
		if (item) {
			select(item, false);
		}
	});
	return { select, refresh };
}
