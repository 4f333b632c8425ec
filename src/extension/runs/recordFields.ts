/** Checks of what JSON files hold: each throws an Error that names the place where something else is found. */

/** @returns the values of `names`, in their order */
export function fields(value: unknown, where: string, names: readonly string[]): unknown[] {
	if (typeof value !== 'object' || value === null) {
		throw new Error(`${where} is not an object`);
	}
	const entries = new Map<string, unknown>(Object.entries(value));
	return names.map((name) => {
		if (!entries.has(name)) {
			throw new Error(`${where}.${name} is missing`);
		}
		return entries.get(name);
	});
}

export function list(value: unknown, where: string): readonly unknown[] {
	if (!Array.isArray(value)) {
		throw new Error(`${where} is not a list`);
	}
	return value;
}

export function numbers(value: unknown, where: string, names: readonly string[]): void {
	for (const [i, entry] of fields(value, where, names).entries()) {
		if (typeof entry !== 'number' || !Number.isFinite(entry)) {
			throw new Error(`${where}.${names[i]} is not a number`);
		}
	}
}

export function texts(value: unknown, where: string, names: readonly string[]): void {
	for (const [i, entry] of fields(value, where, names).entries()) {
		if (typeof entry !== 'string') {
			throw new Error(`${where}.${names[i]} is not a text`);
		}
	}
}
