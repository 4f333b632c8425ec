import { crfResolutions } from '../../core/crf/grid';
import { checkCrfParameters } from '../../core/crf/parameters';
import type { CrfOutcome, CrfSettings } from '../../shared/protocol/crf';
import { fields, list, numbers, texts } from '../runs/recordFields';

/** What one computation found, without its masks. */
export type CrfFindings = Omit<CrfOutcome, 'changes' | 'changedPixels'>;

/** What `crf.json` of a kept run holds. */
export interface CrfRecord extends CrfFindings {
	readonly version: 1;
	/** Size of the CRF's other files, in bytes. */
	readonly bytes: number;
}

export function encodeCrfRecord(record: CrfRecord): Uint8Array {
	return new TextEncoder().encode(`${JSON.stringify(record, undefined, '\t')}\n`);
}

/**
 * Reads `crf.json`, checking all that is used of it.
 * @throws Error that says what is wrong
 */
export function decodeCrfRecord(bytes: Uint8Array): CrfRecord {
	const record: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	const [version, settings, steps, timings] = fields(record, 'record', ['version', 'settings', 'steps', 'timings']);
	if (version !== 1) {
		throw new Error(`version ${String(version)} is not known`);
	}
	numbers(record, 'record', ['bytes', 'threads', 'width', 'height']);
	numbers(timings, 'timings', ['prepare', 'lattice', 'iterations']);
	const { parameters } = checkSettings(settings);
	const found = list(steps, 'steps');
	for (const step of found) {
		numbers(step, 'step', stepNumbers);
	}
	if (found.length !== parameters.iterations + 1) {
		throw new Error(`${found.length} steps of ${parameters.iterations} iterations`);
	}
	return record as CrfRecord;
}

const stepNumbers = ['iteration', 'changedPixels', 'meanEntropy', 'klDivergence', 'activeClasses', 'milliseconds'];

/** @throws Error, or InspectorError `crf.badParameter` */
function checkSettings(value: unknown): CrfSettings {
	const [parameters, resolution] = fields(value, 'settings', ['parameters', 'resolution']);
	if (!crfResolutions.some((known) => known === resolution)) {
		throw new Error(`the resolution ${String(resolution)} is not known`);
	}
	numbers(parameters, 'parameters', ['iterations', 'pruning']);
	texts(parameters, 'parameters', ['normalization']);
	const settings = value as CrfSettings;
	checkCrfParameters(settings.parameters);
	return settings;
}
