import type { BackendName } from '../../core/backend';
import { fields, numbers, texts } from '../runs/recordFields';

/** Checks a `BackendInfo` that a JSON file holds. @throws Error that says what is wrong */
export function checkBackend(backend: unknown): void {
	texts(backend, 'backend', ['name']);
	numbers(backend, 'backend', ['threads']);
	const [name] = fields(backend, 'backend', ['name']);
	if (!names.some((known) => known === name)) {
		throw new Error(`the backend ${String(name)} is not known`);
	}
	const { adapter } = backend as { readonly adapter?: unknown };
	if (adapter !== undefined) {
		texts(adapter, 'adapter', ['vendor', 'architecture', 'device', 'description']);
	}
}

const names: readonly BackendName[] = ['wasm', 'webgpu'];
