import * as l10n from '@vscode/l10n';
import type * as vscode from 'vscode';
import { InspectorError } from '../../core/problem';
import type { InspectorPanels } from '../inspector/inspectorPanels';
import type { ProblemReporter } from '../problems';
import type { Segmentation } from '../segmenting/segmentation';
import type { ModelLibrary } from './modelLibrary';
import { pickModel } from './modelPick';
import type { Models } from './models';

export interface SegmentWithModelParts {
	readonly models: Models;
	readonly library: ModelLibrary;
	readonly panels: InspectorPanels;
	readonly segmentation: Segmentation;
	readonly problems: ProblemReporter;
}

/**
 * Segments the picture of the Inspector once more, with a model that the user chooses; the setting stays as it is.
 * @param given the model's file, where it is known
 * @throws InspectorError `run.notFound` without a picture, or the model's problem; what fails later is told by the run
 */
export async function segmentWithAnother(parts: SegmentWithModelParts, given?: vscode.Uri): Promise<void> {
	const { models, panels, segmentation } = parts;
	const panel = panels.lastActive;
	const picture = panel?.pictureUri;
	if (!panel || !picture) {
		throw new InspectorError({ code: 'run.notFound', name: '' });
	}
	const { state } = panel;
	const note = state.kind === 'run' ? state.info.modelFile : undefined;
	const current = () =>
		(note ? models.ofRun(note) : models.current()).then(
			({ uri }) => uri.toString(),
			() => undefined,
		);
	const uri = given ?? (await pickModel(parts, { title: l10n.t('Segment With Another Model'), current }));
	if (!uri) {
		return;
	}
	const model = await models.read(uri);
	await models.remember(uri);
	await segmentation.segment(picture, { model }).catch(() => undefined);
}
