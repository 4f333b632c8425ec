/** What a page is given. */
export interface Given {
	/** Undefined: something else than a run. */
	readonly runId: string | undefined;
	/** How often it is on its way to the page. */
	pending: number;
	readonly held: (() => void)[];
}

/**
 * What a page is told of a run. It would leave out what comes before it draws the run: that is held back until then, and
 * comes in its order. Nothing is held for a page that is not there, which asks for all there is when it is loaded.
 */
export class RunMessages {
	private given: Given | undefined;

	get hasPage(): boolean {
		return this.given !== undefined;
	}

	/** The page is about to be given a run, or something else. @returns for {@link hasCome} */
	comes(runId: string | undefined): Given {
		const { given } = this;
		const next = given && given.runId === runId ? given : { runId, pending: 0, held: [] };
		next.pending++;
		this.given = next;
		return next;
	}

	/** The page has been given it, or is not to be given it any more. */
	hasCome(given: Given): void {
		given.pending--;
		if (given === this.given && given.pending === 0) {
			for (const send of given.held.splice(0)) {
				send();
			}
		}
	}

	pageIsGone(): void {
		this.given = undefined;
	}

	tell(runId: string, send: () => void): void {
		const { given } = this;
		if (given?.runId !== runId) {
			return;
		}
		if (given.pending > 0) {
			given.held.push(send);
		} else {
			send();
		}
	}
}
