/** Does something once for however many times it is asked for in one turn of this thread, at the turn's end. */
export class OnceATurn {
	private pending = false;

	constructor(private readonly work: () => void) {}

	soon(): void {
		if (!this.pending) {
			this.pending = true;
			queueMicrotask(() => {
				this.pending = false;
				this.work();
			});
		}
	}
}
