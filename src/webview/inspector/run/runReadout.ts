/** The line that reads a pixel out: the one under the pointer, else the probe's. */
import type { Probe } from '../../../shared/protocol/inspector';
import { dominanceText } from '../legend/branchesData';
import type { WinningScales } from '../legend/winningScales';
import { crfReading, crfTopic } from '../readout/crfReadData';
import { readingOf } from '../readout/probeData';
import { createReadout, type Readout } from '../readout/readout';
import type { StrideComparison } from '../strides/strideComparison';
import { maskOf } from '../toolbar/layerData';
import type { RunFacts } from './contents';
import type { Drawn } from './drawn';

export interface RunReadout extends Pick<Readout, 'element' | 'announce' | 'notify'> {
	readonly probe: Probe | undefined;
	setProbe(probe: Probe | undefined): void;
	/** The pixel under the pointer; undefined beside the picture. */
	setPointed(pixel: Probe | undefined): void;
	/** Something else is drawn, or more is known of it. */
	show(): void;
}

/** @param onPointed the class under the pointer, of the mask that is read */
export function createRunReadout(
	facts: RunFacts,
	drawn: Drawn,
	strides: StrideComparison,
	scales: WinningScales,
	onPointed: (label: number | undefined) => void,
): RunReadout {
	const readout = createReadout();
	let probe: Probe | undefined;
	let pointed: Probe | undefined;

	/** What the layer says of a pixel, in place of its runner-up. */
	const remarkAt = (pixel: Probe): string | undefined => {
		const { run, dominance } = facts;
		switch (drawn.spokenOf()) {
			case 'dominance':
				return run && dominance ? dominanceText(run, dominance, pixel) : undefined;
			case 'winningScale':
				return scales.textAt(pixel);
			default:
				return undefined;
		}
	};
	const show = () => {
		const { run, crf, branches } = facts;
		const layer = drawn.spokenOf();
		const pixel = pointed ?? probe;
		const data = run && pixel && readingOf(run, layer === 'branches' ? branches : undefined, pixel);
		const topic = crfTopic(layer);
		const reading = run && pixel && crf && topic && crfReading(run, crf, pixel);
		const compared = pixel && drawn.strides() && strides.readingAt(pixel);
		readout.show(
			data,
			pointed === undefined,
			run && topic && reading ? { topic, reading, classes: run.info.model.classes } : undefined,
			pixel && remarkAt(pixel),
			compared && { text: compared.text, color: run?.info.model.classes[compared.label]?.color ?? [128, 128, 128] },
		);
		const label = compared ? compared.label : reading ? reading[maskOf(layer)] : data?.best?.label;
		onPointed(pointed && label);
	};
	return {
		element: readout.element,
		announce: () => readout.announce(),
		notify: (message, kind) => readout.notify(message, kind),
		get probe() {
			return probe;
		},
		setProbe(next) {
			probe = next;
			show();
		},
		setPointed(pixel) {
			pointed = pixel;
			show();
		},
		show,
	};
}
