/** A value out of parsed JSON together with its place, so that a failed check can say where. */
export class JsonValue {
	constructor(
		readonly value: unknown,
		/** E.g. `layers.blocks[3].stride`; empty for the root. */
		readonly place: string,
		/** Makes the error to throw. */
		private readonly problem: (place: string, detail: string) => Error,
	) {}

	/** The error for this place. */
	error(detail: string): Error {
		return this.problem(this.place, detail);
	}

	get(key: string): JsonValue {
		const { value } = this;
		if (typeof value !== 'object' || value === null || Array.isArray(value)) {
			throw this.error('should be an object');
		}
		const place = this.place === '' ? key : `${this.place}.${key}`;
		const child = new JsonValue((value as Record<string, unknown>)[key], place, this.problem);
		if (!Object.hasOwn(value, key)) {
			throw child.error('is missing');
		}
		return child;
	}

	array(): JsonValue[] {
		if (!Array.isArray(this.value)) {
			throw this.error('should be a list');
		}
		return this.value.map((item, index) => new JsonValue(item, `${this.place}[${index}]`, this.problem));
	}

	string(): string {
		if (typeof this.value !== 'string' || this.value === '') {
			throw this.error('should be a text');
		}
		return this.value;
	}

	oneOf<Choice extends string>(...choices: readonly Choice[]): Choice {
		const found = choices.find((choice) => choice === this.value);
		if (found === undefined) {
			throw this.error(`should be ${choices.map((choice) => `“${choice}”`).join(' or ')}`);
		}
		return found;
	}

	number(): number {
		if (typeof this.value !== 'number' || !Number.isFinite(this.value)) {
			throw this.error('should be a number');
		}
		return this.value;
	}

	integer(least: number, most: number): number {
		const value = this.number();
		if (!Number.isInteger(value) || value < least || value > most) {
			throw this.error(`is ${value}; should be a whole number from ${least} to ${most}`);
		}
		return value;
	}

	boolean(): boolean {
		if (typeof this.value !== 'boolean') {
			throw this.error('should be true or false');
		}
		return this.value;
	}
}
