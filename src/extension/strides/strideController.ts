import type * as vscode from 'vscode';
import { InspectorError, toProblem } from '../../core/problem';
import type { RunInfo } from '../../core/run';
import { describeProblem } from '../../shared/describeProblem';
import type { InspectorPageMethods } from '../../shared/protocol/inspector';
import { type InspectorStrides, type StrideAction, type StridePair, stridePairs } from '../../shared/protocol/strides';
import { atOutputStride, type ModelHandle } from '../../worker/client/client';
import type { CrfController } from '../crf/crfController';
import type { InspectorPanel } from '../inspector/inspectorPanel';
import type { InspectorPanels } from '../inspector/inspectorPanels';
import type { Models } from '../models/models';
import type { Parity } from '../parity/parity';
import type { Inference } from '../platform/platform';
import type { ProblemReporter } from '../problems';
import type { RunStore } from '../runs/runStore';
import { StrideSession, type StrideSessionServices } from './strideSession';

export interface StrideControllerParts {
	readonly inference: () => Promise<Inference>;
	readonly models: Models;
	readonly store: RunStore;
	readonly panels: InspectorPanels;
	/** Keeps the layer that a run's Inspector draws. */
	readonly crf: Pick<CrfController, 'layerOf' | 'showLayer'>;
	readonly parity: Pick<Parity, 'backendFor'>;
	readonly problems: ProblemReporter;
	readonly log: vscode.LogOutputChannel;
}

/** The comparisons of output strides of the runs that are shown. */
export class StrideController implements vscode.Disposable {
	private readonly sessions = new Map<string, StrideSession>();
	private readonly following: vscode.Disposable;

	constructor(private readonly parts: StrideControllerParts) {
		this.following = parts.panels.onDidChange(() => this.follow());
	}

	/**
	 * Compares a run's masks at two output strides in its Inspector; it gets one where it has none.
	 * @param pair undefined: the one that is compared already, else one with the model's own stride
	 * @throws InspectorError `run.notFound`, what failed, or `cancelled`
	 */
	async compare(runId: string, pair?: StridePair): Promise<InspectorStrides> {
		const { panels, store } = this.parts;
		const kept = await store.find(runId);
		if (!panels.all.some(({ state }) => state.kind === 'run' && state.info.id === runId)) {
			panels.showRun(kept.info);
		}
		const session = this.sessionOf(kept.info);
		await this.opened(session);
		const shown = await session.show(pair ?? session.state?.pair ?? firstPair(kept.info));
		await session.flush();
		return shown;
	}

	/** What is compared of a run. */
	stateOf(runId: string): InspectorStrides | undefined {
		return this.sessions.get(runId)?.state;
	}

	/**
	 * A run's mask at the second stride of what is compared, one label a picture pixel.
	 * @throws InspectorError `run.notFound` where there is none
	 */
	async mask(runId: string): Promise<Uint8Array> {
		const mask = this.sessions.get(runId)?.mask;
		if (!mask) {
			throw new InspectorError({ code: 'run.notFound', name: this.parts.store.get(runId)?.info.pictureName ?? runId });
		}
		return mask;
	}

	/* The Inspectors' side. */

	act({ state }: InspectorPanel, action: StrideAction): void {
		if (state.kind !== 'run') {
			return;
		}
		switch (action.kind) {
			case 'compare':
				// What fails is told there.
				this.sessionOf(state.info)
					.show(action.pair)
					.catch(() => undefined);
				return;
			case 'cancel':
				this.sessions.get(state.info.id)?.cancel();
				return;
			case 'close':
				this.sessions.get(state.info.id)?.close();
				return;
			case 'showLog':
				this.parts.log.show(true);
				return;
			default: {
				const unknown: never = action;
				throw new Error(`unknown action ${JSON.stringify(unknown)}`);
			}
		}
	}

	/** A page that shows a run is told what is compared of it, and what was when it was kept. */
	pageIsReady({ state }: InspectorPanel): void {
		if (state.kind === 'run') {
			const session = this.sessionOf(state.info);
			session.pageIsReady();
			void this.opened(session);
		}
	}

	/** To be called when {@link StrideControllerParts.crf} knows of it. */
	layerReported({ state }: InspectorPanel): void {
		if (state.kind === 'run') {
			this.sessionOf(state.info).layerReported();
		}
	}

	dispose(): void {
		this.following.dispose();
		for (const session of this.sessions.values()) {
			session.dispose();
		}
		this.sessions.clear();
	}

	/** Lets go of the runs that are shown no more. */
	private follow(): void {
		const shown = new Set(this.parts.panels.all.map(({ state }) => (state.kind === 'run' ? state.info.id : undefined)));
		for (const [id, session] of this.sessions) {
			if (!shown.has(id)) {
				this.sessions.delete(id);
				session.dispose();
			}
		}
	}

	/** Done when what is kept is shown. Never fails. */
	private async opened(session: StrideSession): Promise<void> {
		try {
			await session.open();
		} catch (error) {
			// It is closed again, or the run was removed meanwhile.
			if (this.sessions.get(session.info.id) === session) {
				const { pictureName } = session.info;
				this.parts.log.warn(`The comparison of output strides of ${pictureName} cannot be read: ${String(error)}`);
			}
		}
	}

	private sessionOf(info: RunInfo): StrideSession {
		const session = this.sessions.get(info.id) ?? new StrideSession(info, this.servicesOf(info));
		this.sessions.set(info.id, session);
		return session;
	}

	private servicesOf(info: RunInfo): StrideSessionServices {
		const { inference, models, store, panels, crf, parity, problems, log } = this.parts;
		const { id, pictureName, geometry, multiScale } = info;
		/** Of the model that surely gives the run's mask. */
		let known = info.modelFile?.key;
		const tell = <K extends 'strides' | 'strideMask'>(method: K, params: InspectorPageMethods[K]['params']) => {
			for (const panel of panels.all) {
				panel.tellRun(id, method, params);
			}
		};
		return {
			loadKept: () => store.strides(id),
			keep: async (strides) => {
				try {
					await store.keepStrides(id, strides);
				} catch (error) {
					// A run that has just been removed needs no comparison.
					if (toProblem(error).code !== 'run.notFound') {
						problems.report(error, `Keeping the comparison of output strides of ${pictureName}`);
					}
				}
			},
			loadOwn: async () => {
				const [labels, { displayStep }] = await Promise.all([store.labels(id), store.shown(id)]);
				return { labels, step: displayStep };
			},
			segment: async (outputStride, options) => {
				const model = await (info.modelFile ? models.ofRun(info.modelFile) : models.current());
				const [{ client }, { rgb, labels }] = await Promise.all([inference(), store.picture(id)]);
				const at = (handle: ModelHandle) =>
					client.segmentAtStride(
						{
							model: handle,
							// What differs is to be the stride's doing alone.
							backend: info.backend.name === 'wasm' ? 'wasm' : parity.backendFor(model.key),
							rgb,
							geometry,
							preprocessing: info.model.preprocessing,
							...(multiScale ? { multiScale: multiScale.rule } : {}),
						},
						options,
					);
				// A file that has been written since then is taken only where it gives what the run has.
				if (known !== model.key && differing((await at(model)).labels, labels) > tolerance) {
					throw new InspectorError({ code: 'model.changed', name: model.name, pictureName });
				}
				known = model.key;
				const run = await at(atOutputStride(model, outputStride));
				const stages = run.timings.map(({ stage, milliseconds }) => `${stage} ${milliseconds.toFixed(0)} ms`);
				log.info(`${pictureName} at output stride ${outputStride}: ${stages.join(', ')}`);
				return run;
			},
			show: (strides) => tell('strides', strides),
			showMask: (mask) => tell('strideMask', mask),
			showLayer: (layer) => crf.showLayer(id, layer),
			layer: () => crf.layerOf(id),
			report: (error) => {
				const problem = problems.report(error, `Comparing output strides of ${pictureName}`, { told: true });
				return { problem, message: describeProblem(problem) };
			},
		};
	}
}

/** Pixels that two runs of one network may differ in, as a share: other threads or another machine add up otherwise. */
const tolerance = 1e-3;

/** Share of the pixels whose label differs, 0…1. */
function differing(one: Uint8Array, other: Uint8Array): number {
	let count = 0;
	for (let i = 0; i < other.length; i++) {
		count += one[i] === other[i] ? 0 : 1;
	}
	return count / other.length;
}

/** The run's own mask, and the next. */
function firstPair({ model }: RunInfo): StridePair {
	return stridePairs.find((pair) => pair.some((stride) => stride === model.outputStride)) ?? stridePairs[0];
}
