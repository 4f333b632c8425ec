import { type EffectiveField, effectiveField, type WeightedCell } from '../../core/aspp/effectiveField';
import type { ModelMetadata } from '../../core/model';
import { decodeOnnx } from '../../core/onnx/decode';
import { encodeOnnx } from '../../core/onnx/encode';
import {
	buildGradientModel,
	type GradientModel,
	type GradientOptions,
} from '../../core/onnx/gradient/buildGradientModel';
import { elementCount, type OnnxModel } from '../../core/onnx/ir';
import { readMetadata } from '../../core/onnx/metadata';
import type { Shape } from '../../core/onnx/shapes';
import { InspectorError } from '../../core/problem';
import type { Geometry } from '../../core/run';
import type { GradientParams, GradientStage, GradientTarget } from '../../shared/protocol/aspp';
import { type CallContext, Transferred } from '../../shared/rpc';
import type { InferenceEngine, Tensor } from '../engine/engine';
import { networkInput } from '../engine/networkInput';
import { messagesHandled } from '../messages';

export interface GradientParts {
	/** The model's bytes, which stay as they are. Asked only for another model than {@link GradientService.heldModel}. */
	modelBytes(model: GradientParams['model']): Uint8Array | Promise<Uint8Array>;
	/** An engine of its own, so that the network that is loaded stays. Called when the first gradient is asked for. */
	createEngine(): Promise<InferenceEngine>;
}

/**
 * Measures effective receptive fields. It keeps the last model, and its backward graph loaded for the last input size:
 * further measurements of one run differ only in what is fed. {@link release} gives that up.
 *
 * Its methods are to be called one after the other. After any of their failures the next call works.
 */
export class GradientService {
	private held: HeldModel | undefined;
	private engine: InferenceEngine | undefined;
	/** What the engine has loaded: the backward graph of the held model at one input size. */
	private loaded: GradientGraph | undefined;

	constructor(private readonly parts: GradientParts) {}

	/** Key of the model whose bytes {@link measure} can do without. */
	get heldModel(): string | undefined {
		return this.held?.key;
	}

	/**
	 * Gradient of a logit with respect to the picture, as the effective receptive field. A cancel is heeded between the
	 * stages: the runtime cannot be stopped in the middle of `run`, the longest of them; ending the worker can.
	 *
	 * @throws InspectorError `model.unsupported` where the network cannot be differentiated, `model.damaged`,
	 * `runtime.unavailable`, `runtime.failed`, `runtime.outOfMemory` or `cancelled`
	 */
	async measure(params: GradientParams, context: CallContext<GradientStage>): Promise<Transferred<EffectiveField>> {
		const start = performance.now();
		const { target } = params;
		const geometry = gridGeometry(params);
		await enter('build', context);
		const held = await this.hold(params.model);
		const { metadata } = held;
		const input = networkInput(params.rgb, geometry, metadata.preprocessing);
		const cells = cellsOf(target, geometry);
		const wanted = outputOf(target, metadata);
		const size: Size = [geometry.inputHeight, geometry.inputWidth];
		const built = this.isLoadedFor(size) ? undefined : build(held, size, params.model.name);

		await enter('load', context);
		const { engine, graph } = await this.ready(built, params.model.name);
		// A mixed head's branches may be on another grid than its logits.
		checkGrid(graph, geometry, metadata.join === 'mixed' ? wanted : undefined);

		await enter('run', context);
		const feeds: Record<string, Tensor> = { [graph.input]: { dims: graph.inputShape, data: input } };
		for (const { target: output, input: name, shape } of graph.seeds) {
			feeds[name] = { dims: shape, data: output === wanted ? seedOf(shape, target, cells) : zeros(shape) };
		}
		const { [graph.gradient]: gradient, [wanted]: values } = await engine.run(feeds, [graph.gradient, wanted]);

		const [, channels, height, width] = graph.inputShape as [number, number, number, number];
		const field = effectiveField({ channels, height, width, data: gradient!.data }, geometry, cells);
		if (!Number.isFinite(field.largest)) {
			throw new InspectorError({ code: 'runtime.failed', detail: 'the gradient is not a finite number' });
		}
		const logit = meanLogit(values!, target, cells);
		const result: EffectiveField = { ...field, logit, milliseconds: performance.now() - start };
		const { buffer } = result.values;
		return new Transferred(result, buffer instanceof ArrayBuffer ? [buffer] : []);
	}

	/** Lets the model, its backward graph and the memory of the last run go. */
	async release(): Promise<void> {
		this.held = undefined;
		if (this.loaded) {
			this.loaded = undefined;
			await this.engine?.unload();
		}
	}

	private async hold(model: GradientParams['model']): Promise<HeldModel> {
		if (this.held?.key !== model.key) {
			await this.release();
			const source = decodeOnnx(await this.parts.modelBytes(model), model.name);
			this.held = { key: model.key, source, metadata: readMetadata(source, model.name) };
		}
		return this.held!;
	}

	private isLoadedFor([height, width]: Size): boolean {
		const shape = this.loaded?.inputShape;
		return shape?.[2] === height && shape[3] === width;
	}

	/** @param built What to load; undefined where it is loaded. */
	private async ready(
		built: GradientModel | undefined,
		name: string,
	): Promise<{ readonly engine: InferenceEngine; readonly graph: GradientGraph }> {
		this.engine ??= await this.parts.createEngine();
		if (built) {
			this.loaded = undefined;
			const { model, ...graph } = built;
			await this.engine.load(encodeOnnx(model), name);
			this.loaded = graph;
		}
		return { engine: this.engine, graph: this.loaded! };
	}
}

type Size = GradientOptions['inputSize'];

/** What has to be known to run a model that is loaded: without its weights, which may be large. */
type GradientGraph = Omit<GradientModel, 'model'>;

/** All targets at once: others than before need no other graph, and seeds of zeros cost next to nothing. */
function build({ source, metadata }: HeldModel, inputSize: Size, name: string): GradientModel {
	const targets = [...metadata.branches.map((branch) => branch.output), sumOutput];
	return buildGradientModel(source, { inputSize, targets, name });
}

interface HeldModel {
	readonly key: string;
	readonly source: OnnxModel;
	readonly metadata: ModelMetadata;
}

/** The output that sums the branches. */
const sumOutput = 'logits';

/** Tells the stage, unless the call was cancelled. */
async function enter(stage: GradientStage, { signal, progress }: CallContext<GradientStage>): Promise<void> {
	await messagesHandled();
	if (signal.aborted) {
		throw new InspectorError({ code: 'cancelled' });
	}
	progress(stage);
}

/** On the grid of what is differentiated. */
function gridGeometry({ geometry, target }: GradientParams): Geometry {
	const [gridHeight, gridWidth] = target.grid ?? [geometry.gridHeight, geometry.gridWidth];
	return { ...geometry, gridHeight, gridWidth };
}

/** A run of another network would have another grid. @param only the target that is looked at; undefined: all */
function checkGrid({ seeds }: GradientGraph, { gridWidth, gridHeight }: Geometry, only: string | undefined): void {
	for (const { target, shape } of seeds) {
		if ((only === undefined || target === only) && (shape[2] !== gridHeight || shape[3] !== gridWidth)) {
			const detail = `${target} is ${shape.join('x')} where the run’s grid is ${gridHeight}x${gridWidth}`;
			throw new InspectorError({ code: 'internal', detail });
		}
	}
}

/** The cells that are differentiated, each with its part of the mean. */
function cellsOf({ at }: GradientTarget, { gridWidth, gridHeight }: Geometry): WeightedCell[] {
	const cells: Omit<WeightedCell, 'weight'>[] = [];
	if ('mask' in at) {
		for (const [index, value] of at.mask.subarray(0, gridWidth * gridHeight).entries()) {
			if (value !== 0) {
				cells.push({ row: Math.floor(index / gridWidth), column: index % gridWidth });
			}
		}
	} else if (at.row >= 0 && at.row < gridHeight && at.column >= 0 && at.column < gridWidth) {
		cells.push(at);
	}
	if (cells.length === 0) {
		throw new InspectorError({ code: 'internal', detail: 'no cell of the grid is to be differentiated' });
	}
	return cells.map(({ row, column }) => ({ row, column, weight: 1 / cells.length }));
}

function outputOf({ branch, label }: GradientTarget, { branches, classes, join }: ModelMetadata): string {
	const output = branch === undefined ? sumOutput : branches[branch]?.output;
	// A mixed head's branch has channels, and no classes.
	const isChannels = branch !== undefined && join === 'mixed';
	const isKnown = label === undefined ? isChannels : !isChannels && label >= 0 && label < classes.length;
	if (output === undefined || !isKnown) {
		throw new InspectorError({ code: 'internal', detail: `no branch ${branch ?? ''} or no class ${label}` });
	}
	return output;
}

function zeros(shape: Shape): Float32Array {
	return new Float32Array(elementCount(shape));
}

/** d(mean logit) / d(logits): the cells' weights at the class; without one, shared by all channels. */
function seedOf(shape: Shape, { label }: GradientTarget, cells: readonly WeightedCell[]): Float32Array {
	const seed = zeros(shape);
	const channels = channelsOf(shape, label);
	for (const cell of cells) {
		for (const channel of channels) {
			seed[indexOf(shape, channel, cell)] = cell.weight / channels.length;
		}
	}
	return seed;
}

function meanLogit({ dims, data }: Tensor, { label }: GradientTarget, cells: readonly WeightedCell[]): number {
	const channels = channelsOf(dims, label);
	const meanAt = (cell: WeightedCell) =>
		channels.reduce((sum, channel) => sum + data[indexOf(dims, channel, cell)]!, 0) / channels.length;
	return cells.reduce((sum, cell) => sum + cell.weight * meanAt(cell), 0);
}

function channelsOf([, channels = 0]: Shape, label: number | undefined): readonly number[] {
	return label === undefined ? Array.from({ length: channels }, (_, channel) => channel) : [label];
}

/** In 1 x classes x height x width. */
function indexOf(shape: Shape, label: number, { row, column }: WeightedCell): number {
	return (label * shape[2]! + row) * shape[3]! + column;
}
