/** A fact a line, titles before values, in two columns. */
export function factLines(facts: readonly (readonly [title: string, value: string])[]): string[] {
	const width = Math.max(...facts.map(([title]) => title.length));
	return facts.map(([title, value]) => `${title.padEnd(width)}  ${value}`);
}
