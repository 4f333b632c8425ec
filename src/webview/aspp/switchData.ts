/** Which branches are on. */

export function toggled(on: readonly boolean[], branch: number): readonly boolean[] {
	return on.map((isOn, index) => (index === branch ? !isOn : isOn));
}

/** That branch alone. */
export function solo(on: readonly boolean[], branch: number): readonly boolean[] {
	return on.map((_, index) => index === branch);
}

/** All branches but that one. */
export function allBut(on: readonly boolean[], branch: number): readonly boolean[] {
	return on.map((_, index) => index !== branch);
}

export function allOn(on: readonly boolean[]): readonly boolean[] {
	return on.map(() => true);
}

export function isSolo(on: readonly boolean[], branch: number): boolean {
	return on.length > 1 && on.every((isOn, index) => isOn === (index === branch));
}

export function isAllBut(on: readonly boolean[], branch: number): boolean {
	return on.length > 1 && on.every((isOn, index) => isOn === (index !== branch));
}
