/** What the page holds of a comparison of output strides, and its panel. */
import type { InspectorLayer } from '../../../shared/protocol/crf';
import type { InspectorRun, Probe } from '../../../shared/protocol/inspector';
import type {
	InspectorStrideMask,
	InspectorStrides,
	OutputStride,
	StrideAction,
	StrideEffect,
	StridePair,
} from '../../../shared/protocol/strides';
import { isStrideLayer } from '../toolbar/layerData';
import { type StrideReading, strideReading } from './strideData';
import { createStridePanel } from './stridePanel';

export interface StrideMasks {
	readonly pair: StridePair;
	/** At the run's display size, in the order of the pair. */
	readonly masks: readonly [Uint8Array, Uint8Array];
}

export interface StrideComparison {
	readonly element: HTMLElement;
	/** Another run is shown: nothing is compared. */
	reset(run: InspectorRun): void;
	set(strides: InspectorStrides | undefined): void;
	setMask(mask: InspectorStrideMask): void;
	/** Undefined until both are there, and counted. */
	readonly shown: StrideMasks | undefined;
	readonly effect: StrideEffect | undefined;
	readingAt(pixel: Probe): StrideReading | undefined;
	/** The panel is there with what it is about, while it works, and where it failed. */
	showPanel(layer: InspectorLayer): void;
}

export function createStrideComparison(act: (action: StrideAction) => void): StrideComparison {
	const panel = createStridePanel(act);
	panel.element.hidden = true;
	const masks = new Map<OutputStride, Uint8Array>();
	let run: InspectorRun | undefined;
	let strides: InspectorStrides | undefined;

	const shown = (): StrideMasks | undefined => {
		const [first, second] = (strides?.pair ?? []).map((stride) => masks.get(stride));
		return strides?.effect && first && second ? { pair: strides.pair, masks: [first, second] } : undefined;
	};
	return {
		element: panel.element,
		reset(next) {
			run = next;
			strides = undefined;
			masks.clear();
			panel.rest();
		},
		set(next) {
			strides = next;
			if (!next) {
				masks.clear();
				panel.rest();
			} else if (run) {
				panel.show(next, run.info.geometry);
			}
		},
		setMask: ({ stride, labels }) => void masks.set(stride, labels),
		get shown() {
			return shown();
		},
		get effect() {
			return strides?.effect;
		},
		readingAt(pixel) {
			const both = shown();
			return run && both && strideReading(run, both.pair, both.masks, pixel);
		},
		showPanel(layer) {
			const finished = strides?.effect !== undefined && strides.activity.kind === 'idle';
			panel.element.hidden = !strides || (finished && !isStrideLayer(layer));
		},
	};
}
