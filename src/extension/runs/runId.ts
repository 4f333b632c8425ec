/** A new run's id: when it was made, and 32 random bits. */
export function createRunId(now = Date.now()): string {
	const random = crypto.getRandomValues(new Uint32Array(1))[0]!;
	return `${now.toString(36).padStart(9, '0')}-${random.toString(16).padStart(8, '0')}`;
}

/** When a run was made, by its id: milliseconds since the epoch; NaN where it is none. */
export function createdAt(id: string): number {
	return Number.parseInt(id.split('-', 1)[0] ?? '', 36);
}
