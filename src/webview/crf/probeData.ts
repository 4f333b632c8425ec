/** What the mean field at the probe pixel says: terms of the score by class, and which of them decides. */
import type { CrfProbe, CrfProbeClass } from '../../shared/protocol/crf';

export interface ProbeLine {
	readonly label: number;
	/** Terms of the score: −U, and the two kernels' messages. */
	readonly network: number;
	readonly bilateral: number;
	readonly spatial: number;
	/** Their sum. */
	readonly score: number;
	readonly q: number;
}

/** The classes with the largest Q, the largest first. */
export function probeLines(probe: CrfProbe, count: number): readonly ProbeLine[] {
	return [...probe.classes]
		.map(toLine)
		.sort((a, b) => b.q - a.q || b.score - a.score)
		.slice(0, count);
}

function toLine({ label, unary, bilateral, spatial, q }: CrfProbeClass): ProbeLine {
	return { label, network: -unary, bilateral, spatial, score: -unary + bilateral + spatial, q };
}

/** Where the scale of all bars ends on both sides: the largest term or score of the lines. */
export function largestTerm(lines: readonly ProbeLine[]): number {
	const terms = lines.flatMap(({ network, bilateral, spatial, score }) => [network, bilateral, spatial, score]);
	return Math.max(1e-6, ...terms.map(Math.abs));
}

export type TermName = 'network' | 'bilateral' | 'spatial';

export interface Verdict {
	readonly winner: number;
	readonly runnerUp: number;
	/** The winner's lead in score, and what each term gives to it. */
	readonly lead: number;
	readonly terms: Readonly<Record<TermName, number>>;
	/** The term that gives most. */
	readonly decisive: TermName;
	/** The class that would win by the network alone, where it is another one. */
	readonly networkChoice: number | undefined;
}

/** Undefined where there is but one class. */
export function verdict(probe: CrfProbe): Verdict | undefined {
	const [winner, runnerUp] = probeLines(probe, 2);
	if (!winner || !runnerUp) {
		return undefined;
	}
	const terms = {
		network: winner.network - runnerUp.network,
		bilateral: winner.bilateral - runnerUp.bilateral,
		spatial: winner.spatial - runnerUp.spatial,
	};
	const names: readonly TermName[] = ['network', 'bilateral', 'spatial'];
	const byNetwork = probe.classes.reduce((best, entry) => (entry.unary < best.unary ? entry : best));
	return {
		winner: winner.label,
		runnerUp: runnerUp.label,
		lead: winner.score - runnerUp.score,
		terms,
		decisive: names.reduce((best, name) => (terms[name] > terms[best] ? name : best)),
		networkChoice: byNetwork.label === winner.label ? undefined : byNetwork.label,
	};
}
