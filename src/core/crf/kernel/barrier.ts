/** Threads of one command waiting for each other. */
import { Control } from './memory';

/** Polls before a thread goes to sleep: waits between the passes of an iteration are mostly shorter than a wake-up. */
const polls = 4000;
/** A sleeping thread looks at `failed` every 0.2 seconds. */
const patience: i64 = 200_000_000;

/** Returns when every thread of the command has called it. Traps if a thread has trapped. */
export function barrier(control: Control): void {
	if (control.threads == 1) {
		return;
	}
	if (ASC_FEATURE_THREADS) {
		const arrived = changetype<usize>(control) + offsetof<Control>('arrived');
		const counter = changetype<usize>(control) + offsetof<Control>('barrier');
		const failed = changetype<usize>(control) + offsetof<Control>('failed');
		const current = atomic.load<u32>(counter);
		if (atomic.add<u32>(arrived, 1) == control.threads - 1) {
			atomic.store<u32>(arrived, 0);
			atomic.store<u32>(counter, current + 1);
			atomic.notify(counter, -1);
			return;
		}
		for (let i = 0; i < polls; i++) {
			if (atomic.load<u32>(counter) != current) {
				return;
			}
		}
		while (atomic.load<u32>(counter) == current) {
			if (atomic.load<u32>(failed) != 0) {
				unreachable();
			}
			atomic.wait<i32>(counter, <i32>current, patience);
		}
	}
}
