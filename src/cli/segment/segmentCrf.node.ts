import { maskChanges } from '../../core/crf/changes';
import { defaultCrfResolution } from '../../core/crf/grid';
import type { RefineResult } from '../../shared/protocol/crf';
import type { SegmentResult } from '../../shared/protocol/worker';
import type { InferenceClient } from '../../worker/client/client';
import type { SegmentCrf } from '../commandLine/commands';

/** What `--json` prints of a picture's CRF. */
export type CrfReportOfRun = Pick<RefineResult, 'settings' | 'timings' | 'threads' | 'width' | 'height' | 'steps'> & {
	/** The network's mask, beside the one after the CRF. */
	readonly maskBefore: string;
	/** Pixels of the picture whose label the CRF changed. */
	readonly changedPixels: number;
	readonly classes: readonly {
		readonly label: number;
		readonly name: string;
		readonly before: number;
		readonly after: number;
		readonly gained: number;
		readonly lost: number;
	}[];
};

export interface Refined {
	/** At the picture's size. */
	readonly labels: Uint8Array;
	readonly report: CrfReportOfRun;
}

/**
 * Refines a mask that the client's worker has just made.
 * @param maskBefore file of the network's mask, for the report
 * @throws InspectorError `crf.*`, `worker.crashed` or `cancelled`
 */
export async function refineMask(
	client: InferenceClient,
	{ parameters, resolution }: SegmentCrf,
	{ info, tensors }: SegmentResult,
	image: string,
	maskBefore: string,
	signal: AbortSignal,
): Promise<Refined> {
	const { geometry, model } = info;
	const result = await client.refine(
		{
			runId: image,
			settings: { parameters, resolution: resolution ?? defaultCrfResolution(geometry) },
			loadSource: async () => ({
				rgb: tensors.rgb.slice(),
				logits: { ...tensors.logits, data: tensors.logits.data.slice() },
				geometry,
			}),
		},
		{ signal },
	);
	const { settings, steps, timings, threads, width, height } = result;
	const labels = result.labels.at(-1)!;
	const { changes, changedPixels } = maskChanges(tensors.labels, labels);
	const classes = changes.map((change) => ({
		...change,
		name: model.classes[change.label]?.name ?? String(change.label),
	}));
	return {
		labels,
		report: { maskBefore, settings, timings, threads, width, height, changedPixels, classes, steps },
	};
}
