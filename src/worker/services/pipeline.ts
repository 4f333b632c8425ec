import type { PictureDecoder } from '../../core/image/decode';
import { prepareInput } from '../../core/image/prepare';
import type { ModelMetadata } from '../../core/model';
import { InspectorError } from '../../core/problem';
import type { BranchMap, FeatureMap, Geometry, StageName, StageTiming } from '../../core/run';
import { countClasses } from '../../core/segmentation/countClasses';
import { fuseScales, multiScales, scaledInput, winningScales } from '../../core/segmentation/multiScale';
import { upsampleLabels } from '../../core/segmentation/upsampleLabels';
import type { ModelSource, SegmentParams, SegmentResult, StageProgress } from '../../shared/protocol/worker';
import { type CallContext, Transferred } from '../../shared/rpc';
import type { InferenceEngine, Tensor } from '../engine/engine';
import { messagesHandled } from '../messages';

export interface LoadedModel {
	readonly metadata: ModelMetadata;
	readonly engine: InferenceEngine;
}

export interface PipelineParts {
	readonly decode: PictureDecoder['decode'];
	/** Returns at once where the model is held. */
	loadModel(model: ModelSource): Promise<LoadedModel>;
}

/**
 * One picture's whole way: decode, model, network, upsample. Progress is told before each stage; a cancelled run
 * ends at the next stage's begin.
 * @throws InspectorError with the problem of the stage that failed, or `cancelled`
 */
export async function segmentPicture(
	params: SegmentParams,
	parts: PipelineParts,
	context: CallContext<StageProgress>,
): Promise<Transferred<SegmentResult>> {
	const clock = new StageClock(context);

	clock.enter('decode');
	const picture = await parts.decode(params.picture.name, params.picture.bytes);

	clock.leave();
	await messagesHandled();
	clock.enter('model');
	const loaded = await parts.loadModel(params.model);
	const { engine } = loaded;
	const metadata = withPreprocessing(loaded.metadata, params);

	// Making the input needs the model's rule, but is the picture's side of the work.
	clock.enter('decode');
	const { input, geometry: inputGeometry } = prepareInput(picture, metadata.preprocessing, params.longestSide);

	clock.leave();
	await messagesHandled();
	clock.enter('network');
	const image = { channels: 3, height: inputGeometry.inputHeight, width: inputGeometry.inputWidth, data: input };
	const run = async (map: FeatureMap, names: readonly string[]) => {
		const outputs = await engine.run({ data: map.data, dims: [1, map.channels, map.height, map.width] }, names);
		return (name: string) => mapOf(outputs, name, params.model.name);
	};
	const full = await run(image, ['features', ...metadata.branches.map((branch) => branch.output), 'logits']);
	const features = full('features');
	const branches: BranchMap[] = metadata.branches.map(({ rate, output }) => ({ rate, ...full(output) }));
	const { multiScale: rule } = params;
	const scales = [full('logits')];
	for (const scale of rule ? multiScales.slice(1) : []) {
		clock.leave();
		await messagesHandled();
		clock.enter('network');
		scales.push((await run(scaledInput(image, scale, rule!), ['logits']))('logits'));
	}
	const fused = rule && fuseScales(scales, rule);
	const logits = fused?.logits ?? scales[0]!;

	clock.enter('upsample');
	const geometry: Geometry = { ...inputGeometry, gridWidth: logits.width, gridHeight: logits.height };
	const labels = upsampleLabels(logits, geometry);
	const classes = countClasses(labels, metadata.classes.length);
	const won = fused && winningScales(fused.scales, labels, geometry);

	const result: SegmentResult = {
		info: {
			pictureName: params.picture.name,
			pictureFormat: picture.format,
			model: metadata,
			geometry,
			...(won ? { multiScale: { rule: rule!, scales: multiScales, shares: won.shares } } : {}),
			classes,
			timings: clock.finish(),
			backend: engine.backend,
		},
		tensors: {
			rgb: picture.rgb,
			labels,
			logits,
			...(won ? { winningScales: won.scales } : {}),
			branches,
			features,
		},
	};
	return new Transferred(result, ownBuffers(result));
}

/** @throws InspectorError `model.unsupported` for several scales of a network that does not take inputs of every size */
function withPreprocessing(
	metadata: ModelMetadata,
	{ model, preprocessing = metadata.preprocessing, multiScale }: SegmentParams,
): ModelMetadata {
	const { inputSize, padMultiple, padRemainder } = preprocessing;
	if (multiScale && (inputSize || padRemainder === 0)) {
		// The sides of a scaled input are no multiples any more.
		const sizes = inputSize ? `of ${inputSize.join(' x ')}` : `whose sides are multiples of ${padMultiple}`;
		const detail = `it takes pictures ${sizes} alone, so it cannot be run at several scales`;
		throw new InspectorError({ code: 'model.unsupported', name: model.name, detail });
	}
	return { ...metadata, preprocessing };
}

/** Times the stages, reports them and ends a cancelled run between them. */
class StageClock {
	private readonly times = new Map<StageName, number>();
	private current: StageName | undefined;
	private since = 0;

	constructor(private readonly context: CallContext<StageProgress>) {}

	enter(stage: StageName): void {
		this.leave();
		if (this.context.signal.aborted) {
			throw new InspectorError({ code: 'cancelled' });
		}
		if (!this.times.has(stage)) {
			this.context.progress({ stage, done: this.timings() });
		}
		this.current = stage;
		this.since = performance.now();
	}

	leave(): void {
		if (this.current) {
			const spent = performance.now() - this.since;
			this.times.set(this.current, (this.times.get(this.current) ?? 0) + spent);
			this.current = undefined;
		}
	}

	finish(): readonly StageTiming[] {
		this.leave();
		return this.timings();
	}

	private timings(): StageTiming[] {
		return [...this.times].map(([stage, milliseconds]) => ({ stage, milliseconds }));
	}
}

function mapOf(outputs: Readonly<Record<string, Tensor>>, output: string, modelName: string): FeatureMap {
	const tensor = outputs[output];
	const [batch, channels, height, width, ...more] = tensor?.dims ?? [];
	if (
		!tensor ||
		batch !== 1 ||
		more.length > 0 ||
		channels === undefined ||
		height === undefined ||
		width === undefined
	) {
		const shape = tensor ? tensor.dims.join('x') : 'missing';
		throw new InspectorError({
			code: 'model.unsupported',
			name: modelName,
			detail: `output ${output} is ${shape}, not 1 x channels x height x width`,
		});
	}
	return { channels, height, width, data: tensor.data };
}

/** The result's buffers, each once; a view of a part of a buffer is left to be copied. */
function ownBuffers({ tensors }: SegmentResult): ArrayBuffer[] {
	const views = [
		tensors.rgb,
		tensors.labels,
		...(tensors.winningScales ? [tensors.winningScales] : []),
		tensors.logits.data,
		tensors.features.data,
		...tensors.branches.map((branch) => branch.data),
	];
	const buffers = new Set<ArrayBuffer>();
	for (const { buffer, byteLength } of views) {
		if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) {
			buffers.add(buffer);
		}
	}
	return [...buffers];
}
