/** A value that the page shows ahead of its host: what a slider says now holds, not what the host last heard. */

export interface Draft<T> {
	/** The page's own value while there is one, else the host's. */
	value(ofHost: T): T;
	/** Whether the page is ahead of its host. */
	ahead(): boolean;
	/** Shows a value and sends it, both at once; of those that follow before the next frame, the last is sent with it. */
	set(value: T): void;
	/** The host spoke: what it says counts again once it has had the last value. */
	heard(): void;
	/** Forgets the page's own value: it was of another run. */
	reset(): void;
}

/**
 * @param send resolves when the host has the value
 * @param onRefused the host did not take it: its own value holds again
 * @param nextFrame calls back once, with the next frame
 */
export function createDraft<T>(
	send: (value: T) => Promise<unknown>,
	onRefused: () => void,
	nextFrame: (callback: () => void) => void,
): Draft<T> {
	let own: { readonly value: T } | undefined;
	/** The frame in which something was sent has not ended. */
	let inFrame = false;
	/** There is something to send with the next frame. */
	let waiting = false;
	let underWay = 0;
	let generation = 0;

	const flush = () => {
		waiting = false;
		if (!own) {
			return;
		}
		inFrame = true;
		nextFrame(() => {
			inFrame = false;
			if (waiting) {
				flush();
			}
		});
		const sentIn = generation;
		underWay++;
		send(own.value)
			.catch(() => {
				if (sentIn === generation && !waiting) {
					own = undefined;
					onRefused();
				}
			})
			.finally(() => {
				underWay--;
			});
	};
	return {
		value: (ofHost) => (own ? own.value : ofHost),
		ahead: () => own !== undefined,
		set(value) {
			own = { value };
			if (inFrame) {
				waiting = true;
			} else {
				flush();
			}
		},
		heard() {
			if (underWay === 0 && !waiting) {
				own = undefined;
			}
		},
		reset() {
			own = undefined;
			generation++;
		},
	};
}

/** What a new state of the host means to the page's own values: of the same run it is heard, of another they are gone. */
export function settleDrafts(drafts: readonly Pick<Draft<unknown>, 'heard' | 'reset'>[], sameRun: boolean): void {
	for (const draft of drafts) {
		if (sameRun) {
			draft.heard();
		} else {
			draft.reset();
		}
	}
}
