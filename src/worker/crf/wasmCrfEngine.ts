import { createDenseCrf, type DenseCrf } from '../../core/crf/denseCrf';
import type { StartCrfThread } from '../../core/crf/threads';
import { compileWasm, type WasmModule } from '../../core/crf/webAssembly';
import { InspectorError } from '../../core/problem';
import type { CrfEngine } from './crfEngine';

export interface WasmCrfEngineOptions {
	/** Reads a file of the assets folder. @throws InspectorError `runtime.unavailable` */
	loadAsset(file: string): Promise<Uint8Array>;
	readonly threads: number;
	/** Without it there is one thread. */
	readonly startThread?: StartCrfThread;
}

/**
 * The kernel in WebAssembly.
 * @throws InspectorError `runtime.unavailable`
 */
export async function createWasmCrfEngine({
	loadAsset,
	threads,
	startThread,
}: WasmCrfEngineOptions): Promise<CrfEngine> {
	const shared = threads > 1 && startThread !== undefined;
	const file = shared ? 'dense-crf-threads.wasm' : 'dense-crf.wasm';
	const module = await compile(file, await loadAsset(file));
	return engineOf(await createDenseCrf(module, shared ? { threads, startThread } : {}));
}

function engineOf(crf: DenseCrf): CrfEngine {
	let pixels = 1;
	return {
		threads: crf.threads,
		setInput: (input) => {
			crf.setInput(input);
			pixels = input.width * input.height;
		},
		setParameters: (parameters) => {
			crf.setParameters(parameters);
			crf.prepare();
		},
		start: () => {
			const { iteration, meanEntropy, activeClasses } = crf.start();
			// Before it there was nothing to compare with.
			return { iteration, meanEntropy, activeClasses, changedPixels: 0, klDivergence: 0 };
		},
		step: () => {
			const { stepDivergence, ...step } = crf.step();
			return { ...step, klDivergence: stepDivergence / pixels };
		},
		stepBlindly: () => void crf.step({ measures: false }),
		*run(iterations, measures) {
			yield* crf.runGradually(iterations, { measures });
		},
		labels: () => crf.labels(),
		q: () => crf.q(),
		entropyMap: () => crf.entropyMap(),
		messagesAt: (pixel) => crf.messagesAt(pixel),
		tieMap: (kernel, pixel) => crf.tieMap(kernel, pixel),
		dispose: () => crf.dispose(),
	};
}

async function compile(file: string, bytes: Uint8Array): Promise<WasmModule> {
	try {
		return await compileWasm(bytes);
	} catch (error) {
		const detail = `${file}: ${error instanceof Error ? error.message : String(error)}`;
		throw new InspectorError({ code: 'runtime.unavailable', detail }, { cause: error });
	}
}
