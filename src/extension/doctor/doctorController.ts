import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { decodeLabelPng } from '../../core/image/palettePng';
import type { AdoptOptions } from '../../core/onnx/discover/adopt';
import { InspectorError, toProblem } from '../../core/problem';
import { describeProblem } from '../../shared/describeProblem';
import type { DoctorAction, DoctorMask, DoctorProgress, DoctorState } from '../../shared/protocol/doctor';
import type { AdoptedModel } from '../../shared/protocol/worker';
import { baseName } from '../files';
import type { InspectorPanels } from '../inspector/inspectorPanels';
import type { ModelLibrary } from '../models/modelLibrary';
import { pickModel } from '../models/modelPick';
import type { Model, Models } from '../models/models';
import type { Parity } from '../parity/parity';
import type { Inference } from '../platform/platform';
import type { ProblemReporter } from '../problems';
import { pictureExtensions, pictureInActiveEditor } from '../segmenting/pictureChoice';
import { readPicture } from '../segmenting/readPicture';
import type { SettingsReader } from '../settings';
import { DoctorPanel } from './doctorPanel';
import { Exam } from './exam';
import { keepChoice } from './keepChoice';
import { adoptedPatient, type Patient } from './patient';

export interface DoctorParts {
	readonly extensionUri: vscode.Uri;
	readonly inference: () => Promise<Inference>;
	readonly adopt: (model: Model, options: AdoptOptions, signal: AbortSignal) => Promise<AdoptedModel>;
	readonly models: Models;
	readonly library: ModelLibrary;
	readonly panels: InspectorPanels;
	readonly settings: SettingsReader;
	readonly parity: Pick<Parity, 'backendFor'>;
	readonly problems: ProblemReporter;
	readonly log: vscode.LogOutputChannel;
}

/** What is examined, and on what. */
export interface DoctorSubject {
	readonly picture?: vscode.Uri | undefined;
	/** The one in use where it is left out. */
	readonly model?: vscode.Uri | undefined;
	/** For a model of another tool: what has been said of it. */
	readonly adoption?: AdoptOptions | undefined;
}

interface Visit {
	readonly id: number;
	readonly picture: vscode.Uri;
	/** Another one once a choice was kept in it. */
	model: vscode.Uri;
	readonly adoption: AdoptOptions;
	/** Milliseconds since the epoch. */
	since: number;
	controller: AbortController;
	patient: Patient | undefined;
	exam: Exam | undefined;
	/** Why nothing goes on; undefined while something does, and when all is done. */
	ended: { readonly kind: 'failed'; readonly message: string } | { readonly kind: 'cancelled' } | undefined;
	/** Tiles whose masks the page has not been sent. */
	readonly fresh: Set<string>;
}

/** The preprocessing doctor: one picture under the likely preprocessings of one model, in one tab. */
export class DoctorController implements vscode.Disposable {
	private panel: DoctorPanel | undefined;
	private visit: Visit | undefined;
	private visits = 0;
	private disposed = false;
	private readonly subscription: vscode.Disposable;

	constructor(private readonly parts: DoctorParts) {
		this.subscription = parts.settings.onDidChange(({ maskOpacity }) => this.panel?.setOpacity(maskOpacity));
	}

	/**
	 * Examines a model on a picture; asks for what is not known. What was examined before is left.
	 * @returns done when every choice is computed, cancelled or given up; false where the user changed their mind
	 */
	async open(subject: DoctorSubject = {}): Promise<boolean> {
		const model = subject.model ?? (await this.modelInUse());
		const picture = model && (subject.picture ?? pictureInActiveEditor(this.parts.panels) ?? (await askPicture()));
		if (!model || !picture || this.disposed) {
			return false;
		}
		this.visit?.controller.abort();
		this.visits++;
		const visit: Visit = {
			id: this.visits,
			picture,
			model,
			adoption: subject.adoption ?? {},
			since: Date.now(),
			controller: new AbortController(),
			patient: undefined,
			exam: undefined,
			ended: undefined,
			fresh: new Set(),
		};
		this.visit = visit;
		if (this.panel) {
			this.panel.reveal();
			this.panel.show(this.state());
		} else {
			this.panel = this.createPanel();
		}
		await this.examine(visit);
		return true;
	}

	/** What the page shows. */
	state(): DoctorState {
		const { visit } = this;
		if (!visit) {
			return { kind: 'empty' };
		}
		const names = { modelName: baseName(visit.model.path), pictureName: baseName(visit.picture.path) };
		if (!visit.exam) {
			return visit.ended ? { ...names, ...visit.ended } : { kind: 'loading', ...names, since: visit.since };
		}
		const { exam } = visit;
		return {
			kind: 'exam',
			exam: {
				...names,
				id: visit.id,
				adopting: visit.patient?.adopting ?? false,
				classes: exam.metadata.classes,
				ignoreLabel: exam.metadata.ignoreLabel,
				picture: exam.picture,
				progress: progressOf(visit, exam),
				masks: masksOf(
					exam,
					exam.tiles.map(({ id }) => id),
				),
			},
		};
	}

	/** Ends what is being computed; what is computed stays. */
	cancel(): void {
		this.visit?.controller.abort();
	}

	/**
	 * Compares the masks with ground truth; undefined: no more.
	 * @throws InspectorError `picture.*` where it cannot be read or does not fit
	 */
	async compareWith(uri: vscode.Uri | undefined): Promise<void> {
		const { visit } = this;
		if (visit?.exam) {
			const name = uri && baseName(uri.path);
			const truth = uri && name !== undefined ? { name, ...decodeLabelPng(await readPicture(uri), name) } : undefined;
			await visit.exam.compareWith(truth);
		}
	}

	/**
	 * Writes a choice into a model's file and makes the model the one in use; the user is asked where.
	 * @param choiceId of the exam that is shown
	 * @returns the model; undefined where the user changed their mind
	 * @throws InspectorError `output.unwritable`, or the model's problem
	 */
	async keep(choiceId: string): Promise<Model | undefined> {
		const { visit } = this;
		if (!visit?.exam || !visit.patient) {
			return undefined;
		}
		const { exam, patient } = visit;
		const model =
			!patient.adopting && choiceId === exam.current
				? // There is nothing to write.
					await this.parts.models.use(patient.file.uri)
				: await this.write(patient, exam, choiceId);
		if (!model) {
			return undefined;
		}
		const { log } = this.parts;
		log.info(`Preprocessing ${choiceId} kept in ${model.uri.toString(true)}, which is the model in use`);
		visit.patient = { handle: patient.handle, file: model, adopting: false };
		visit.model = model.uri;
		exam.keep(choiceId);
		if (visit === this.visit) {
			this.panel?.show(this.state());
		}
		return model;
	}

	dispose(): void {
		this.disposed = true;
		this.subscription.dispose();
		this.visit?.controller.abort();
		this.panel?.dispose();
	}

	private async write(patient: Patient, exam: Exam, id: string): Promise<Model | undefined> {
		const { models, extensionUri } = this.parts;
		const { client } = await this.parts.inference();
		return await keepChoice(
			{
				models,
				extensionUri,
				prepare: (preprocessing, signal) => client.replacePreprocessing(patient.handle, preprocessing, { signal }),
			},
			{ patient, id, before: exam.preprocessingOf(exam.current), preprocessing: exam.preprocessingOf(id) },
			// The computing may be cancelled, and the tab closed, while the choice is kept.
			new AbortController().signal,
		);
	}

	private async examine(visit: Visit): Promise<void> {
		const { signal } = visit.controller;
		visit.ended = undefined;
		visit.since = Date.now();
		try {
			if (visit.exam) {
				const running = visit.exam.run(signal);
				this.tell(visit);
				await running;
				return;
			}
			const exam = await this.begin(visit, signal);
			const running = exam.run(signal);
			this.showIfCurrent(visit);
			await running;
		} catch (error) {
			if (visit !== this.visit || this.disposed) {
				return;
			}
			const problem = this.parts.problems.report(
				signal.aborted ? new InspectorError({ code: 'cancelled' }, { cause: error }) : error,
				`Examining ${visit.model.toString(true)} on ${visit.picture.toString(true)}`,
				{ told: this.panel?.visible ?? false },
			);
			visit.ended =
				problem.code === 'cancelled' ? { kind: 'cancelled' } : { kind: 'failed', message: describeProblem(problem) };
			if (visit.exam) {
				this.tell(visit);
			} else {
				this.showIfCurrent(visit);
			}
		}
	}

	/** A model that turns out to be of another tool is adopted with what has been said of it. */
	private async begin(visit: Visit, signal: AbortSignal): Promise<Exam> {
		const { models, settings, parity, adopt } = this.parts;
		const file = await models.read(visit.model);
		const picture = { name: baseName(visit.picture.path), bytes: await readPicture(visit.picture) };
		const { client } = await this.parts.inference();
		const begun = async (patient: Patient) => {
			const exam = await Exam.begin(
				{
					picture,
					model: patient.handle,
					longestSide: settings.current.longestSide,
					backend: () => parity.backendFor(patient.handle.key),
					segment: (request, options) => client.segment(request, options),
					onChange: (computed) => {
						for (const id of computed) {
							visit.fresh.add(id);
						}
						this.tell(visit);
					},
				},
				signal,
			);
			visit.patient = patient;
			visit.exam = exam;
			return exam;
		};
		try {
			return await begun({ handle: file, file, adopting: false });
		} catch (error) {
			if (toProblem(error).code !== 'model.foreign') {
				throw error;
			}
			return await begun(await adoptedPatient(file, visit.adoption, adopt, signal));
		}
	}

	/** Tells the page what has changed since it was last told. */
	private tell(visit: Visit): void {
		if (visit === this.visit && visit.exam && !this.disposed) {
			const masks = masksOf(visit.exam, [...visit.fresh]);
			visit.fresh.clear();
			this.panel?.update({ examId: visit.id, progress: progressOf(visit, visit.exam), masks });
		}
	}

	private showIfCurrent(visit: Visit): void {
		if (visit === this.visit && !this.disposed) {
			visit.fresh.clear();
			this.panel?.show(this.state());
		}
	}

	private createPanel(): DoctorPanel {
		const { extensionUri, log, settings } = this.parts;
		const ofThis = (examId: number) => (this.visit?.id === examId ? this.visit.exam : undefined);
		return new DoctorPanel({
			extensionUri,
			log,
			opacity: () => settings.current.maskOpacity,
			state: () => this.state(),
			act: (action) => this.act(action),
			mask: ({ examId, id }): DoctorMask | null => ofThis(examId)?.mask(id) ?? null,
			keep: async ({ examId, id }) => {
				if (!ofThis(examId)) {
					return null;
				}
				try {
					return (await this.keep(id))?.name ?? null;
				} catch (error) {
					this.parts.problems.report(error, 'Keeping a preprocessing');
					return null;
				}
			},
			closed: () => {
				this.panel = undefined;
				this.visit?.controller.abort();
				this.visit = undefined;
			},
		});
	}

	private act(action: DoctorAction): void {
		const { visit } = this;
		const told = (work: Promise<unknown>) => {
			work.catch((error: unknown) => this.parts.problems.report(error, 'Preprocessing doctor'));
		};
		switch (action) {
			case 'cancel':
				this.cancel();
				return;
			case 'resume':
				if (visit?.ended) {
					visit.controller = new AbortController();
					const { exam } = visit;
					void this.examine(visit);
					if (!exam) {
						this.showIfCurrent(visit);
					}
				}
				return;
			case 'choosePicture':
				told(this.choosePicture());
				return;
			case 'chooseModel':
				told(this.chooseModel());
				return;
			case 'chooseTruth':
				told(this.chooseTruth());
				return;
			case 'removeTruth':
				told(this.compareWith(undefined));
				return;
			case 'showLog':
				this.parts.log.show(true);
				return;
			default: {
				const unknown: never = action;
				throw new Error(`unknown action ${String(unknown)}`);
			}
		}
	}

	private async choosePicture(): Promise<void> {
		const { visit } = this;
		const picture = await askPicture();
		if (picture) {
			await this.open({ picture, ...(visit ? { model: visit.model, adoption: visit.adoption } : {}) });
		}
	}

	private async chooseModel(): Promise<void> {
		const { visit } = this;
		const model = await this.askModel(visit?.model);
		if (model) {
			await this.open({ model, picture: visit?.picture });
		}
	}

	private async chooseTruth(): Promise<void> {
		const chosen = await vscode.window.showOpenDialog({
			title: l10n.t('Compare with a Mask'),
			openLabel: l10n.t('Compare'),
			filters: { [l10n.t('Masks')]: ['png'] },
		});
		if (chosen?.[0]) {
			await this.compareWith(chosen[0]);
		}
	}

	/** The model of the settings; where there is none the user is asked. */
	private async modelInUse(): Promise<vscode.Uri | undefined> {
		try {
			return (await this.parts.models.current()).uri;
		} catch (error) {
			if (toProblem(error).code !== 'model.notFound') {
				throw error;
			}
			return await this.askModel(undefined);
		}
	}

	private async askModel(current: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
		return await pickModel(this.parts, {
			title: l10n.t('Preprocessing Doctor'),
			current: async () => current?.toString(),
		});
	}
}

function progressOf({ ended, since }: Visit, exam: Exam): DoctorProgress {
	return {
		tiles: exam.tiles,
		current: exam.current,
		running: exam.running,
		failure: ended?.kind === 'failed' ? ended.message : undefined,
		truth: exam.truthName,
		since,
	};
}

function masksOf(exam: Exam, ids: readonly string[]): Record<string, DoctorMask> {
	const masks: Record<string, DoctorMask> = {};
	for (const id of ids) {
		const mask = exam.tileMask(id);
		if (mask) {
			masks[id] = mask;
		}
	}
	return masks;
}

async function askPicture(): Promise<vscode.Uri | undefined> {
	const chosen = await vscode.window.showOpenDialog({
		title: l10n.t('Preprocessing Doctor'),
		openLabel: l10n.t('Examine'),
		filters: { [l10n.t('Pictures')]: [...pictureExtensions] },
	});
	return chosen?.[0];
}
