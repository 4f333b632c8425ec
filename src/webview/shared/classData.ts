/** The classes in the order they are chosen in. */

/** Those present, largest first, then all others by label. */
export function classOrder(present: readonly number[], count: number): readonly number[] {
	const known = present.filter((label) => label >= 0 && label < count);
	const seen = new Set(known);
	return [...known, ...Array.from({ length: count }, (_, label) => label).filter((label) => !seen.has(label))];
}

/** The class before or after one, round and round among those present; a class that is not joins at their start. */
export function cycledClass(present: readonly number[], count: number, label: number, step: 1 | -1): number {
	const order = present.length > 1 ? classOrder(present, count).slice(0, present.length) : classOrder(present, count);
	const at = order.indexOf(label);
	if (order.length === 0) {
		return label;
	}
	return at < 0 ? order[step > 0 ? 0 : order.length - 1]! : order[(at + step + order.length) % order.length]!;
}
