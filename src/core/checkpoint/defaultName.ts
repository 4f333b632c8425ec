/** What a model is called after the checkpoint that it is from. */
export function defaultName(file: string): string {
	return `DeepLabv2, ${file.replace(/^.*[\\/]/, '')}`;
}
