/**
 * The names that someone may have meant, nearest first: those that begin with or hold what was typed, and those a few
 * letters away. Upper and lower case are the same.
 */
export function nearNames(typed: string, names: readonly string[], most = 3): string[] {
	const wanted = typed.toLowerCase();
	const reach = Math.max(1, Math.floor(wanted.length / 3));
	return names
		.map((name) => {
			const other = name.toLowerCase();
			const distance = other.includes(wanted) && wanted !== '' ? 0.5 : editDistance(wanted, other);
			return { name, distance };
		})
		.filter(({ distance }) => distance <= reach)
		.sort((one, other) => one.distance - other.distance)
		.slice(0, most)
		.map(({ name }) => name);
}

/** Letters to insert, delete or replace (Levenshtein). */
function editDistance(one: string, other: string): number {
	let previous = Array.from({ length: other.length + 1 }, (_, length) => length);
	for (let i = 1; i <= one.length; i++) {
		const current = [i];
		for (let j = 1; j <= other.length; j++) {
			const replaced = previous[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1);
			current.push(Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1));
		}
		previous = current;
	}
	return previous[other.length]!;
}
