/** Where a command's lines go: what it prints, and what it warns of. */
export interface Terminal {
	out(line: string): void;
	error(line: string): void;
}
