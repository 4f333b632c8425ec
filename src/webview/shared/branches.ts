/** How the branches of a head are told apart: by colour and by name. */

/** Place of each branch among all, by trained rate from small to large: its colour is `--rate-<place>`. */
export function branchPlaces(trainedRates: readonly number[]): readonly number[] {
	const order = trainedRates.map((_, branch) => branch).sort((a, b) => trainedRates[a]! - trainedRates[b]! || a - b);
	return trainedRates.map((_, branch) => order.indexOf(branch));
}

/** `18`; where several branches have that rate, with the branch's number: `12 (2)`. */
export function rateName(rates: readonly number[], branch: number): string {
	const rate = rates[branch];
	const shared = rates.filter((other) => other === rate).length > 1;
	return shared ? `${rate} (${branch + 1})` : String(rate);
}

/** `6, 12, 18 and 24` without words: `6 / 12 / 18 / 24`. */
export function rateList(rates: readonly number[]): string {
	return rates.join(' / ');
}
