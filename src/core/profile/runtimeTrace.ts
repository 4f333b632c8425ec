/** The trace that onnxruntime writes when a session's profiling ends. */
import { InspectorError } from '../problem';

/** One operator of one run, by the name of its node in the graph that the runtime made. */
export interface TracedOperator {
	readonly name: string;
	readonly opType: string;
	readonly outputShape?: readonly number[];
	/** Milliseconds from the run's begin. */
	readonly start: number;
	readonly milliseconds: number;
}

/** One `run` of a session. */
export interface TracedRun {
	readonly milliseconds: number;
	/** In the order they ran. */
	readonly operators: readonly TracedOperator[];
}

/**
 * @param text a JSON list of trace events in microseconds: `model_run` of category `Session` for each run, and one of
 *   category `Node` for each operator, whose name is the node's with `_kernel_time` behind it (onnxruntime,
 *   core/common/profiler.cc and core/framework/sequential_executor.cc)
 * @returns the runs in their order
 * @throws InspectorError `runtime.failed` where it is something else
 */
export function readRuntimeTrace(text: string): readonly TracedRun[] {
	const events = eventsOf(text);
	const runs = events
		.filter(({ category, name }) => category === 'Session' && name === 'model_run')
		.sort((a, b) => a.start - b.start);
	const operators = events
		.filter(({ category, name }) => category === 'Node' && name.endsWith(kernelEnding))
		.sort((a, b) => a.start - b.start);
	let next = 0;
	return runs.map(({ start, duration }) => {
		const inRun: TracedOperator[] = [];
		for (; next < operators.length && operators[next]!.start <= start + duration; next++) {
			const { name, args, start: at, duration: took } = operators[next]!;
			if (at >= start) {
				const shape = outputShapeOf(args);
				inRun.push({
					name: name.slice(0, -kernelEnding.length),
					opType: textOf(args, 'op_name') ?? '',
					...(shape ? { outputShape: shape } : {}),
					start: (at - start) / 1000,
					milliseconds: took / 1000,
				});
			}
		}
		return { milliseconds: duration / 1000, operators: inRun };
	});
}

const kernelEnding = '_kernel_time';

interface TraceEvent {
	readonly category: string;
	readonly name: string;
	/** Microseconds. */
	readonly start: number;
	readonly duration: number;
	readonly args: unknown;
}

function eventsOf(text: string): readonly TraceEvent[] {
	let list: unknown;
	try {
		list = JSON.parse(text);
	} catch (error) {
		throw unreadable(error instanceof Error ? error.message : String(error));
	}
	if (!Array.isArray(list)) {
		throw unreadable('it is not a list');
	}
	return list.flatMap((event: unknown) => {
		const [category, name] = [textOf(event, 'cat'), textOf(event, 'name')];
		const [start, duration] = [numberOf(event, 'ts'), numberOf(event, 'dur')];
		const isWhole = category !== undefined && name !== undefined && start !== undefined && duration !== undefined;
		return isWhole ? [{ category, name, start, duration, args: memberOf(event, 'args') }] : [];
	});
}

/** `output_type_shape` is a list of one-entry objects, type to shape; the first output counts. */
function outputShapeOf(args: unknown): readonly number[] | undefined {
	const outputs = memberOf(args, 'output_type_shape');
	const first: unknown = Array.isArray(outputs) ? outputs[0] : undefined;
	const shape: unknown = typeof first === 'object' && first !== null ? Object.values(first)[0] : undefined;
	const isShape = Array.isArray(shape) && shape.every((side) => Number.isSafeInteger(side) && side >= 0);
	return isShape ? shape : undefined;
}

function memberOf(object: unknown, key: string): unknown {
	return typeof object === 'object' && object !== null && Object.hasOwn(object, key)
		? (object as Readonly<Record<string, unknown>>)[key]
		: undefined;
}

function textOf(object: unknown, key: string): string | undefined {
	const value = memberOf(object, key);
	return typeof value === 'string' ? value : undefined;
}

/** Of times: none are below zero. */
function numberOf(object: unknown, key: string): number | undefined {
	const value = memberOf(object, key);
	return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function unreadable(detail: string): InspectorError {
	return new InspectorError({ code: 'runtime.failed', detail: `the profile of the runtime cannot be read: ${detail}` });
}
