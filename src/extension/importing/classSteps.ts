import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { type ClassSetId, classSet, classSetIds } from '../../core/classSets';
import { InspectorError } from '../../core/problem';
import { classSetName } from '../../shared/describeImport';
import { parseClassNames } from '../../shared/importInput';
import type { ImportOverrides } from '../../shared/protocol/import';
import { baseName, errorDetail } from '../files';
import { pickOne, type StepPlace } from './steps';

/**
 * Which classes a network has: a data set's with as many, those of a text file, or numbers. Who chooses no file is asked again.
 * @param now focused first
 * @param place among other steps; undefined: alone, with a way back
 * @returns undefined where the user goes back or gives up
 * @throws InspectorError `usage` where the file cannot be read, or has another number of names
 */
export async function askClasses(
	classes: number,
	now: ClassSetId | 'file' | 'numbers',
	place?: StepPlace,
): Promise<ImportOverrides['classes']> {
	const fitting = classSetIds.filter((id) => classSet(id).length === classes);
	const picked = await pickOne<ClassSetId | 'file' | 'numbers'>({
		title: l10n.t('Classes'),
		placeholder: l10n.t('The head has {0} classes', classes),
		choices: [
			...fitting.map((id) => ({ label: classSetName(id), description: l10n.t('{0} classes', classes), value: id })),
			{
				label: l10n.t('From a Text File…'),
				description: l10n.t('a name a line, in the order of the labels'),
				value: 'file',
			},
			{ label: l10n.t('Numbered'), description: 'class 0, class 1, …', value: 'numbers' },
		],
		active: now,
		back: true,
		place,
	});
	switch (picked) {
		case undefined:
			return undefined;
		case 'numbers':
			return Array.from({ length: classes }, (_, label) => `class ${label}`);
		case 'file':
			return (await namesFromFile(classes)) ?? (await askClasses(classes, 'file', place));
		default:
			return picked;
	}
}

/** @throws InspectorError `usage` where the file cannot be read, or has another number of names */
async function namesFromFile(classes: number): Promise<readonly string[] | undefined> {
	const chosen = await vscode.window.showOpenDialog({
		title: l10n.t('Names of the Classes'),
		openLabel: l10n.t('Select'),
		filters: { [l10n.t('Text')]: ['txt', 'csv', 'names', 'md'], [l10n.t('All Files')]: ['*'] },
	});
	const file = chosen?.[0];
	if (!file) {
		return undefined;
	}
	const bytes = await vscode.workspace.fs.readFile(file).then(undefined, (error: unknown) => {
		const detail = l10n.t('“{0}” cannot be read ({1}).', baseName(file.path), errorDetail(error));
		throw new InspectorError({ code: 'usage', detail }, { cause: error });
	});
	const names = parseClassNames(new TextDecoder().decode(bytes));
	if (names.length !== classes) {
		const detail = l10n.t(
			'“{0}” has {1} names, and the network has {2} classes: give a name a line.',
			baseName(file.path),
			names.length,
			classes,
		);
		throw new InspectorError({ code: 'usage', detail });
	}
	return names;
}
