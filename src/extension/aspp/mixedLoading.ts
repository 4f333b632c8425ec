import type { AsppHead, MixedBranch } from '../../core/aspp/types';
import { InspectorError } from '../../core/problem';
import type { FeatureMap, ModelFileNote, RunInfo, RunTensors } from '../../core/run';
import { upsampleLabels } from '../../core/segmentation/upsampleLabels';
import type { RunPicture } from '../../shared/protocol/aspp';
import type { ModelHandle } from '../../worker/client/client';
import { agree } from './headLoading';
import type { ReadHead } from './headSession';

/** What a mixed head is run from. */
export interface MixedSource {
	readonly model: ModelHandle;
	readonly features: FeatureMap;
	/** Undefined where the layers behind the branches do not read it. */
	readonly picture: RunPicture | undefined;
}

/** What reading a run's mixed head needs of the rest of the host. */
export interface MixedLoadingServices {
	/** The model that a run was made with, by what it noted of it; without a note, the one that is set. */
	modelOfRun(note: ModelFileNote | undefined): Promise<ModelHandle>;
	readHead(model: ModelHandle, signal: AbortSignal): Promise<AsppHead>;
	/** Maps that the network has no output for. */
	mixedMaps(source: MixedSource, signal: AbortSignal): Promise<readonly (FeatureMap | undefined)[]>;
	/** Logits of some of the maps, one a row of `on`. */
	ablate(
		source: MixedSource,
		maps: readonly FeatureMap[],
		on: readonly (readonly boolean[])[],
		signal: AbortSignal,
	): Promise<readonly FeatureMap[]>;
	/** @throws InspectorError `run.notFound` */
	headTensors(): Promise<Pick<RunTensors, 'labels' | 'logits' | 'branches'>>;
	/** What the branches read. @throws InspectorError `run.notFound` */
	features(): Promise<FeatureMap>;
	/** @throws InspectorError `run.notFound` */
	rgb(): Promise<Uint8Array>;
}

export interface LoadedMixedHead extends ReadHead {
	readonly head: AsppHead;
	readonly branches: readonly MixedBranch[];
	/** What meets in the head, in the order of `branches`. */
	readonly maps: readonly FeatureMap[];
	/** The network's own, of the full scale alone. */
	readonly logits: FeatureMap;
	readonly source: MixedSource;
}

/**
 * Reads the mixed head of the model that a run was made with, and computes the maps that the run has not. The layers
 * behind the branches are run where the run's logits are fused of several scales, or the file is not the one it noted: it
 * is taken only where it gives what the run has.
 * @throws InspectorError `model.*` where the file is gone, has no such head, or is another model by now (`model.changed`);
 *   `run.notFound`, `runtime.*`, `cancelled`
 */
export async function loadMixedHead(
	info: RunInfo,
	services: MixedLoadingServices,
	signal: AbortSignal,
): Promise<LoadedMixedHead> {
	const model = await services.modelOfRun(info.modelFile);
	const changed = () => new InspectorError({ code: 'model.changed', name: model.name, pictureName: info.pictureName });
	const [head, tensors, features] = await Promise.all([
		services.readHead(model, signal),
		services.headTensors(),
		services.features(),
	]);
	const { mixing } = head;
	const sameFile = info.modelFile?.key === model.key;
	if (!mixing || features.channels !== head.channels || head.classes !== tensors.logits.channels) {
		throw changed();
	}
	const picture: RunPicture | undefined = mixing.readsPicture
		? { rgb: await services.rgb(), geometry: info.geometry, preprocessing: info.model.preprocessing }
		: undefined;
	const source = { model, features, picture };
	const others = await services.mixedMaps(source, signal);
	const maps = mixing.branches.map(({ output }, branch): FeatureMap => {
		const kept = info.model.branches.findIndex((each) => each.output === output);
		const map = output === undefined ? others[branch] : tensors.branches[kept];
		if (!map) {
			throw changed();
		}
		return map;
	});
	const loaded = { model, head, branches: mixing.branches, maps, source };
	if (sameFile && !info.multiScale) {
		return { ...loaded, labels: tensors.labels, logits: tensors.logits };
	}
	const [logits] = await services.ablate(source, maps, [maps.map(() => true)], signal);
	if (!logits || (!sameFile && (info.multiScale || !agree(tensors.logits.data, logits.data)))) {
		throw changed();
	}
	return info.multiScale
		? { ...loaded, labels: upsampleLabels(logits, info.geometry), logits }
		: { ...loaded, labels: tensors.labels, logits: tensors.logits };
}
