export interface Column {
	readonly title: string;
	readonly align: 'left' | 'right';
}

/** Lines of text with the columns aligned, two spaces apart, the titles first. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
	const widths = columns.map((column, i) => Math.max(column.title.length, ...rows.map((row) => (row[i] ?? '').length)));
	const line = (cells: readonly string[]) =>
		columns
			.map(({ align }, i) => {
				const cell = cells[i] ?? '';
				return align === 'left' ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!);
			})
			.join('  ')
			.trimEnd();
	return [line(columns.map((column) => column.title)), ...rows.map(line)];
}
