/** A profile as a file that trace viewers (Perfetto, chrome://tracing) open: Google's Trace Event Format, JSON object form. */
import type { OperatorTime, RunProfile } from './runProfile';

/** A complete event (`X`) or one that names a process or thread (`M`). */
export type TraceEvent =
	| {
			readonly ph: 'X';
			readonly name: string;
			readonly cat: 'stage' | 'part' | 'operator';
			/** Microseconds from the run's begin. */
			readonly ts: number;
			readonly dur: number;
			readonly pid: number;
			readonly tid: number;
			readonly args?: Readonly<Record<string, unknown>>;
	  }
	| {
			readonly ph: 'M';
			readonly name: 'process_name' | 'thread_name';
			readonly pid: number;
			readonly tid: number;
			readonly args: { readonly name: string };
	  };

export interface TraceFile {
	readonly traceEvents: readonly TraceEvent[];
	readonly displayTimeUnit: 'ms';
	/** The same once more as it was measured; viewers leave it alone. */
	readonly profile: RunProfile;
}

/**
 * Stages one behind the other; in the network its operators where they ran, and over those that ran in a row without
 * another between them the parts that they have in common.
 */
export function traceFile(profile: RunProfile): TraceFile {
	const traceEvents: TraceEvent[] = [
		{ ph: 'M', name: 'process_name', ...lane, args: { name: `${profile.modelName}: ${profile.pictureName}` } },
		{ ph: 'M', name: 'thread_name', ...lane, args: { name: 'run' } },
	];
	let ts = 0;
	for (const { stage, milliseconds } of profile.stages) {
		const operators = stage === 'network' ? profile.operators : [];
		const end = operators.reduce(
			(latest, operator) => Math.max(latest, ts + endOf(operator)),
			ts + milliseconds * 1000,
		);
		traceEvents.push({ ph: 'X', name: stage, cat: 'stage', ...span(ts, end), ...lane });
		traceEvents.push(...partEvents(operators, 0, ts));
		ts = end;
	}
	return { traceEvents, displayTimeUnit: 'ms', profile };
}

/** The text of {@link traceFile}. */
export function traceText(profile: RunProfile): string {
	return `${JSON.stringify(traceFile(profile), undefined, '\t')}\n`;
}

const lane = { pid: 1, tid: 1 } as const;

/** Microseconds to the nanosecond, so that what ends together is seen to. */
function span(from: number, to: number): { readonly ts: number; readonly dur: number } {
	const [start, end] = [Math.round(from * 1000), Math.round(to * 1000)];
	return { ts: start / 1000, dur: (end - start) / 1000 };
}

/** Microseconds from the network's begin. */
function endOf({ start, milliseconds }: OperatorTime): number {
	return (start + milliseconds) * 1000;
}

/** @param depth of the path's part that is looked at */
function partEvents(operators: readonly OperatorTime[], depth: number, base: number): TraceEvent[] {
	const events: TraceEvent[] = [];
	for (let from = 0; from < operators.length; ) {
		const first = operators[from]!;
		const name = first.path[depth];
		if (name === undefined || first.path.length === depth + 1) {
			events.push(operatorEvent(first, base));
			from++;
			continue;
		}
		let to = from;
		while (to < operators.length && isWithin(operators[to]!, first, depth)) {
			to++;
		}
		const row = operators.slice(from, to);
		const extent = span(base + first.start * 1000, base + endOf(row.at(-1)!));
		events.push({ ph: 'X', name, cat: 'part', ...extent, ...lane }, ...partEvents(row, depth + 1, base));
		from = to;
	}
	return events;
}

function isWithin(operator: OperatorTime, first: OperatorTime, depth: number): boolean {
	return (
		operator.path[depth] === first.path[depth] && operator.path.length > depth + 1 && operator.scale === first.scale
	);
}

function operatorEvent(operator: OperatorTime, base: number): TraceEvent {
	const { path, opType, outputShape, start, scale } = operator;
	return {
		ph: 'X',
		name: path.at(-1) ?? opType,
		cat: 'operator',
		...span(base + start * 1000, base + endOf(operator)),
		...lane,
		args: {
			path: path.join('.'),
			opType,
			...(outputShape ? { outputShape } : {}),
			...(scale === undefined ? {} : { scale }),
		},
	};
}
