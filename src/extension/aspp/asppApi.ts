import type {
	AsppMaps,
	AsppViewState,
	MapReading,
	MeasuredField,
	MixedMaps,
	ReceptiveFieldState,
} from '../../shared/protocol/aspp';
import type { Probe } from '../../shared/protocol/inspector';
import type { AsppController } from './asppController';

/** The ASPP head of the run in the Inspector that was active last, as the extension's API has it. */
export interface AsppApi {
	/** What the ASPP Branches view shows. */
	branches(): AsppViewState;
	/** What the Receptive Field view shows. */
	receptiveField(): ReceptiveFieldState;
	/** Reads the head where it has not been; a failure is in {@link branches}. */
	open(): Promise<void>;
	/** A class's score maps; null where the head is not there. */
	maps(label: number): AsppMaps | null;
	/** Maps of a mixed head's branches; null where the head is another or not there. */
	mixedMaps(reading: MapReading): MixedMaps | null;
	setOn(on: readonly boolean[]): void;
	setRates(rates: readonly number[]): void;
	/** Undefined: the probe pixel's winner. */
	setClass(label: number | undefined): void;
	setProbe(probe: Probe | undefined): void;
	showDominance(shown: boolean): void;
	/**
	 * The mask of the branches as they are set, one label a picture pixel.
	 * @throws an error whose `problem` says what kept the head from being read
	 */
	mask(): Promise<Uint8Array>;
	/** Measures an effective receptive field; done when it has ended, failures are in {@link receptiveField}. */
	measure(branch: number | undefined, over: MeasuredField['over']): Promise<void>;
	cancelMeasuring(): void;
}

export function asppApi(controller: AsppController): AsppApi {
	return {
		branches: () => controller.asppState(),
		receptiveField: () => controller.fieldState(),
		open: async () => await controller.current?.open(),
		maps: (label) => controller.current?.maps(label) ?? null,
		mixedMaps: (reading) => controller.current?.mixedMaps(reading) ?? null,
		setOn: (on) => controller.current?.setOn(on),
		setRates: (rates) => controller.current?.setRates(rates),
		setClass: (label) => controller.current?.setClass(label),
		setProbe: (probe) => controller.setProbe(probe),
		showDominance: (shown) => controller.current?.showDominance(shown),
		mask: async () => await controller.mask(controller.current?.info.id ?? ''),
		measure: (branch, over) => controller.measure(branch, over),
		cancelMeasuring: () => controller.current?.cancelMeasuring(),
	};
}
