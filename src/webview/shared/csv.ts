/** Tables of numbers as CSV (RFC 4180), in UTF-8. */

export type CsvCell = string | number | undefined;

/** @returns the rows with a line end after each; undefined is an empty cell */
export function csvBytes(rows: readonly (readonly CsvCell[])[]): Uint8Array {
	return new TextEncoder().encode(rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join(''));
}

function cellText(cell: CsvCell): string {
	const text = cell === undefined ? '' : String(cell);
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A file name from a picture's: `cat.png` and `branches` make `cat-branches.csv`. */
export function figureName(pictureName: string, what: string, extension: string): string {
	return `${pictureName.replace(/\.[^.]*$/, '')}-${what}.${extension}`;
}
