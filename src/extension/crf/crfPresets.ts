import type * as vscode from 'vscode';
import { type CrfParameters, checkCrfParameters, crfPresets } from '../../core/crf/parameters';
import type { CrfPresetItem } from '../../shared/protocol/crf';

const storageKey = 'deeplab.crfPresets';
const ownPrefix = 'own:';

interface OwnPreset {
	readonly name: string;
	readonly parameters: CrfParameters;
}

/** The presets that ship, and the user's own, which all windows share. */
export class CrfPresets {
	constructor(private readonly storage: Pick<vscode.Memento, 'get' | 'update'>) {}

	list(): readonly CrfPresetItem[] {
		return [
			...crfPresets.map((preset) => ({ ...preset, own: false })),
			...this.own().map(({ name, parameters }) => ({ id: ownPrefix + name, name, parameters, own: true })),
		];
	}

	/** Whether a preset that ships has this name. */
	isTaken(name: string): boolean {
		return crfPresets.some((preset) => preset.name.toLowerCase() === name.trim().toLowerCase());
	}

	/** Keeps settings under a name, in the place of the user's own of that name. */
	async save(name: string, parameters: CrfParameters): Promise<void> {
		const entry: OwnPreset = { name: name.trim(), parameters };
		const own = this.own();
		const at = own.findIndex((preset) => preset.name === entry.name);
		await this.storage.update(storageKey, at < 0 ? [...own, entry] : own.with(at, entry));
	}

	/** Those that ship stay. */
	async remove(id: string): Promise<void> {
		const kept = this.own().filter(({ name }) => ownPrefix + name !== id);
		await this.storage.update(storageKey, kept);
	}

	/** What the storage holds and can be used. */
	private own(): OwnPreset[] {
		const stored: unknown = this.storage.get(storageKey);
		return Array.isArray(stored) ? stored.filter(isPreset) : [];
	}
}

function isPreset(value: unknown): value is OwnPreset {
	if (typeof value !== 'object' || value === null || !('name' in value) || !('parameters' in value)) {
		return false;
	}
	const { name, parameters } = value;
	if (typeof name !== 'string' || name === '' || typeof parameters !== 'object' || parameters === null) {
		return false;
	}
	try {
		checkCrfParameters(parameters as CrfParameters);
		return true;
	} catch {
		return false;
	}
}
