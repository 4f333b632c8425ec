import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { type ImportOverrides, importCheckpoint } from '../../core/checkpoint/importCheckpoint';
import { encodeOnnx } from '../../core/onnx/encode';
import { InspectorError } from '../../core/problem';
import { describeImport } from '../../shared/describeImport';
import type { ImportCommand } from '../commandLine/commands';
import { readWeights, writeWhole } from '../platform/files.node';
import type { Terminal } from '../terminal';
import { readClasses } from './classes.node';
import { foundLines, writtenLine } from './modelText';

/**
 * Makes a model file of a published checkpoint: prints what was found, then writes.
 * @returns exit code
 * @throws InspectorError with the problem of the checkpoint, of the list of classes or of the place to write to
 */
export async function importModel(command: ImportCommand, terminal: Terminal, signal: AbortSignal): Promise<number> {
	const { checkpoint, out } = command;
	if (path.resolve(checkpoint) === path.resolve(out)) {
		throw new InspectorError({
			code: 'usage',
			detail: l10n.t('--out names the checkpoint itself: give another file.'),
		});
	}
	const overrides: ImportOverrides = { ...command.overrides, classes: await readClasses(command.classes) };
	const { report, model } = importCheckpoint(await readWeights(checkpoint), checkpoint, overrides);
	for (const line of command.json
		? [JSON.stringify({ ...report, out }, null, '\t')]
		: foundLines(describeImport(report))) {
		terminal.out(line);
	}
	const bytes = encodeOnnx(model);
	await writeWhole(out, bytes, signal);
	if (!command.json) {
		terminal.out(writtenLine(out, bytes));
	}
	return 0;
}
