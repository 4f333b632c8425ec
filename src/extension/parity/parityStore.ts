import type * as vscode from 'vscode';
import type { GpuAdapter } from '../../core/backend';
import type { ParityReport } from '../../core/parity/report';
import { runtimeVersion } from '../../core/runtimeVersion';

const storageKey = 'deeplab.parity';
const limit = 200;

interface Kept {
	/** Same key = same bytes. */
	readonly modelKey: string;
	readonly report: ParityReport;
}

/** What comparing WebGPU with WASM has found, by model, adapter and onnxruntime's version; for all windows. */
export class ParityStore {
	constructor(private readonly memory: Pick<vscode.Memento, 'get' | 'update'>) {}

	/**
	 * The report of a model, unless it is out of date: found with another onnxruntime, or on another adapter.
	 * @param adapter undefined where it is not known: the newest report counts, whatever it was found on
	 */
	find(modelKey: string, adapter?: GpuAdapter): ParityReport | undefined {
		return this.all().find(
			(kept) =>
				kept.modelKey === modelKey &&
				kept.report.runtime === runtimeVersion &&
				(adapter === undefined || adapterKey(kept.report.adapter) === adapterKey(adapter)),
		)?.report;
	}

	/** Keeps a report in the place of the one before. */
	async keep(modelKey: string, report: ParityReport): Promise<void> {
		const adapter = adapterKey(report.adapter);
		const others = this.all().filter(
			(kept) => kept.modelKey !== modelKey || adapterKey(kept.report.adapter) !== adapter,
		);
		await this.memory.update(storageKey, [{ modelKey, report } satisfies Kept, ...others].slice(0, limit));
	}

	/** Newest first. */
	private all(): readonly Kept[] {
		const stored: unknown = this.memory.get(storageKey);
		return Array.isArray(stored) ? stored.filter(isKept) : [];
	}
}

function adapterKey(adapter: GpuAdapter | undefined): string {
	return adapter ? [adapter.vendor, adapter.architecture, adapter.device, adapter.description].join('\n') : '';
}

/** What another version of the extension has kept may look otherwise. */
function isKept(value: unknown): value is Kept {
	if (!isObject(value) || typeof value.modelKey !== 'string' || !isObject(value.report)) {
		return false;
	}
	const {
		largestDifference,
		labelAgreement,
		limit: limits,
		agrees,
		adapter,
		runtime,
		comparedAt,
		firstDiffering,
	} = value.report;
	return (
		isNumberOrNull(largestDifference) &&
		typeof labelAgreement === 'number' &&
		isObject(limits) &&
		typeof limits.difference === 'number' &&
		typeof limits.labels === 'number' &&
		typeof agrees === 'boolean' &&
		(adapter === undefined ||
			(isObject(adapter) &&
				[adapter.vendor, adapter.architecture, adapter.device, adapter.description].every(
					(word) => typeof word === 'string',
				))) &&
		typeof runtime === 'string' &&
		typeof comparedAt === 'number' &&
		(firstDiffering === undefined ||
			(isObject(firstDiffering) &&
				typeof firstDiffering.layer === 'string' &&
				typeof firstDiffering.operator === 'string' &&
				isNumberOrNull(firstDiffering.difference) &&
				typeof firstDiffering.inputDifference === 'number'))
	);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null;
}

function isNumberOrNull(value: unknown): value is number | null {
	return value === null || typeof value === 'number';
}
