import * as l10n from '@vscode/l10n';
import type { MemoryEstimate, ModelSummary } from '../core/onnx/summary';
import { classSetName } from './describeImport';

/** A model in one line, in the display language: backbone, stride, rates, classes. */
export function describeModel({ backbone, outputStride, rates, classes, classSet }: ModelSummary): string {
	return [
		l10n.t('{0}, output stride {1}', backbone, outputStride),
		l10n.t('rates {0}', rates.join(', ')),
		classSet ? l10n.t('{0} classes of {1}', classes, classSetName(classSet)) : l10n.t('{0} classes', classes),
	].join(' · ');
}

/** What a run takes, in the display language. */
export function describeMemory({ bytes, side }: MemoryEstimate): string {
	const digits = bytes < 1e8 ? 1 : 2;
	return l10n.t(
		'about {0} MB of memory for {1} x {1} pixels, estimated',
		Number((bytes / 1e6).toPrecision(digits)),
		side,
	);
}
