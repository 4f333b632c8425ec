import * as l10n from '@vscode/l10n';
import type { MemoryEstimate, ModelSummary } from '../core/onnx/summary';
import type { Problem } from '../core/problem';
import { classSetName } from './describeImport';

/** A model in one line, in the display language: backbone, stride, rates, classes. */
export function describeModel({ backbone, outputStride, rates, classes, classSet }: ModelSummary): string {
	return [
		l10n.t('{0}, output stride {1}', backbone, outputStride),
		...(rates.length > 0 ? [l10n.t('rates {0}', rates.join(', '))] : []),
		classSet ? l10n.t('{0} classes of {1}', classes, classSetName(classSet)) : l10n.t('{0} classes', classes),
	].join(' · ');
}

/** Instead of that, for a file that cannot be opened as it is. */
export function describeUnusable(problem: Problem, source: string): string {
	return problem.code === 'model.foreign'
		? l10n.t('of another tool, can be adopted · {0}', source)
		: l10n.t('cannot be used · {0}', source);
}

/** What a run takes, in the display language. */
export function describeMemory({ bytes, inputSize: [height, width] }: MemoryEstimate): string {
	const digits = bytes < 1e8 ? 1 : 2;
	return l10n.t(
		'about {0} MB of memory for {1} x {2} pixels, estimated',
		Number((bytes / 1e6).toPrecision(digits)),
		width,
		height,
	);
}
