import { traceText } from '../../core/profile/traceFile';
import type { SegmentCommand } from '../commandLine/commands';
import { inferenceClient, modelHandle } from '../platform/inference.node';

/**
 * Profiles a picture in a worker of its own, whose memory is then that of one network.
 * @returns the trace, JSON
 * @throws InspectorError as segmenting does
 */
export async function profileText(
	{ threads, model, outputStride, longestSide, multiScale }: SegmentCommand,
	image: string,
	bytes: Uint8Array,
	signal: AbortSignal,
): Promise<string> {
	const client = inferenceClient(threads);
	try {
		const request = {
			picture: { name: image, bytes },
			model: modelHandle(model, outputStride),
			longestSide,
			multiScale,
		};
		return traceText(await client.profile(request, { signal }));
	} finally {
		await client.dispose();
	}
}
