/** What the views are told of a run whose head is DeepLabv3's: smooth maps of a few channels, brighter where the class is. */
import type { AsppHead } from '../../../src/core/aspp/types';
import type { FeatureMap } from '../../../src/core/run';
import type { LoadedMixedHead } from '../../../src/extension/aspp/mixedLoading';
import { MixedState } from '../../../src/extension/aspp/mixedState';
import type { MixedRunView, ReceptiveFieldRunView } from '../../../src/shared/protocol/aspp';
import type { InspectorRun, Probe } from '../../../src/shared/protocol/inspector';
import { headOf } from './asppFixtures';

const rates = [12, 24, 36];
const channels = 12;

export function mixedHead(classes: number): AsppHead {
	const value = (name: string) => `/classifier/${name}/Relu_output_0`;
	return {
		...headOf(rates, classes, false),
		mixing: {
			branches: [
				{ kind: 'pointwise', rate: undefined, output: undefined, value: value('convs.0') },
				...rates.map((rate, index) => ({
					kind: 'dilated' as const,
					rate,
					output: `aspp.${rate}`,
					value: value(`convs.${index + 1}`),
				})),
				{ kind: 'pooling', rate: undefined, output: undefined, value: value('convs.4') },
			],
			readsPicture: false,
		},
	};
}

function branchMaps({ info, logits }: InspectorRun, signed: boolean): readonly FeatureMap[] {
	const { gridWidth: width, gridHeight: height } = info.geometry;
	const plane = width * height;
	const own = info.classes[0]?.label ?? 0;
	return Array.from({ length: rates.length + 2 }, (_, branch) => {
		const data = new Float32Array(channels * plane);
		for (let channel = 0; channel < channels; channel++) {
			for (let cell = 0; cell < plane; cell++) {
				const [x, y] = [(cell % width) / width, Math.floor(cell / width) / height];
				const wave = Math.sin(x * (4 + branch) + channel) * Math.cos(y * (3 + channel / 3) - branch);
				const answer = 0.12 * (logits.data[own * plane + cell] ?? 0) * Math.sin(channel + 1);
				// What is pooled is the same everywhere.
				const value = branch === rates.length + 1 ? 0.3 + 0.25 * Math.sin(channel * 2.1) : wave + answer;
				data[channel * plane + cell] = signed ? value : Math.max(0, value);
			}
		}
		return { channels, height, width, data };
	});
}

export interface MixedSettings {
	readonly on?: readonly boolean[];
	readonly label?: number;
	readonly probe?: Probe | undefined;
	/** Branches without which the layers behind have not been run yet; all where there is none. */
	readonly pending?: readonly number[];
	/** Whether the maps have values below zero. */
	readonly signed?: boolean;
}

/** The state as the host holds it, after the layers behind have been run without each branch. */
export function mixedState(run: InspectorRun, { on, pending = [], signed = false }: MixedSettings = {}): MixedState {
	const { logits, labels, info } = run;
	const maps = branchMaps(run, signed);
	const model = { key: 'v3', name: 'v3.onnx', load: async () => new Uint8Array() };
	const head = mixedHead(info.model.classes.length);
	const loaded: LoadedMixedHead = {
		model,
		labels,
		head,
		branches: head.mixing!.branches,
		maps,
		logits,
		source: { model, features: maps[0]!, picture: undefined },
	};
	const state = new MixedState(info, loaded);
	const scaled = (factor: number): FeatureMap => ({ ...logits, data: logits.data.map((value) => value * factor) });
	const all = maps.map(() => true);
	state.take(all, logits);
	for (const off of maps.keys()) {
		if (!pending.includes(off)) {
			state.take(
				all.map((_, branch) => branch !== off),
				scaled([0.93, 0.6, 0.82, 1.08, -0.2][off]!),
			);
		}
	}
	state.setOn(on ?? all);
	return state;
}

export function mixedViewOf(run: InspectorRun, settings: MixedSettings = {}): MixedRunView {
	const { info } = run;
	const state = mixedState(run, settings);
	const probe = 'probe' in settings ? settings.probe : { x: 212, y: 133 };
	const label = settings.label ?? (probe ? state.winnerAt(probe) : (info.classes[0]?.label ?? 0));
	return {
		runId: info.id,
		pictureName: info.pictureName,
		geometry: info.geometry,
		classes: info.model.classes,
		branches: state.info,
		on: state.set.on,
		label,
		labelIsChosen: settings.label !== undefined,
		present: info.classes.map(({ label: each }) => each),
		probe,
		atProbe: probe && state.atProbe(probe, label),
		effect: undefined,
		busy: false,
		problem: undefined,
	};
}

export function mixedFieldViewOf(run: InspectorRun, settings: MixedSettings = {}): ReceptiveFieldRunView {
	const { runId, pictureName, classes, label, probe } = mixedViewOf(run, settings);
	const state = mixedState(run, settings);
	return {
		runId,
		pictureName,
		geometry: state.grid,
		classes,
		head: state.head,
		rates: state.rates,
		on: state.rates.map(() => true),
		label,
		probe,
		explanation: probe && state.field(probe),
		drawn: true,
		measured: [],
		shownField: undefined,
		activity: { kind: 'idle' },
	};
}
