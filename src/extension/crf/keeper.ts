/** Keeps the newest of a row of results, a moment after the last one came; one after the other. */
export class Keeper<T> {
	private unkept: { readonly value: T } | undefined;
	private timer: ReturnType<typeof setTimeout> | undefined;
	private keeping: Promise<void> = Promise.resolve();

	/**
	 * @param keep should not throw
	 * @param delay milliseconds in which nothing newer may come
	 */
	constructor(
		private readonly keep: (value: T) => Promise<void>,
		private readonly delay: number,
	) {}

	soon(value: T): void {
		this.unkept = { value };
		clearTimeout(this.timer);
		this.timer = setTimeout(() => void this.flush(), this.delay);
	}

	/** Done when nothing is left to keep. */
	async flush(): Promise<void> {
		clearTimeout(this.timer);
		const { unkept } = this;
		this.unkept = undefined;
		if (unkept) {
			this.keeping = this.keeping.then(() => this.keep(unkept.value));
		}
		await this.keeping;
	}
}
