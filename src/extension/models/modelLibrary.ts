import * as vscode from 'vscode';
import type { ModelSummary } from '../../shared/protocol/import';
import type { Inference } from '../platform/platform';
import type { Model, Models } from './models';

const importedKey = 'importedModels';
const summariesKey = 'modelSummaries.2';
const importedLimit = 100;
const summariesLimit = 200;

type Summaries = Readonly<Record<string, ModelSummary>>;

/** Remembers the models that were imported, in every workspace, and what each model is. */
export class ModelLibrary {
	constructor(
		private readonly memory: vscode.Memento,
		private readonly models: Models,
		private readonly inference: () => Promise<Inference>,
	) {}

	/** Newest first; some may be gone. */
	get imported(): readonly vscode.Uri[] {
		return this.memory.get<readonly string[]>(importedKey, []).map((text) => vscode.Uri.parse(text));
	}

	async addImported(model: Model, summary: ModelSummary): Promise<void> {
		const text = model.uri.toString();
		const others = this.memory.get<readonly string[]>(importedKey, []).filter((other) => other !== text);
		await this.memory.update(importedKey, [text, ...others].slice(0, importedLimit));
		await this.keep(model, summary);
	}

	/** Takes a model off the list; its file is left alone. */
	async forget(uri: vscode.Uri): Promise<void> {
		const text = uri.toString();
		const imported = this.memory.get<readonly string[]>(importedKey, []);
		await this.memory.update(
			importedKey,
			imported.filter((other) => other !== text),
		);
		await this.models.forget(uri);
	}

	/** What is known of a model without reading it. */
	known({ key }: Model): ModelSummary | undefined {
		return this.memory.get<Summaries>(summariesKey, {})[key];
	}

	/**
	 * What a model is; it is read once.
	 * @throws InspectorError with the model's problem, or `cancelled`
	 */
	async summary(model: Model, signal: AbortSignal): Promise<ModelSummary> {
		const known = this.known(model);
		if (known) {
			return known;
		}
		const { client } = await this.inference();
		const summary = await client.summarizeModel(model, { signal });
		await this.keep(model, summary);
		return summary;
	}

	private async keep({ key }: Model, summary: ModelSummary): Promise<void> {
		const { [key]: _, ...others } = this.memory.get<Summaries>(summariesKey, {});
		const entries = [[key, summary] as const, ...Object.entries(others)].slice(0, summariesLimit);
		await this.memory.update(summariesKey, Object.fromEntries(entries));
	}
}
