/** Blinking between before and after, on a clock. */

export interface Blink {
	/** Which side is drawn while blinking; undefined while not. */
	side(): 'before' | 'after' | undefined;
	/** Starts with the side that is not drawn, or ends it. */
	toggle(drawn: 'before' | 'after'): void;
	stop(): void;
}

/** Milliseconds that each side is shown. */
const blinkInterval = 600;

/** @param onChange called when the side changes, and when blinking starts or ends */
export function createBlink(onChange: () => void): Blink {
	let side: 'before' | 'after' | undefined;
	let timer: number | undefined;

	const show = (next: 'before' | 'after' | undefined) => {
		side = next;
		onChange();
	};
	const stop = () => {
		window.clearInterval(timer);
		if (side !== undefined) {
			show(undefined);
		}
	};
	return {
		side: () => side,
		toggle(drawn) {
			if (side !== undefined) {
				stop();
				return;
			}
			timer = window.setInterval(() => show(side === 'before' ? 'after' : 'before'), blinkInterval);
			show(drawn === 'before' ? 'after' : 'before');
		},
		stop,
	};
}
