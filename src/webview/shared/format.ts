/** Numbers as people read them: few digits, always a unit. */

/** `< 0.1 ms`, `0.4 ms`, `12 ms`, `1.2 s`, `34 s`. */
export function formatMilliseconds(milliseconds: number): string {
	if (milliseconds < 0.05) {
		return '< 0.1 ms';
	}
	if (milliseconds < 0.95) {
		return `${milliseconds.toFixed(1)} ms`;
	}
	return milliseconds < 999.5 ? `${Math.round(milliseconds)} ms` : formatSeconds(milliseconds / 1000);
}

function formatSeconds(seconds: number): string {
	return `${seconds.toFixed(seconds < 9.95 ? 1 : 0)} s`;
}

/** Share of an area, 0…1, as `41.2 %`; what is there but rounds to nothing is `< 0.1 %`. */
export function formatShare(share: number): string {
	return share > 0 && share < 0.0005 ? '< 0.1 %' : `${(share * 100).toFixed(1)} %`;
}

/** Probability with two decimals; only exact 0 and 1 are shown as such. */
export function formatProbability(probability: number): string {
	if (probability > 0 && probability < 0.005) {
		return '< 0.01';
	}
	if (probability < 1 && probability >= 0.995) {
		return '> 0.99';
	}
	return probability.toFixed(2);
}

/** A count with a decimal prefix: `512`, `4.4 k`, `2.1 M`; `–` for none. */
export function formatCount(count: number): string {
	if (count === 0) {
		return '–';
	}
	if (count < 1000) {
		return String(count);
	}
	const [value, prefix] =
		count < 999_500 ? [count / 1e3, 'k'] : count < 999_500_000 ? [count / 1e6, 'M'] : [count / 1e9, 'G'];
	return `${value.toFixed(value < 9.95 ? 1 : 0)} ${prefix}`;
}

/** A length in pixels, two or three digits: `0.8 px`, `3.5 px`, `49 px`. */
export function formatPixels(pixels: number): string {
	return `${formatNumber(pixels)} px`;
}

/** A number with at most three digits and no trailing zeros: `0.05`, `3.5`, `49`, `1234`. */
export function formatNumber(value: number): string {
	return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(Math.abs(value) < 1 ? 2 : 3)));
}

/** A whole number with its digits in groups of three: `512`, `1 234`, `2 137 524`. */
export function formatWhole(count: number): string {
	return Math.round(count).toLocaleString('en').replaceAll(',', '\u202f');
}

/** Difference in a count, with its sign: `+1.2 k`, `−310`; `0` for none. */
export function formatSignedCount(count: number): string {
	return count === 0 ? '0' : `${count > 0 ? '+' : '−'}${formatCount(Math.abs(count))}`;
}

/** A quantity with its sign: `+1.24`, `−0.31`, `0.00`. */
export function formatSigned(value: number, digits = 2): string {
	const text = Math.abs(value).toFixed(digits);
	return Number(text) === 0 ? text : `${value > 0 ? '+' : '−'}${text}`;
}

/** Entropy or divergence in nats, three decimals: `0.142 nats`; what is there but rounds to nothing is `< 0.001 nats`. */
export function formatNats(nats: number): string {
	return nats > 0 && nats < 0.0005 ? '< 0.001 nats' : `${nats.toFixed(3)} nats`;
}

/** Bytes with a decimal prefix: `812 B`, `8.6 MB`. */
export function formatBytes(bytes: number): string {
	return bytes < 1000 ? `${bytes} B` : `${formatCount(bytes)}B`;
}

/** Magnification: `100 %`, `6.3 %`. */
export function formatZoom(scale: number): string {
	const percent = scale * 100;
	return `${percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/**
 * How long ago something was, in words of the display language.
 *
 * @param then, now milliseconds since the epoch
 * @param language BCP 47 tag
 */
export function formatAge(then: number, now: number, language: string): string {
	const seconds = Math.max(0, (now - then) / 1000);
	const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
	if (seconds < 45) {
		return format.format(0, 'second');
	}
	if (seconds < 3570) {
		return format.format(-Math.max(1, Math.round(seconds / 60)), 'minute');
	}
	if (seconds < 84_600) {
		return format.format(-Math.round(seconds / 3600), 'hour');
	}
	return format.format(-Math.round(seconds / 86_400), 'day');
}

/** Whole seconds since `since`, as `12 s` or `2:05 min`. */
export function formatElapsed(since: number, now: number): string {
	const seconds = Math.max(0, Math.floor((now - since) / 1000));
	return seconds < 100 ? `${seconds} s` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} min`;
}
