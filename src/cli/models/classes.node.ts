import * as l10n from '@vscode/l10n';
import type { ImportOverrides } from '../../core/checkpoint/importCheckpoint';
import { classSetIds } from '../../core/classSets';
import { parseClassNames } from '../../shared/importInput';
import type { ClassesSource } from '../commandLine/commands';
import { readText } from '../platform/files.node';

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
