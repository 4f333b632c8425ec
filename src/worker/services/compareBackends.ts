import type { ParityReport } from '../../core/parity/report';
import type { ParityStage } from '../../shared/protocol/parity';
import type { InferenceClient, RequestOptions, SegmentRequest } from '../client/client';

export interface ComparedBackends {
	readonly report: ParityReport;
	/** Why the first layer that differs is not known, where it was looked for in vain. */
	readonly searchError?: unknown;
}

/**
 * Holds WebGPU against WASM, and where they disagree looks for the first layer that differs. A disagreement is known
 * also where the search fails or is cancelled.
 *
 * @throws InspectorError as {@link InferenceClient.compareBackends}
 */
export async function compareBackends(
	client: Pick<InferenceClient, 'compareBackends' | 'findDivergence'>,
	request: SegmentRequest,
	options: RequestOptions<ParityStage>,
): Promise<ComparedBackends> {
	const report = await client.compareBackends(request, options);
	if (report.agrees) {
		return { report };
	}
	try {
		const first = await client.findDivergence(request, options);
		return { report: first ? { ...report, firstDiffering: first } : report };
	} catch (searchError) {
		return { report, searchError };
	}
}
