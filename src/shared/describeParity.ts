import * as l10n from '@vscode/l10n';
import type { GpuAdapter } from '../core/backend';
import type { DivergentLayer, ParityReport } from '../core/parity/report';
import type { ParityState } from './protocol/parity';

/** A mark beside the backend's name. */
export interface ParityMark {
	/** Codicon. */
	readonly icon: 'check' | 'warning' | 'loading' | 'info';
	/** Beside the icon; empty where the icon says it. */
	readonly text: string;
	/** Where nothing stands beside it. */
	readonly line: string;
	/** All of it, in a sentence or two. */
	readonly detail: string;
}

/** What a user reads of how WebGPU compares with WASM, in the display language. */
export function parityMark(state: ParityState): ParityMark {
	switch (state.kind) {
		case 'comparing':
			return {
				icon: 'loading',
				text: l10n.t('comparing…'),
				line: l10n.t('WebGPU is compared with WASM…'),
				detail:
					state.stage === 'search'
						? l10n.t('WebGPU differs from WASM; the first layer that differs is looked for.')
						: l10n.t('WebGPU is compared with WASM on this picture.'),
			};
		case 'compared': {
			const { report } = state;
			return report.agrees
				? {
						icon: 'check',
						text: '',
						line: l10n.t('WebGPU agrees with WASM, largest difference {0}', formatDifference(report.largestDifference)),
						detail: agreement(report),
					}
				: {
						icon: 'warning',
						text: differs(report.firstDiffering),
						line: report.firstDiffering
							? l10n.t('WebGPU differs from WASM from {0} on', report.firstDiffering.layer)
							: l10n.t('WebGPU differs from WASM'),
						detail: disagreement(report),
					};
		}
		case 'failed':
			return {
				icon: 'info',
				text: l10n.t('not compared'),
				line: l10n.t('WebGPU could not be compared with WASM'),
				detail: l10n.t('WebGPU could not be compared with WASM. {0}', state.message),
			};
		default: {
			const unknown: never = state;
			throw new Error(`unknown state ${JSON.stringify(unknown)}`);
		}
	}
}

/**
 * The one message after a disagreement.
 * @param modelName for people
 * @param switched whether the model runs on WASM from now on
 */
export function parityMessage(report: ParityReport, modelName: string, switched: boolean): string {
	return [
		l10n.t('“{0}”: {1}', modelName, disagreement(report)),
		...(switched ? [l10n.t('It runs on WASM from now on.')] : []),
	].join(' ');
}

/** A report for the terminal, a fact a line. */
export function parityFacts(report: ParityReport): readonly (readonly [title: string, value: string])[] {
	const { firstDiffering: first, limit } = report;
	return [
		[l10n.t('WebGPU'), report.agrees ? l10n.t('agrees with WASM') : l10n.t('differs from WASM')],
		[
			l10n.t('Largest difference'),
			l10n.t('{0} of the largest logit (limit {1})', formatDifference(report.largestDifference), limit.difference),
		],
		[
			l10n.t('Pixels of the same class'),
			l10n.t('{0} (limit {1})', formatAgreement(report.labelAgreement), formatAgreement(limit.labels)),
		],
		...(first
			? ([
					[
						l10n.t('First layer that differs'),
						l10n.t(
							'{0} ({1}): {2}, what it reads {3}',
							first.layer,
							first.operator,
							formatDifference(first.difference),
							formatDifference(first.inputDifference),
						),
					],
				] as const)
			: []),
		[l10n.t('Adapter'), adapterName(report.adapter) ?? l10n.t('unknown')],
		[l10n.t('onnxruntime'), report.runtime],
	];
}

/** In the adapter's own words; undefined where it has none. */
export function adapterName(adapter: GpuAdapter | undefined): string | undefined {
	if (!adapter) {
		return undefined;
	}
	const { vendor, architecture, device, description } = adapter;
	return description || device || [vendor, architecture].filter((word) => word !== '').join(' ') || undefined;
}

/** `0`, `2e-7`, `0.31`, `12`. */
export function formatDifference(difference: number | null): string {
	if (difference === null) {
		return l10n.t('not a number');
	}
	if (difference === 0 || difference >= 0.01) {
		return String(Number(difference.toPrecision(2)));
	}
	return difference.toExponential(0);
}

/** Rounded down, so that 100 % is all: `100 %`, `99.99 %`, `99.9 %`. */
function formatAgreement(share: number): string {
	return `${Math.floor(share * 10_000 + 1e-6) / 100} %`;
}

function agreement(report: ParityReport): string {
	const { adapter, largestDifference, labelAgreement, runtime } = report;
	return [
		l10n.t(
			'WebGPU agrees with WASM: largest difference {0} of the largest logit, {1} of the pixels have the same class.',
			formatDifference(largestDifference),
			formatAgreement(labelAgreement),
		),
		surroundings(adapter, runtime),
	].join(' ');
}

function disagreement({ adapter, firstDiffering, largestDifference, labelAgreement, runtime }: ParityReport): string {
	return [
		largestDifference === null
			? l10n.t(
					'WebGPU gives logits that are no numbers or of another size than WASM’s; {0} of the pixels have the same class.',
					formatAgreement(labelAgreement),
				)
			: l10n.t(
					'WebGPU differs from WASM: largest difference {0} of the largest logit, {1} of the pixels have the same class.',
					formatDifference(largestDifference),
					formatAgreement(labelAgreement),
				),
		...(firstDiffering ? [firstLayer(firstDiffering)] : []),
		surroundings(adapter, runtime),
	].join(' ');
}

function firstLayer({ layer, operator, difference, inputDifference }: DivergentLayer): string {
	return l10n.t(
		'First layer that differs: {0} ({1}), by {2}, where what it reads differs by {3}.',
		layer,
		operator,
		formatDifference(difference),
		formatDifference(inputDifference),
	);
}

function differs(first: DivergentLayer | undefined): string {
	return first ? l10n.t('differs from {0} on', first.layer) : l10n.t('differs');
}

function surroundings(adapter: GpuAdapter | undefined, runtime: string): string {
	const name = adapterName(adapter);
	return name === undefined ? l10n.t('(onnxruntime {0})', runtime) : l10n.t('({0}, onnxruntime {1})', name, runtime);
}
