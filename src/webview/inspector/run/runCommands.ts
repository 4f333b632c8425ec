/** What the keys do to the run on the screen. */
import type { InspectorRun, Probe } from '../../../shared/protocol/inspector';
import { moveProbe } from '../../shared/probeSteps';
import type { Command } from '../keyboard';
import type { Viewport } from '../picture/viewport';
import { zoomStep } from '../toolbar/toolbar';
import type { LayerChoice } from './layerChoice';
import type { RunPicture } from './runPicture';
import type { RunReadout } from './runReadout';

/** Help is the page's. */
export type RunCommand = Exclude<Command, { kind: 'help' }>;

export interface RunCommandEvents {
	/** Index of the branch that is to be on alone; undefined: all. */
	onSoloBranch(branch: number | undefined): void;
	/** The next class alone, or the one before. */
	onCycleClass(step: 1 | -1): void;
	/** The probe is to be there; undefined: nowhere. */
	onPin(probe: Probe | undefined): void;
}

/** @returns what does it; `held`: for `pictureAlone`, whether the key is down */
export function createRunCommands(
	events: RunCommandEvents,
	viewport: Viewport,
	picture: Pick<RunPicture, 'setAlone'>,
	layers: LayerChoice,
	readout: RunReadout,
): (run: InspectorRun, command: RunCommand, held: boolean) => void {
	return ({ info }, command, held) => {
		switch (command.kind) {
			case 'zoomIn':
				viewport.zoomBy(zoomStep);
				return;
			case 'zoomOut':
				viewport.zoomBy(1 / zoomStep);
				return;
			case 'fit':
				viewport.fit();
				return;
			case 'actualSize':
				viewport.actualSize();
				return;
			case 'toggleMask':
				layers.toggleMask();
				return;
			case 'toggleCrf':
				layers.toggleCrf();
				return;
			case 'blink':
				layers.toggleBlink();
				return;
			case 'unpin':
				events.onPin(undefined);
				return;
			case 'soloBranch':
				// Beside those of a mixed head that the metadata names there are others.
				if (info.model.branches.length > (info.model.join === 'mixed' ? 0 : (command.branch ?? 0))) {
					events.onSoloBranch(command.branch);
				}
				return;
			case 'cycleClass':
				events.onCycleClass(command.step);
				return;
			case 'pictureAlone':
				picture.setAlone(held);
				return;
			case 'moveProbe': {
				const next = moveProbe(readout.probe, info.geometry, command.dx, command.dy, command.unit);
				// The pointer may rest over the picture: what moves is the probe, so that is what is read out.
				readout.setPointed(undefined);
				events.onPin(next);
				viewport.reveal(next);
				readout.announce();
				return;
			}
			default: {
				const unknown: never = command;
				throw new Error(`unknown command ${JSON.stringify(unknown)}`);
			}
		}
	};
}
