/** What the host tells of the run on the screen, and what of it is drawn or read anew. */
import type {
	InspectorBranches,
	InspectorBranchLogits,
	InspectorDominance,
	InspectorFields,
	InspectorGradient,
} from '../../../shared/protocol/aspp';
import type { CrfTies, InspectorCrf, InspectorCrfUpdate } from '../../../shared/protocol/crf';
import type { InspectorStrideMask, InspectorStrides } from '../../../shared/protocol/strides';
import type { Blink } from '../picture/blink';
import { updatedCrf } from '../readout/crfReadData';
import type { RunContents } from './contents';
import type { Drawn } from './drawn';
import type { RunPicture } from './runPicture';
import type { RunReadout } from './runReadout';

export interface RunUpdates {
	/** What the CRF found of the run that is shown; undefined where there is nothing (any more). */
	setCrf(crf: InspectorCrf | undefined): void;
	/** As {@link setCrf}; the maps that an update leaves out stay as they are. */
	updateCrf(update: InspectorCrfUpdate | undefined): void;
	setTies(ties: CrfTies | undefined): void;
	/** The mask of the branches that are on; undefined: all are, at the rates they were trained at. */
	setBranches(branches: InspectorBranches | undefined): void;
	/** What is read out of the mask that {@link setBranches} told last. */
	setBranchLogits(logits: InspectorBranchLogits): void;
	setDominance(dominance: InspectorDominance | undefined): void;
	setFields(fields: InspectorFields | undefined): void;
	setGradient(gradient: InspectorGradient | undefined): void;
	/** The comparison of output strides; undefined: there is none. */
	setStrides(strides: InspectorStrides | undefined): void;
	setStrideMask(mask: InspectorStrideMask): void;
}

/** @param showLayer the layers there are to choose of, or what is told of the one drawn, may be others */
export function createRunUpdates(
	contents: RunContents,
	drawn: Drawn,
	blink: Blink,
	picture: Pick<RunPicture, 'redraw'>,
	readout: Pick<RunReadout, 'show'>,
	showLayer: () => void,
): RunUpdates {
	const setCrf = (next: InspectorCrf | undefined) => {
		if (contents.setCrf(next)) {
			if (!next) {
				blink.stop();
			}
			showLayer();
		}
	};
	return {
		setCrf,
		updateCrf(update) {
			const next = update && updatedCrf(contents.crf, update);
			if (next || !update) {
				setCrf(next);
			}
		},
		setTies(next) {
			contents.setTies(next);
			if (next) {
				blink.stop();
			}
			picture.redraw();
		},
		setBranches(next) {
			if (contents.setBranches(next)) {
				showLayer();
			}
		},
		setBranchLogits(next) {
			if (contents.setBranchLogits(next)) {
				readout.show();
			}
		},
		setDominance(next) {
			if (contents.setDominance(next)) {
				showLayer();
			}
		},
		setFields(next) {
			if (contents.setFields(next)) {
				picture.redraw();
			}
		},
		setGradient(next) {
			if (contents.setGradient(next)) {
				if (next) {
					blink.stop();
				}
				picture.redraw();
			}
		},
		setStrides(next) {
			const compared = drawn.strides();
			if (contents.setStrides(next)) {
				if (compared && !drawn.strides()) {
					blink.stop();
				}
				showLayer();
			}
		},
		setStrideMask(mask) {
			if (contents.setStrideMask(mask)) {
				showLayer();
			}
		},
	};
}
