/** What there is of the run on the screen, as the host told it, and the layers that it is drawn with. */
import type {
	EffectiveField,
	InspectorBranches,
	InspectorBranchLogits,
	InspectorDominance,
	InspectorFields,
	InspectorGradient,
} from '../../../shared/protocol/aspp';
import type { CrfTies, InspectorCrf } from '../../../shared/protocol/crf';
import type { InspectorRun } from '../../../shared/protocol/inspector';
import type { InspectorStrideMask, InspectorStrides } from '../../../shared/protocol/strides';
import { branchPlaces } from '../../shared/branches';
import { themeBackground } from '../../shared/theme';
import { dominancePixels } from '../legend/branchesData';
import { scalePixels } from '../legend/winningScaleData';
import type { WinningScales } from '../legend/winningScales';
import { createLayers, type Layers } from '../picture/layers';
import type { MaskStyle } from '../picture/maskData';
import type { StrideComparison } from '../strides/strideComparison';
import type { Extras } from '../toolbar/layerData';

/** Undefined is what there is not (yet). */
export interface RunFacts {
	readonly run: InspectorRun | undefined;
	readonly layers: Layers | undefined;
	readonly crf: InspectorCrf | undefined;
	readonly ties: CrfTies | undefined;
	/** The mask of the branches that are on. */
	readonly branches: InspectorBranches | undefined;
	readonly dominance: InspectorDominance | undefined;
	readonly fields: InspectorFields | undefined;
	readonly gradient: EffectiveField | undefined;
	/** Place in the colours, by branch. */
	readonly places: readonly number[];
	readonly extras: Extras;
}

/** Those that set something say whether it is of the run: what came too late is not, and is not taken. */
export interface RunContents extends RunFacts {
	/** Another run is shown, of which there is only this. */
	reset(run: InspectorRun, crf: InspectorCrf | undefined, style: MaskStyle): Layers;
	setCrf(next: InspectorCrf | undefined): boolean;
	setTies(next: CrfTies | undefined): void;
	setBranches(next: InspectorBranches | undefined): boolean;
	setBranchLogits(next: InspectorBranchLogits): boolean;
	setDominance(next: InspectorDominance | undefined): boolean;
	setFields(next: InspectorFields | undefined): boolean;
	setGradient(next: InspectorGradient | undefined): boolean;
	setStrides(next: InspectorStrides | undefined): boolean;
	setStrideMask(next: InspectorStrideMask): boolean;
	/** The map of the winning scales has come. */
	drawScales(): void;
	/** The theme's colours are others. */
	recolor(): void;
	/** Layers of their own, at full size: those on the screen may be coarser and keep what they make. */
	fullLayers(run: InspectorRun, style: MaskStyle): Layers;
}

/** @param strides, scales what keeps the comparison of output strides, and the winning scales */
export function createRunContents(strides: StrideComparison, scales: WinningScales): RunContents {
	let run: InspectorRun | undefined;
	let layers: Layers | undefined;
	let crf: InspectorCrf | undefined;
	let ties: CrfTies | undefined;
	let branches: InspectorBranches | undefined;
	let dominance: InspectorDominance | undefined;
	let fields: InspectorFields | undefined;
	let gradient: EffectiveField | undefined;

	const places = () => branchPlaces(run?.info.model.branches.map(({ rate }) => rate) ?? []);
	const isOfRun = (next: { readonly runId: string } | undefined) =>
		run !== undefined && (!next || next.runId === run.info.id);
	const drawDominance = (target: Layers | undefined) =>
		target?.setDominance(dominance?.branches, dominancePixels(places()));
	const drawScales = (target: Layers | undefined) => {
		const note = run?.info.multiScale;
		if (note) {
			target?.setWinningScales(scales.map, scalePixels(note, themeBackground()));
		}
	};

	return {
		get run() {
			return run;
		},
		get layers() {
			return layers;
		},
		get crf() {
			return crf;
		},
		get ties() {
			return ties;
		},
		get branches() {
			return branches;
		},
		get dominance() {
			return dominance;
		},
		get fields() {
			return fields;
		},
		get gradient() {
			return gradient;
		},
		get places() {
			return places();
		},
		get extras() {
			return {
				crf: crf !== undefined,
				branches: branches !== undefined,
				dominance: dominance !== undefined,
				winningScale: run?.info.multiScale !== undefined,
				strides: strides.shown !== undefined,
			};
		},
		reset(next, nextCrf, style) {
			run = next;
			crf = nextCrf;
			ties = undefined;
			branches = undefined;
			dominance = undefined;
			fields = undefined;
			gradient = undefined;
			strides.reset(next);
			scales.reset(next);
			layers = createLayers(next, style);
			layers.setCrf(crf);
			return layers;
		},
		setCrf(next) {
			const taken = isOfRun(next);
			if (taken) {
				crf = next;
				layers?.setCrf(next);
			}
			return taken;
		},
		setTies(next) {
			ties = next;
			layers?.setTies(next);
		},
		setBranches(next) {
			const taken = isOfRun(next);
			if (taken) {
				branches = next;
				layers?.setBranches(next?.labels);
			}
			return taken;
		},
		setBranchLogits({ runId, logits }) {
			const taken = branches?.runId === runId;
			if (taken) {
				branches = { ...branches!, logits };
			}
			return taken;
		},
		setDominance(next) {
			const taken = isOfRun(next);
			if (taken) {
				dominance = next;
				drawDominance(layers);
			}
			return taken;
		},
		setFields(next) {
			const taken = isOfRun(next);
			if (taken) {
				fields = next;
			}
			return taken;
		},
		setGradient(next) {
			const taken = isOfRun(next);
			if (taken) {
				gradient = next?.field;
				layers?.setGradient(gradient);
			}
			return taken;
		},
		setStrides(next) {
			const taken = isOfRun(next);
			if (taken) {
				strides.set(next);
				layers?.setStrides(strides.shown?.masks);
			}
			return taken;
		},
		setStrideMask(next) {
			const taken = isOfRun(next);
			if (taken) {
				strides.setMask(next);
				layers?.setStrides(strides.shown?.masks);
			}
			return taken;
		},
		drawScales: () => drawScales(layers),
		recolor() {
			drawDominance(layers);
			drawScales(layers);
		},
		fullLayers(of, style) {
			const full = createLayers(of, style);
			full.setCrf(crf);
			full.setTies(ties);
			full.setBranches(branches?.labels);
			drawDominance(full);
			full.setGradient(gradient);
			full.setStrides(strides.shown?.masks);
			drawScales(full);
			return full;
		},
	};
}
