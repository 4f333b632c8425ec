/** What is said and drawn of the scale that each pixel's class has its logit from. */
import * as l10n from '@vscode/l10n';
import type { MultiScaleNote } from '../../../core/segmentation/multiScale';
import type { InspectorRun, Probe } from '../../../shared/protocol/inspector';
import { pixelOf, type Rgb, rateColors } from '../../shared/colors';

/** One colour a scale; as of dilation rates, the larger the further from the background. */
export function scaleColors({ scales }: MultiScaleNote, background: 'dark' | 'light'): readonly Rgb[] {
	const colors = rateColors(scales.length, background);
	const bySize = [...scales].sort((a, b) => a - b);
	return scales.map((scale) => colors[bySize.indexOf(scale)]!);
}

/** A canvas pixel for each index of a scale; clear for what is none. */
export function scalePixels(note: MultiScaleNote, background: 'dark' | 'light'): Uint32Array {
	const pixels = new Uint32Array(256);
	for (const [index, color] of scaleColors(note, background).entries()) {
		pixels[index] = pixelOf(color, 255);
	}
	return pixels;
}

/** @param scales index of a scale, at the run's display size */
export function winningScaleText(run: InspectorRun, scales: Uint8Array, { x, y }: Probe): string | undefined {
	const column = Math.min(run.displayWidth - 1, Math.floor(x / run.displayStep));
	const row = Math.min(run.displayHeight - 1, Math.floor(y / run.displayStep));
	const scale = run.info.multiScale?.scales[scales[row * run.displayWidth + column] ?? -1];
	return scale === undefined ? undefined : l10n.t('logit of scale {0}', scale);
}
