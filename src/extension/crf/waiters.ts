import { InspectorError, type Problem } from '../../core/problem';

interface Waiter<T> {
	readonly key: string;
	resolve(value: T): void;
	reject(error: InspectorError): void;
}

/** Those who wait for a result that is computed for anybody who wants it, by the key of what they asked for. */
export class Waiters<T> {
	private waiting: readonly Waiter<T>[] = [];

	get any(): boolean {
		return this.waiting.length > 0;
	}

	/** @throws InspectorError with which {@link reject} ends it */
	wait(key: string): Promise<T> {
		return new Promise((resolve, reject) => {
			this.waiting = [...this.waiting, { key, resolve, reject }];
		});
	}

	resolve(key: string, value: T): void {
		for (const waiter of this.take((each) => each === key)) {
			waiter.resolve(value);
		}
	}

	/** @param which by key; all where it is left out */
	reject(problem: Problem, which: (key: string) => boolean = () => true): void {
		for (const waiter of this.take(which)) {
			waiter.reject(new InspectorError(problem));
		}
	}

	private take(which: (key: string) => boolean): readonly Waiter<T>[] {
		const taken = this.waiting.filter(({ key }) => which(key));
		this.waiting = this.waiting.filter((waiter) => !taken.includes(waiter));
		return taken;
	}
}
