import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web';
import type { BackendInfo } from '../../core/backend';
import { InspectorError, type Problem } from '../../core/problem';
import { type Feeds, type InferenceEngine, isTensor, runtimeError, type Tensor } from './engine';

/** What is needed of a build of onnxruntime-web. */
export interface Ort {
	readonly InferenceSession: { create(model: Uint8Array, options: InferenceSession.SessionOptions): OrtSession };
	readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OrtTensor;
}

type OrtSession = Promise<InferenceSession>;

/** One session at a time of onnxruntime-web, whatever it runs on. */
export abstract class OrtEngine implements InferenceEngine {
	protected session: InferenceSession | undefined;

	abstract readonly backend: BackendInfo;

	protected constructor(
		private readonly ort: Ort,
		private readonly executionProvider: InferenceSession.ExecutionProviderConfig,
		/** Beyond those that every session has. */
		private readonly sessionOptions: Pick<InferenceSession.SessionOptions, 'enableProfiling'> = {},
	) {}

	async load(bytes: Uint8Array, name: string): Promise<void> {
		await this.unload();
		try {
			this.session = await this.guarded(
				this.ort.InferenceSession.create(bytes, {
					executionProviders: [this.executionProvider],
					graphOptimizationLevel: 'all',
					logSeverityLevel: 3,
					...this.sessionOptions,
				}),
			);
		} catch (error) {
			throw runtimeError(error, (detail) => this.loadProblem(detail, name));
		}
	}

	async unload(): Promise<void> {
		const { session } = this;
		this.session = undefined;
		await session?.release();
	}

	async run(feeds: Tensor | Feeds, outputs: readonly string[]): Promise<Readonly<Record<string, Tensor>>> {
		const session = this.session;
		const inputName = session?.inputNames[0];
		if (!session || inputName === undefined) {
			throw new InspectorError({ code: 'internal', detail: 'no network is loaded' });
		}
		const tensors = Object.entries(isTensor(feeds) ? { [inputName]: feeds } : feeds).map(
			([name, { data, dims }]) => [name, new this.ort.Tensor('float32', data, [...dims])] as const,
		);
		const results = await this.guarded(session.run(Object.fromEntries(tensors), [...outputs])).catch(
			(error: unknown) => {
				throw runtimeError(error, (detail) => ({ code: 'runtime.failed', detail }));
			},
		);
		return Object.fromEntries(
			Object.entries(results).map(([name, { dims, data }]) => {
				if (!(data instanceof Float32Array)) {
					throw new InspectorError({ code: 'runtime.failed', detail: `output ${name} is not float32` });
				}
				return [name, { dims, data }];
			}),
		);
	}

	/** What it means that a session cannot be made. */
	protected abstract loadProblem(detail: string, name: string): Problem;

	/** Ends the wait for a runtime that will not answer any more. */
	protected guarded<T>(work: Promise<T>): Promise<T> {
		return work;
	}
}
