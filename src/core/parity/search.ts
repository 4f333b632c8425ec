/** Finds the layer at which two backends begin to differ, by few values at a time. */
import type { ProbePlan, ProbeUnit } from './probePlan';

/**
 * How far inner values of the two backends are apart.
 * @param values names
 * @returns a relative difference a name, Infinity where a value is not finite; names that cannot be had are left out
 */
export type Probe = (values: readonly string[]) => Promise<ReadonlyMap<string, number>>;

export interface SearchOptions {
	/** Differences above it count. */
	readonly limit: number;
	/** Of a value; undefined where its size is not known. */
	bytesOf(value: string): number | undefined;
	/** Bytes that the values of one probe may take together; a single cut may take more. */
	readonly budget?: number;
	/** Cuts that one probe looks at, at most. */
	readonly cutsAProbe?: number;
}

export interface FoundUnit {
	readonly unit: ProbeUnit;
	/** The largest of its outputs. */
	readonly difference: number;
	/** The largest of what it reads, 0 for the network's input. */
	readonly inputDifference: number;
}

const usualBudget = 96 * 2 ** 20;
/** Seven cuts leave an eighth of the network: three probes for 500 layers. */
const usualCuts = 7;
/** Of a value whose size is not known. */
const unknownBytes = 8 * 2 ** 20;

/**
 * A cut differs where one of the values that cross it does. The last cut that agrees is looked for between the network's
 * input, which agrees, and the target: each probe takes several cuts between the last one known to agree and the first
 * one behind it known to differ, until no unit but one is left between them. Whatever that unit reads agrees, then, and
 * what it gives does not, also where differences shrink again: such as behind a ReLU, or in a branch that adds little.
 * Where every cut behind the first difference differs, it is the first unit of all that differs.
 *
 * @returns undefined where the target agrees
 */
export async function findFirstDiffering(
	{ units, cuts }: ProbePlan,
	probe: Probe,
	options: SearchOptions,
): Promise<FoundUnit | undefined> {
	const { limit, budget = usualBudget, cutsAProbe = usualCuts } = options;
	const known = new Map<string, number>();
	const measure = async (wanted: readonly string[]) => {
		const missing = [...new Set(wanted)].filter((value) => !known.has(value));
		if (missing.length > 0) {
			const differences = await probe(missing);
			for (const value of missing) {
				// What cannot be had tells nothing.
				known.set(value, differences.get(value) ?? 0);
			}
		}
	};
	const largest = (values: readonly string[]) =>
		values.reduce((most, value) => Math.max(most, known.get(value) ?? 0), 0);
	const differs = (cut: number) => largest(cuts[cut]!) > limit;

	let agreeing = 0;
	let differing = units.length;
	let isFirst = true;
	while (isFirst || differing - agreeing > 1) {
		const chosen = affordable(evenly(agreeing, differing, cutsAProbe), (cut) => cuts[cut]!, {
			known,
			budget,
			bytesOf: options.bytesOf,
		});
		await measure([...chosen, ...(isFirst ? [differing] : [])].flatMap((cut) => cuts[cut]!));
		if (isFirst && !differs(differing)) {
			return undefined;
		}
		isFirst = false;
		const last = chosen.findLastIndex((cut) => !differs(cut));
		differing = chosen[last + 1] ?? differing;
		agreeing = chosen[last] ?? agreeing;
	}
	const unit = units[agreeing]!;
	return { unit, difference: largest(unit.outputs), inputDifference: largest(unit.inputs) };
}

/** At most `count` whole numbers between two others, as evenly as they can be. */
function evenly(from: number, to: number, count: number): readonly number[] {
	const steps = Math.min(count, to - from - 1) + 1;
	return Array.from({ length: steps - 1 }, (_, index) => from + Math.round(((index + 1) * (to - from)) / steps));
}

/** Fewer cuts, as evenly, where their values would not fit; at least the one in the middle. */
function affordable(
	chosen: readonly number[],
	valuesOf: (cut: number) => readonly string[],
	{
		known,
		budget,
		bytesOf,
	}: { readonly known: ReadonlyMap<string, number>; readonly budget: number } & Pick<SearchOptions, 'bytesOf'>,
): readonly number[] {
	const values = new Set(chosen.flatMap((cut) => valuesOf(cut)).filter((value) => !known.has(value)));
	const bytes = [...values].reduce((sum, value) => sum + (bytesOf(value) ?? unknownBytes), 0);
	if (bytes <= budget || chosen.length <= 1) {
		return chosen;
	}
	// Every second one, so that the middle one stays.
	const half = chosen.filter((_, index) => index % 2 === 1);
	return affordable(half.length > 0 ? half : [chosen[0]!], valuesOf, { known, budget, bytesOf });
}
