import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { type ImportOverrides, importCheckpoint } from '../core/checkpoint/importCheckpoint';
import { classSetIds } from '../core/classSets';
import { encodeOnnx } from '../core/onnx/encode';
import { InspectorError } from '../core/problem';
import { describeImport } from '../shared/describeImport';
import { parseClassNames } from '../shared/importInput';
import type { ImportCommand } from './commandLine.node';
import { readText, readWeights, writeWhole } from './files.node';
import type { ClassesSource } from './importOptions';
import type { Terminal } from './segment.node';

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
	const { facts, notes } = describeImport(report);
	if (command.json) {
		terminal.out(JSON.stringify({ ...report, out }, null, '\t'));
	} else {
		const label = Math.max(...facts.map(([title]) => title.length));
		for (const [title, value] of facts) {
			terminal.out(`  ${title.padEnd(label)}  ${value}`);
		}
		for (const note of notes) {
			terminal.out(note);
		}
	}
	const bytes = encodeOnnx(model);
	await writeWhole(out, bytes, signal);
	if (!command.json) {
		terminal.out(`→ ${out}  ${l10n.t('{0} bytes', new Intl.NumberFormat('en').format(bytes.length))}`);
	}
	return 0;
}

/** @throws InspectorError `usage` for a file that cannot be read */
export async function readClasses(source: ClassesSource | undefined): Promise<ImportOverrides['classes']> {
	if (source?.kind !== 'file') {
		return source?.id;
	}
	const sets = classSetIds.join(', ');
	const text = await readText(
		source.file,
		l10n.t('--classes takes {0} or a text file, and “{1}” is no file that can be read.', sets, source.file),
	);
	return parseClassNames(text);
}
