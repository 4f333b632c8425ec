/** A memory as VS Code's, and reports. */
import type { GpuAdapter } from '../../../../src/core/backend';
import { type ParityReport, parityLimit } from '../../../../src/core/parity/report';
import { runtimeVersion } from '../../../../src/core/runtimeVersion';

export const adapter: GpuAdapter = { vendor: 'acme', architecture: 'one', device: '', description: 'Acme One' };

export function report(agrees: boolean): ParityReport {
	return {
		largestDifference: agrees ? 1e-7 : 0.3,
		labelAgreement: agrees ? 1 : 0.8,
		limit: parityLimit,
		agrees,
		adapter,
		runtime: runtimeVersion,
		comparedAt: 1,
	};
}

/** Keeps values as JSON, as VS Code does. */
export function memory(initial?: unknown) {
	const values = new Map<string, unknown>();
	const update = async (key: string, value: unknown) => void values.set(key, JSON.parse(JSON.stringify(value)));
	if (initial !== undefined) {
		values.set('deeplab.parity', initial);
	}
	return { values, update, get: <T>(key: string, fallback?: T) => (values.get(key) ?? fallback) as T };
}
