import * as vscode from 'vscode';
import type { NetworkDescription } from '../../core/model';
import { toProblem } from '../../core/problem';
import { describeProblem } from '../../shared/describeProblem';
import type { ParityState } from '../../shared/protocol/parity';
import type { ModelHostMethods, ModelPageMethods, ModelState } from '../../shared/protocol/sideViews';
import type { Handlers } from '../../shared/rpc';
import { SideView } from '../pages/sideView';
import type { Model, Models } from './models';

/** The Model view: the network of the model that is set. */
export class ModelView extends SideView<ModelHostMethods, ModelPageMethods> {
	private state: ModelState | undefined;
	private described: { readonly key: string; readonly network: Promise<NetworkDescription> } | undefined;
	/** Counts requests, so that a late answer to an earlier one is dropped. */
	private asked = 0;

	constructor(
		extensionUri: vscode.Uri,
		private readonly models: Models,
		private readonly describe: (model: Model) => Promise<NetworkDescription>,
		private readonly parityOf: (modelKey: string) => ParityState | undefined,
		private readonly log: vscode.LogOutputChannel,
	) {
		super(extensionUri, 'model');
	}

	/** How WebGPU compares with WASM on a model may have changed. */
	parityChanged(modelKey: string): void {
		if (this.state?.kind === 'model' && this.described?.key === modelKey) {
			this.show({ ...this.state, parity: this.parityOf(modelKey) });
		}
	}

	/** The model that is set has changed, or its file may have. */
	update(): void {
		this.state = undefined;
		this.asked++;
		if (this.visible) {
			void this.refresh();
		}
	}

	protected handlers(): Handlers<ModelHostMethods> {
		return {
			ready: () => {
				this.pageIsReady();
				if (!this.state) {
					void this.refresh();
				}
				return this.state ?? this.loading();
			},
			act: async (action) => {
				switch (action) {
					case 'retry':
						this.update();
						return null;
					case 'selectModel':
						void vscode.commands.executeCommand('deeplab.selectModel');
						return null;
					case 'showLog':
						this.log.show(true);
						return null;
					default: {
						const unknown: never = action;
						throw new Error(`unknown action ${String(unknown)}`);
					}
				}
			},
		};
	}

	private loading(): ModelState {
		return { kind: 'loading', modelName: this.models.currentName };
	}

	private async refresh(): Promise<void> {
		const turn = ++this.asked;
		this.show(this.loading());
		let state: ModelState;
		try {
			const model = await this.models.current();
			const network = await this.networkOf(model);
			state = { kind: 'model', network, source: model.source, parity: this.parityOf(model.key) };
		} catch (error) {
			const problem = toProblem(error);
			this.log.error(`Model view: ${JSON.stringify(problem)}`);
			state = { kind: 'failed', modelName: this.models.currentName, message: describeProblem(problem) };
		}
		if (turn === this.asked) {
			this.show(state);
		}
	}

	/** Described once, also for those who ask meanwhile; where that fails, the next one who asks tries again. */
	private networkOf(model: Model): Promise<NetworkDescription> {
		if (this.described?.key !== model.key) {
			const described = { key: model.key, network: this.describe(model) };
			this.described = described;
			described.network.catch(() => {
				if (this.described === described) {
					this.described = undefined;
				}
			});
		}
		return this.described.network;
	}

	private show(state: ModelState): void {
		this.state = state;
		this.tell('show', state);
	}
}
