/** Small networks whose branches meet in a Concat, as other tools write them. */
import type { ModelMetadata } from '../../../../src/core/model';
import { adoptModel } from '../../../../src/core/onnx/discover/adopt';
import { DataType, type OnnxModel } from '../../../../src/core/onnx/ir';
import { foreign } from '../onnx/discover/foreign';

export interface MixedOptions {
	readonly rates?: readonly number[];
	/** A decoder behind it that also reads a value before the features, on a finer grid, as DeepLabv3+ has. */
	readonly decoder?: boolean;
	/** Of the sizes that are resized to: worked out when it runs, as PyTorch's exporters do with open sides. */
	readonly classes?: number;
	/**
	 * How image pooling averages, and spreads what it found over the grid. `module` (undefined): GlobalAveragePool and
	 * Resize, as torchvision's; `tensor`: ReduceMean and Expand, as of `x.mean((2, 3), keepdim=True).expand(…)`;
	 * `squeezed`: a mean without its axes, put back, and Resize.
	 */
	readonly pooling?: 'module' | 'tensor' | 'squeezed';
	/** Whether the branches are summed, not concatenated, before later layers take them. */
	readonly summed?: boolean;
}

/** Channels of a branch. */
export const branchChannels = 5;

/**
 * A DeepLabv3: features of 6 channels at stride 2; a 1x1 branch, dilated branches and image pooling, which is spread over
 * the grid by a Resize to the features' size; Concat, two layers and the classifier.
 */
export function mixedNetwork({
	rates = [3, 6],
	decoder = false,
	classes = 4,
	summed = false,
	pooling: pooled = 'module',
}: MixedOptions = {}): OnnxModel {
	const net = foreign();
	const { builder, noise, features } = net;
	const relu = (name: string, value: string) => builder.relu(`${name}/Relu`, value);
	let deep = features;
	if (decoder) {
		const weight = noise.tensor(6, 6, 3, 3);
		deep = relu('/deep', builder.conv('/deep/Conv', features, { weight, stride: 2, padding: 1 }));
	}
	const dilated = rates.map((rate) =>
		relu(`/aspp.${rate}`, net.conv(`/aspp.${rate}/Conv`, deep, [6, branchChannels], rate)),
	);
	const sizeOf = (name: string, value: string, channels: number) => {
		const shape = builder.node(`${name}/Shape`, 'Shape', [value], {});
		const start = integers(`${name}/start`, [2]);
		const end = integers(`${name}/end`, [4]);
		const sides = builder.node(`${name}/Slice`, 'Slice', [shape, start, end], {});
		const whole = integers(`${name}/channels`, [1, channels]);
		return builder.node(`${name}/size`, 'Concat', [whole, sides], { axis: { kind: 'int', value: 0 } });
	};
	const integers = (name: string, values: readonly number[]) =>
		builder.node(name, 'Constant', [], {
			value: {
				kind: 'tensor',
				value: {
					name: '',
					dims: [values.length],
					dataType: DataType.int64,
					data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
				},
			},
		});
	const resized = (name: string, value: string, like: string, channels: number) =>
		builder.node(name, 'Resize', [value, '', '', sizeOf(name, like, channels)], {
			mode: { kind: 'string', value: 'linear' },
			coordinate_transformation_mode: { kind: 'string', value: 'half_pixel' },
		});
	const average = () => {
		const axes = { kind: 'ints', value: [2, 3] } as const;
		switch (pooled) {
			case 'module':
				return builder.node('/pool', 'GlobalAveragePool', [deep], {});
			case 'tensor':
				return builder.node('/pool', 'ReduceMean', [deep], { axes });
			case 'squeezed': {
				const flat = builder.node('/pool', 'ReduceMean', [deep], { axes, keepdims: { kind: 'int', value: 0 } });
				return builder.node('/pool/Unsqueeze', 'Unsqueeze', [flat, integers('/pool/axes', [2, 3])], {});
			}
		}
	};
	const join = () => {
		if (summed) {
			return builder.sum('/Sum', dilated);
		}
		const pointwise = relu('/aspp.0', net.conv('/aspp.0/Conv', deep, [6, branchChannels]));
		const pooling = relu('/pool', net.conv('/pool/Conv', average(), [6, branchChannels]));
		const spread =
			pooled === 'tensor'
				? builder.node('/pool/Expand', 'Expand', [pooling, sizeOf('/pool/Expand', deep, branchChannels)], {})
				: resized('/pool/Resize', pooling, deep, branchChannels);
		return builder.node('/Concat', 'Concat', [pointwise, ...dilated, spread], { axis: { kind: 'int', value: 1 } });
	};
	const joined = join();
	const channels = (summed ? 1 : rates.length + 2) * branchChannels;
	const mixed = relu('/project', net.conv('/project/Conv', joined, [channels, 7]));
	const refined = relu('/refine', net.conv('/refine/Conv', mixed, [7, 7], 1));
	if (!decoder) {
		return net.finish(net.enlarge('/out/Resize', net.conv('/classifier', refined, [7, classes]), 2), classes);
	}
	const low = relu('/low', net.conv('/low/Conv', features, [6, 3]));
	const raised = resized('/decoder/Resize', refined, low, 7);
	const both = builder.node('/decoder/Concat', 'Concat', [raised, low], { axis: { kind: 'int', value: 1 } });
	const decoded = relu('/decoder', net.conv('/decoder/Conv', both, [10, 7], 1));
	return net.finish(net.enlarge('/out/Resize', net.conv('/classifier', decoded, [7, classes]), 2), classes);
}

export function adoptedMixed(options: MixedOptions = {}): {
	readonly model: OnnxModel;
	readonly metadata: ModelMetadata;
} {
	const { model, report } = adoptModel(mixedNetwork(options), 'v3.onnx');
	return { model, metadata: report.metadata };
}

/** The model with the weights of the convolution in a branch zeroed, so that what its ReLU gives is zero. */
export function withBranchZeroed(model: OnnxModel, conv: string): OnnxModel {
	const zeroed = new Set([`${conv}.weight`, `${conv}.bias`]);
	const { graph } = model;
	return {
		...model,
		graph: {
			...graph,
			initializers: graph.initializers.map((tensor) =>
				zeroed.has(tensor.name) ? { ...tensor, data: new Uint8Array(tensor.data.length) } : tensor,
			),
		},
	};
}
