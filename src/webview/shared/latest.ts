/** Questions of which only the newest matters: one is under way, and the last one asked meanwhile follows it. */

export interface Latest<P> {
	ask(params: P): void;
}

/**
 * @param use gets an answer, unless a newer question was asked meanwhile
 * @param onRefused a question that failed, unless a newer one was asked
 */
export function createLatest<P, R>(
	ask: (params: P) => Promise<R>,
	use: (result: R, params: P) => void,
	onRefused: () => void = () => {},
): Latest<P> {
	let underWay = false;
	let next: { readonly params: P } | undefined;

	const run = (params: P) => {
		underWay = true;
		ask(params)
			.then(
				(result) => next === undefined && use(result, params),
				() => next === undefined && onRefused(),
			)
			.finally(() => {
				underWay = false;
				const waiting = next;
				next = undefined;
				if (waiting) {
					run(waiting.params);
				}
			});
	};
	return {
		ask(params) {
			if (underWay) {
				next = { params };
			} else {
				run(params);
			}
		},
	};
}
