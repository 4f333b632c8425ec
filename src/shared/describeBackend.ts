/** What a user reads of the backends, in the display language. */
import * as l10n from '@vscode/l10n';
import type { BackendChoice, BackendInfo, BackendRefusal, BackendStatus, GpuAdapter } from '../core/backend';

/** What runs a network, short: `WASM · 2 threads`, `WebGPU · NVIDIA ampere`. */
export function backendLabel({ name, threads, adapter }: BackendInfo): string {
	switch (name) {
		case 'wasm':
			return `WASM · ${threads === 1 ? l10n.t('1 thread') : l10n.t('{0} threads', threads)}`;
		case 'webgpu':
			return `WebGPU · ${adapter ? adapterLabel(adapter) : l10n.t('unknown GPU')}`;
		default: {
			const unknown: never = name;
			throw new Error(`unknown backend ${String(unknown)}`);
		}
	}
}

/** An adapter in a few words: whose it is, and of which family. */
export function adapterLabel({ vendor, architecture, device, description }: GpuAdapter): string {
	const brand = brands[vendor.toLowerCase()] ?? vendor;
	const words = [brand, architecture].filter(Boolean).join(' ');
	return words || device || description || l10n.t('unknown GPU');
}

/** All that an adapter says of itself. */
export function adapterDetail(adapter: GpuAdapter): string {
	const { device, description } = adapter;
	return [adapterLabel(adapter), device, description]
		.filter((text, i, all) => text && all.indexOf(text) === i)
		.join(', ');
}

/** Names as their owners write them. */
const brands: Readonly<Record<string, string>> = {
	amd: 'AMD',
	apple: 'Apple',
	arm: 'Arm',
	google: 'Google',
	intel: 'Intel',
	mesa: 'Mesa',
	microsoft: 'Microsoft',
	nvidia: 'NVIDIA',
	qualcomm: 'Qualcomm',
};

export function choiceLabel(choice: BackendChoice): string {
	switch (choice) {
		case 'auto':
			return l10n.t('Automatic');
		case 'webgpu':
			return 'WebGPU';
		case 'wasm':
			return 'WASM';
		default: {
			const unknown: never = choice;
			throw new Error(`unknown choice ${String(unknown)}`);
		}
	}
}

/** What a choice means. */
export function choiceDetail(choice: BackendChoice): string {
	switch (choice) {
		case 'auto':
			return l10n.t('WebGPU where there is a GPU for it, else WASM.');
		case 'webgpu':
			return l10n.t('The GPU, also one that is only software; WASM where there is none.');
		case 'wasm':
			return l10n.t('The CPU, everywhere the same.');
		default: {
			const unknown: never = choice;
			throw new Error(`unknown choice ${String(unknown)}`);
		}
	}
}

/** Why WebGPU is not used and what to do about it, each a sentence. */
export interface RefusalWords {
	readonly why: string;
	readonly remedy: string;
}

/** Why no more than one thread runs, and what to do about it; undefined where more could. */
export function threadWords({ sharedMemory }: BackendStatus): RefusalWords | undefined {
	return sharedMemory
		? undefined
		: {
				why: l10n.t('One thread runs: this page is not cross-origin isolated, so that memory cannot be shared.'),
				remedy: l10n.t('Add “?vscode-coi” to its address, where the site heeds that.'),
			};
}

/** Both sentences of {@link refusalWords}, and the words of what refused. */
export function describeRefusal(refusal: BackendRefusal): string {
	const { why, remedy } = refusalWords(refusal);
	const detail = clause(refusal.detail);
	const told = detail === '' || why.includes(detail);
	return [why, remedy, ...(told ? [] : [`(${detail})`])].join(' ');
}

export function refusalWords({ reason, detail: given }: BackendRefusal): RefusalWords {
	const detail = clause(given);
	const update = l10n.t('Install or update the graphics driver, then reload.');
	switch (reason) {
		case 'notChosen':
			return {
				why: l10n.t('WASM is what was chosen.'),
				remedy: l10n.t('Choose Automatic or WebGPU to use the GPU.'),
			};
		case 'noAdapter':
			return { why: l10n.t('WebGPU found no GPU.'), remedy: update };
		case 'noWebGpu':
			return {
				why: detail ? l10n.t('WebGPU could not be loaded: {0}.', detail) : l10n.t('There is no WebGPU here.'),
				remedy: detail
					? l10n.t('Install what is missing: the GPU’s drivers or, on Linux, the Vulkan loader.')
					: l10n.t('Use a browser that has it, or the desktop’s VS Code.'),
			};
		case 'nodeTooOld':
			return {
				why: l10n.t('WebGPU needs Node 24, this is {0}.', detail),
				remedy: l10n.t('Update VS Code, or Node in a terminal.'),
			};
		case 'notInBuild':
			return {
				why: l10n.t('This package has no WebGPU for {0}.', detail),
				remedy: l10n.t('Install the package for your platform, where there is one.'),
			};
		case 'blocklisted':
			return {
				why:
					detail === ''
						? l10n.t('The only GPU is a software one.')
						: l10n.t('The only GPU is a software one, {0}.', detail),
				remedy: l10n.t('Update the graphics driver, or choose WebGPU to use it: it is slower than WASM.'),
			};
		case 'noDevice':
			return { why: l10n.t('The GPU could not be opened.'), remedy: update };
		case 'disagrees':
			return {
				why: l10n.t('WebGPU’s logits were too far from WASM’s with this model.'),
				remedy: l10n.t('Update the graphics driver, then compare again.'),
			};
		case 'failed':
			return {
				why: l10n.t('WebGPU failed in an earlier run of this model.'),
				remedy: l10n.t('Choose the backend anew, or reload, to try it again.'),
			};
		default: {
			const unknown: never = reason;
			throw new Error(`unknown reason ${String(unknown)}`);
		}
	}
}

/** The one warning where WebGPU was asked for and WASM runs; undefined where there is nothing to warn of. */
export function refusalWarning({ chosen, webgpuRefused }: BackendStatus): string | undefined {
	return chosen === 'webgpu' && webgpuRefused && webgpuRefused.reason !== 'failed'
		? l10n.t('The network runs with WASM. {0}', describeRefusal(webgpuRefused))
		: undefined;
}

/** WebGPU has failed in a run that WASM has done in its place. */
export function describeFallback(detail: string, modelName: string): string {
	return l10n.t(
		'WebGPU failed with “{0}” ({1}). The run was done with WASM, and so are the next ones of this model.',
		modelName,
		clause(detail) || l10n.t('no detail is known'),
	);
}

/** First line only, short, without a full stop. */
function clause(detail: string): string {
	const line = (detail.trim().split('\n', 1)[0] ?? '').replace(/[.\s]+$/, '');
	return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
