import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { decodeOnnx } from '../../core/onnx/decode';
import { adoptModel } from '../../core/onnx/discover/adopt';
import { encodeOnnx } from '../../core/onnx/encode';
import { InspectorError } from '../../core/problem';
import { describeAdoption } from '../../shared/describeAdoption';
import type { AdoptCommand } from '../commandLine/commands';
import { readModel, writeWhole } from '../platform/files.node';
import type { Terminal } from '../terminal';
import { readClasses } from './classes.node';
import { foundLines, writtenLine } from './modelText';

/**
 * Makes an ONNX model of another tool one that can be opened here: prints what was found, then writes.
 * @returns exit code
 * @throws InspectorError with the problem of the model, of the list of classes or of the place to write to
 */
export async function adopt(command: AdoptCommand, terminal: Terminal, signal: AbortSignal): Promise<number> {
	const { model: file, out } = command;
	if (path.resolve(file) === path.resolve(out)) {
		throw new InspectorError({ code: 'usage', detail: l10n.t('--out names the model itself: give another file.') });
	}
	const options = { ...command.options, classes: await readClasses(command.classes) };
	const { report, model } = adoptModel(decodeOnnx(await readModel(file), file), file, options);
	const bytes = encodeOnnx(model);
	for (const line of command.json
		? [JSON.stringify({ ...report, out }, null, '\t')]
		: foundLines(describeAdoption(report))) {
		terminal.out(line);
	}
	await writeWhole(out, bytes, signal);
	if (!command.json) {
		terminal.out(writtenLine(out, bytes));
	}
	return 0;
}
