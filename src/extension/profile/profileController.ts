import * as vscode from 'vscode';
import { InspectorError } from '../../core/problem';
import type { RunProfile } from '../../core/profile/runProfile';
import { traceText } from '../../core/profile/traceFile';
import { describeProblem } from '../../shared/describeProblem';
import type { ProfileProgress, ProfileRequest } from '../../shared/protocol/profile';
import type { InspectorPanel } from '../inspector/inspectorPanel';
import type { InspectorPanels } from '../inspector/inspectorPanels';
import type { Models } from '../models/models';
import type { Inference } from '../platform/platform';
import type { ProblemReporter } from '../problems';
import type { RunStore } from '../runs/runStore';
import type { Saving } from '../saving';
import { readPicture } from '../segmenting/readPicture';
import { Profiler } from './profiler';

export interface ProfileParts {
	/** Of its own: a worker that has run nothing else tells the memory of one network, and ends when it is done. */
	readonly inference: () => Promise<Inference>;
	readonly models: Models;
	readonly store: RunStore;
	readonly panels: InspectorPanels;
	readonly saving: Saving;
	readonly problems: ProblemReporter;
	readonly log: vscode.LogOutputChannel;
}

/** Ties the profiles of runs to the Inspectors that show them. */
export class ProfileController implements vscode.Disposable {
	private readonly profiler: Profiler;
	/** Where a profile was asked for, and of which run. */
	private readonly open = new Map<InspectorPanel, { readonly runId: string; readonly folded: boolean }>();
	private readonly following: vscode.Disposable;
	/** Milliseconds that the page took to draw a run. */
	private readonly drawTimes = new Map<string, number>();

	constructor(private readonly parts: ProfileParts) {
		const { store, problems, panels } = parts;
		this.following = panels.onDidChange(() => this.follow());
		this.profiler = new Profiler({
			measure: (runId, options) => this.run(runId, options),
			read: (runId) => store.profile(runId),
			keep: (runId, profile) => store.keepProfile(runId, profile),
			changed: (runId) => this.tell(runId),
			report: (error, runId) => describeProblem(problems.report(error, `Profiling ${runId}`, { told: true })),
		});
	}

	/**
	 * Shows the profile in a run's Inspector, measured anew.
	 * @throws InspectorError `run.notFound`, or as {@link Profiler.measure}
	 */
	async profile(runId: string): Promise<RunProfile> {
		const { info } = await this.parts.store.find(runId);
		this.openIn(this.parts.panels.showRun(info), runId);
		return await this.profiler.measure(runId);
	}

	request(panel: InspectorPanel, { runId, action }: ProfileRequest): void {
		if (!shows(panel, runId)) {
			return;
		}
		switch (action) {
			case 'open':
				this.openIn(panel, runId);
				this.profiler
					.open(runId, () => this.isOpen(runId))
					.catch((error: unknown) => this.parts.log.error(String(error)));
				return;
			case 'close':
				// What is being measured goes on: the fold is opened again for it.
				this.open.set(panel, { runId, folded: true });
				return;
			case 'measure':
				// What fails is told in the page.
				this.profiler.measure(runId).catch(() => undefined);
				return;
			case 'cancel':
				this.profiler.cancel(runId);
				return;
			default: {
				const unknown: never = action;
				throw new Error(`unknown action ${String(unknown)}`);
			}
		}
	}

	/**
	 * Saves the profile as a trace.
	 * @returns the file's name, or null where the user changed their mind
	 * @throws InspectorError `run.notFound` where there is none, or `output.unwritable`
	 */
	async save(runId: string): Promise<string | null> {
		const profile = await this.profiler.kept(runId);
		if (!profile) {
			throw new InspectorError({ code: 'run.notFound', name: (await this.parts.store.find(runId)).info.pictureName });
		}
		return await this.parts.saving.saveProfile(runId, traceText(profile));
	}

	drawn(runId: string, milliseconds: number): void {
		this.drawTimes.set(runId, milliseconds);
	}

	/** A page that was hidden has forgotten it. */
	pageIsReady(panel: InspectorPanel): void {
		const opened = this.open.get(panel);
		if (opened && !opened.folded) {
			this.tellPanel(panel, opened.runId);
		}
	}

	dispose(): void {
		this.following.dispose();
		this.profiler.cancel();
	}

	private openIn(panel: InspectorPanel, runId: string): void {
		this.open.set(panel, { runId, folded: false });
	}

	/** Forgets the Inspectors that are closed or show another run; a profile that was measured for them alone is cancelled. */
	private follow(): void {
		const panels = new Set(this.parts.panels.all);
		for (const [panel, { runId }] of this.open) {
			if (!panels.has(panel) || !shows(panel, runId)) {
				this.open.delete(panel);
				if (!this.isOpen(runId)) {
					this.profiler.cancel(runId);
				}
			}
		}
	}

	private isOpen(runId: string): boolean {
		return [...this.open.values()].some((opened) => opened.runId === runId);
	}

	private tell(runId: string): void {
		for (const [panel, opened] of this.open) {
			if (opened.runId === runId && !opened.folded) {
				this.tellPanel(panel, runId);
			}
		}
	}

	private tellPanel(panel: InspectorPanel, runId: string): void {
		const state = this.profiler.stateOf(runId) ?? { kind: 'reading' };
		panel.tellRun(runId, 'profile', { runId, state });
	}

	/** Takes the run's picture through its model again, as the run was made. */
	private async run(
		runId: string,
		options: { readonly signal: AbortSignal; readonly onProgress: (progress: ProfileProgress) => void },
	): Promise<RunProfile> {
		const { models, log } = this.parts;
		const { info } = await this.parts.store.find(runId);
		const { pictureName, geometry, multiScale, modelFile } = info;
		const bytes = await readPicture(vscode.Uri.parse(info.pictureUri));
		const model = modelFile ? await models.ofRun(modelFile) : await models.current();
		const { client } = await this.parts.inference();
		const profile = await client.profile(
			{
				picture: { name: pictureName, bytes },
				model,
				longestSide: Math.max(geometry.resizedWidth, geometry.resizedHeight),
				preprocessing: info.model.preprocessing,
				...(multiScale ? { multiScale: multiScale.rule } : {}),
			},
			options,
		);
		const [height, width] = profile.pictureSize;
		if (width !== geometry.pictureWidth || height !== geometry.pictureHeight) {
			const was = `${geometry.pictureWidth} x ${geometry.pictureHeight}`;
			const detail = `the file has another picture now, ${width} x ${height} pixels instead of ${was}`;
			throw new InspectorError({ code: 'picture.unreadable', name: pictureName, detail });
		}
		const [inputHeight, inputWidth] = profile.inputSize;
		const sameInput = inputWidth === geometry.inputWidth && inputHeight === geometry.inputHeight;
		if (profile.modelName !== info.model.name || !sameInput) {
			throw new InspectorError({ code: 'model.changed', name: model.name, pictureName });
		}
		log.info(
			`Profiled ${pictureName}: network ${profile.profiledMilliseconds.toFixed(0)} ms with its operators timed, ` +
				`${profile.plainMilliseconds.toFixed(0)} ms without; ${profile.passes} passes each`,
		);
		const draw = this.drawTimes.get(runId);
		return draw === undefined
			? profile
			: { ...profile, stages: [...profile.stages, { stage: 'draw', milliseconds: draw }] };
	}
}

function shows({ state }: InspectorPanel, runId: string): boolean {
	return state.kind === 'run' && state.info.id === runId;
}
