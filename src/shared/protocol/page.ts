/** What every webview page gets at its start, in the page's `data-page` attribute as JSON. */
export interface PageSetup {
	readonly page: 'inspector' | 'runs' | 'model' | 'crf' | 'aspp' | 'receptiveField' | 'doctor';
	/** l10n bundle of the display language; empty for English. */
	readonly l10n: Readonly<Record<string, string>>;
	/** BCP 47 tag of the display language. */
	readonly language: string;
}
