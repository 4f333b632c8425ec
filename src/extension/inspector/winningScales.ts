import type { InspectorScales } from '../../shared/protocol/inspector';
import { reduced } from '../crf/crfDisplay';
import type { RunStore } from '../runs/runStore';

/**
 * Which scale each pixel's class has its logit from, as the Inspector shows a run.
 * @returns null where the run has one scale
 * @throws InspectorError `run.notFound`
 */
export async function shownScales(
	store: Pick<RunStore, 'shown' | 'winningScales'>,
	runId: string,
): Promise<InspectorScales | null> {
	const [scales, { info, displayStep: step }] = await Promise.all([store.winningScales(runId), store.shown(runId)]);
	if (!scales) {
		return null;
	}
	const { pictureWidth: width, pictureHeight: height } = info.geometry;
	return { runId, scales: await reduced(scales, { width, height, step }, new AbortController().signal) };
}
