import * as l10n from '@vscode/l10n';

/** A file's size for display, with three digits: `8.56 MB`. */
export function formatBytes(bytes: number): string {
	if (bytes < 1000) {
		return l10n.t('{0} bytes', bytes);
	}
	return bytes < 999_500 ? `${(bytes / 1e3).toPrecision(3)} kB` : `${Number((bytes / 1e6).toPrecision(3))} MB`;
}
