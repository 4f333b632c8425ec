import { InspectorError } from '../../core/problem';
import type { StrideRun, StrideRunParams } from '../../shared/protocol/strides';
import type { StageProgress } from '../../shared/protocol/worker';
import { type CallContext, Transferred } from '../../shared/rpc';
import { type PipelineParts, segmentPicture } from './pipeline';

/**
 * A run's picture once more through its network at another output stride, on the same way and with the same stages.
 * @throws InspectorError `model.fixedStride`, or as {@link segmentPicture}
 */
export async function segmentAtStride(
	{ model, rgb, geometry, preprocessing, multiScale }: StrideRunParams,
	loadModel: PipelineParts['loadModel'],
	context: CallContext<StageProgress>,
): Promise<Transferred<StrideRun>> {
	const { pictureWidth: width, pictureHeight: height, resizedWidth, resizedHeight } = geometry;
	if (rgb.length !== width * height * 3) {
		throw new InspectorError({ code: 'internal', detail: `${rgb.length} bytes of ${width} x ${height} pixels` });
	}
	const { value } = await segmentPicture(
		{
			picture: { name: model.name, bytes: rgb },
			model,
			longestSide: Math.max(resizedWidth, resizedHeight),
			...(multiScale ? { multiScale } : {}),
		},
		{
			// It is decoded already.
			decode: async () => ({ format: 'png', width, height, rgb }),
			loadModel: async (source) => {
				const { engine, metadata } = await loadModel(source);
				const { padMultiple } = metadata.preprocessing;
				return { engine, metadata: { ...metadata, preprocessing: { ...preprocessing, padMultiple } } };
			},
		},
		context,
	);
	const { info, tensors } = value;
	const { labels } = tensors;
	const { gridWidth, gridHeight } = info.geometry;
	const rates = info.model.branches.map(({ rate }) => rate);
	const whole = labels.buffer instanceof ArrayBuffer && labels.byteLength === labels.buffer.byteLength;
	return new Transferred(
		{ labels, gridWidth, gridHeight, rates, timings: info.timings },
		whole ? [labels.buffer as ArrayBuffer] : [],
	);
}
