import type { ParityReport } from '../../core/parity/report';
import { parityFacts } from '../../shared/describeParity';
import type { InferenceClient } from '../../worker/client/client';
import { compareBackends as compareOnClient } from '../../worker/services/compareBackends';
import type { CompareBackendsCommand } from '../commandLine/commands';
import { readPicture } from '../platform/files.node';
import { inferenceClient, modelHandle } from '../platform/inference.node';
import type { Terminal } from '../terminal';
import { factLines } from '../text/facts';

/** What `--json` prints. */
export interface CompareBackendsReport extends ParityReport {
	readonly image: string;
	readonly model: string;
}

/**
 * Runs a picture on WebGPU and on WASM and says how far apart they are, and from which layer on.
 * @param client disposed of at the end
 * @returns exit code: 1 where they disagree
 * @throws InspectorError with the problem of the picture, the model or the runtime, such as no WebGPU; where the search
 *   for the layer fails, after the report
 */
export async function compareBackends(
	command: CompareBackendsCommand,
	terminal: Terminal,
	signal: AbortSignal,
	client: InferenceClient = inferenceClient(command.threads),
): Promise<number> {
	const { image, json, longestSide, multiScale } = command;
	try {
		const model = modelHandle(command.model);
		const picture = { name: image, bytes: await readPicture(image) };
		const request = { picture, model, longestSide, multiScale };
		const { report, searchError } = await compareOnClient(client, request, { signal });
		if (json) {
			terminal.out(JSON.stringify({ image, model: model.name, ...report } satisfies CompareBackendsReport, null, '\t'));
		} else {
			for (const line of factLines(parityFacts(report))) {
				terminal.out(line);
			}
		}
		if (searchError !== undefined) {
			throw searchError;
		}
		return report.agrees ? 0 : 1;
	} finally {
		await client.dispose();
	}
}
