/** What the suite uses of `node:assert/strict`, for hosts without Node. */

class AssertionError extends Error {
	override readonly name = 'AssertionError';
	constructor(
		message: string,
		readonly actual?: unknown,
		readonly expected?: unknown,
	) {
		super(message);
	}
}

function assert(value: unknown, message?: string): asserts value {
	assert.ok(value, message);
}

assert.ok = (value: unknown, message?: string): asserts value => {
	if (!value) {
		fail(message ?? `${show(value)} is not truthy`);
	}
};
assert.fail = (message?: string): never => fail(message ?? 'failed');
assert.equal = (actual: unknown, expected: unknown, message?: string): void => {
	if (!Object.is(actual, expected)) {
		fail(message ?? `${show(actual)} is not ${show(expected)}`, actual, expected);
	}
};
assert.notEqual = (actual: unknown, expected: unknown, message?: string): void => {
	if (Object.is(actual, expected)) {
		fail(message ?? `both are ${show(actual)}`, actual, expected);
	}
};
assert.deepEqual = (actual: unknown, expected: unknown, message?: string): void => {
	if (!same(actual, expected)) {
		fail(message ?? `${show(actual)} is not deeply equal to ${show(expected)}`, actual, expected);
	}
};
assert.notDeepEqual = (actual: unknown, expected: unknown, message?: string): void => {
	if (same(actual, expected)) {
		fail(message ?? `both are ${show(actual)}`, actual, expected);
	}
};
assert.match = (text: string, pattern: RegExp, message?: string): void => {
	if (!pattern.test(text)) {
		fail(message ?? `${show(text)} does not match ${pattern}`, text, pattern);
	}
};
assert.doesNotMatch = (text: string, pattern: RegExp, message?: string): void => {
	if (pattern.test(text)) {
		fail(message ?? `${show(text)} matches ${pattern}`, text, pattern);
	}
};
assert.rejects = async (promise: Promise<unknown>, expected?: RegExp): Promise<void> => {
	const error = await promise.then(
		() => undefined,
		(reason: unknown) => ({ text: String(reason) }),
	);
	if (!error) {
		fail('nothing was rejected');
	}
	if (expected) {
		assert.match(error.text, expected);
	}
};

export default assert;

function fail(message: string, actual?: unknown, expected?: unknown): never {
	throw new AssertionError(message, actual, expected);
}

function show(value: unknown): string {
	const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
	return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

/** Structurally equal, with the same prototypes; a property that is undefined is not one that is absent. */
function same(one: unknown, other: unknown): boolean {
	if (Object.is(one, other)) {
		return true;
	}
	if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) {
		return false;
	}
	if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) {
		return false;
	}
	if (one instanceof Date) {
		return one.getTime() === (other as Date).getTime();
	}
	if (one instanceof Map) {
		const entries = other as Map<unknown, unknown>;
		return (
			one.size === entries.size && [...one].every(([key, value]) => entries.has(key) && same(value, entries.get(key)))
		);
	}
	if (one instanceof Set) {
		const values = other as Set<unknown>;
		return one.size === values.size && [...one].every((value) => values.has(value));
	}
	if (ArrayBuffer.isView(one) && !(one instanceof DataView)) {
		const [mine, theirs] = [one, other] as unknown as [ArrayLike<number>, ArrayLike<number>];
		return mine.length === theirs.length && Array.prototype.every.call(mine, (value, i) => Object.is(value, theirs[i]));
	}
	const [mine, theirs] = [Object.keys(one), Object.keys(other)];
	return (
		mine.length === theirs.length &&
		mine.every(
			(key) =>
				Object.hasOwn(other, key) &&
				same((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]),
		)
	);
}
