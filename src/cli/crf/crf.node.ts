import * as l10n from '@vscode/l10n';
import { encodeNpy } from '../../core/checkpoint/npy';
import type { CrfParameters } from '../../core/crf/parameters';
import { encodePalettePng } from '../../core/image/palettePng';
import { vocPalette } from '../../core/palettes';
import { InspectorError } from '../../core/problem';
import { crfError } from '../../worker/crf/crfEngine';
import { nodeCrfThreads } from '../../worker/crf/crfThreads.node';
import { createWasmCrfEngine } from '../../worker/crf/wasmCrfEngine';
import type { CrfCommand } from '../commandLine/commands';
import { readAsset, writeWhole } from '../platform/files.node';
import { crfThreadScript, defaultThreads } from '../platform/product.node';
import type { Terminal } from '../terminal';
import { readCrfInput } from './crfInput.node';

/** What `--json` prints. */
export interface CrfReport {
	readonly image: string;
	readonly q: string;
	readonly mask?: string;
	readonly width: number;
	readonly height: number;
	readonly classes: number;
	readonly parameters: CrfParameters;
	/** Milliseconds. */
	readonly timings: { readonly lattice: number; readonly iterations: number };
	readonly threads: number;
	readonly steps: readonly {
		readonly iteration: number;
		readonly changedPixels: number;
		readonly meanEntropy: number;
		readonly activeClasses: number;
	}[];
}

/**
 * Runs the dense CRF on a unary from elsewhere and writes Q, as pydensecrf's `inference` returns it. No network is run,
 * and nothing of it is loaded.
 * @returns exit code
 * @throws InspectorError `picture.*`, `crf.*`, `output.unwritable` or `cancelled`
 */
export async function crf(command: CrfCommand, terminal: Terminal, signal: AbortSignal): Promise<number> {
	const input = await readCrfInput(command);
	const engine = await createWasmCrfEngine({
		loadAsset: readAsset,
		threads: command.threads ?? defaultThreads(),
		startThread: nodeCrfThreads(crfThreadScript),
	});
	try {
		const { parameters } = command;
		engine.setInput(input);
		const began = performance.now();
		engine.setParameters(parameters);
		const latticeBuilt = performance.now();
		const steps = [engine.start()];
		while (steps.length <= parameters.iterations) {
			await interruptible(signal);
			steps.push(engine.step());
		}
		const ended = performance.now();
		await interruptible(signal);
		const { width, height, classes } = input;
		const q = encodeNpy({ shape: [classes, height, width], data: engine.q() });
		if (command.mask) {
			await writeWhole(command.mask, encodePalettePng(engine.labels(), width, height, vocPalette(classes)), signal);
		}
		await writeWhole(command.out, q, signal);
		const report: CrfReport = {
			image: command.image,
			q: command.out,
			...(command.mask ? { mask: command.mask } : {}),
			width,
			height,
			classes,
			parameters,
			timings: { lattice: latticeBuilt - began, iterations: ended - latticeBuilt },
			threads: engine.threads,
			steps: steps.map(({ iteration, changedPixels, meanEntropy, activeClasses }) => ({
				iteration,
				changedPixels,
				meanEntropy,
				activeClasses,
			})),
		};
		terminal.out(command.json ? JSON.stringify(report, null, '\t') : describe(report));
		return 0;
	} catch (error) {
		throw crfError(error);
	} finally {
		engine.dispose();
	}
}

/** Lets an interrupt in. @throws InspectorError `cancelled` */
async function interruptible(signal: AbortSignal): Promise<void> {
	await new Promise((resolve) => setImmediate(resolve));
	if (signal.aborted) {
		throw new InspectorError({ code: 'cancelled' });
	}
}

function describe({ image, width, height, classes, steps, timings, q, mask }: CrfReport): string {
	return l10n.t(
		'{0}  {1} x {2}  {3} classes  {4} iterations changed {5} pixels  {6} ms (lattice {7}, iterations {8})  → {9}',
		image,
		width,
		height,
		classes,
		steps.length - 1,
		steps.reduce((sum, { changedPixels }) => sum + changedPixels, 0),
		(timings.lattice + timings.iterations).toFixed(0),
		timings.lattice.toFixed(0),
		timings.iterations.toFixed(0),
		mask ? `${q}, ${mask}` : q,
	);
}
