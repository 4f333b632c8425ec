/** What is drawn of feature maps whose channels are no classes: their norm, their mean, or one of them. */
import type { FeatureMap, Geometry } from '../run';
import { gridPosition, horizontalAxis, verticalAxis } from '../segmentation/gridAxis';

/** L2 norm over the channels of each cell: height x width. */
export function normMap({ channels, height, width, data }: FeatureMap): Float32Array {
	const plane = height * width;
	const squares = new Float64Array(plane);
	for (let channel = 0, at = 0; channel < channels; channel++) {
		for (let cell = 0; cell < plane; cell++, at++) {
			squares[cell]! += data[at]! * data[at]!;
		}
	}
	return Float32Array.from(squares, Math.sqrt);
}

/** Mean over the channels of each cell: height x width. */
export function meanMap({ channels, height, width, data }: FeatureMap): Float32Array {
	const plane = height * width;
	const sums = new Float64Array(plane);
	for (let channel = 0, at = 0; channel < channels; channel++) {
		for (let cell = 0; cell < plane; cell++, at++) {
			sums[cell]! += data[at]!;
		}
	}
	return Float32Array.from(sums, (sum) => sum / channels);
}

/** One channel: height x width, a view. */
export function channelMap({ height, width, data }: FeatureMap, channel: number): Float32Array {
	return data.subarray(channel * height * width, (channel + 1) * height * width);
}

export interface ChannelValue {
	readonly channel: number;
	readonly value: number;
}

/** The channels of the largest magnitude at a picture pixel, interpolated as logits are; the largest first. */
export function strongestChannels(
	map: FeatureMap,
	geometry: Geometry,
	x: number,
	y: number,
	count: number,
): readonly ChannelValue[] {
	const grid = gridOf(map, geometry);
	const values = Array.from({ length: map.channels }, (_, channel) => valueAt(channelMap(map, channel), grid, x, y));
	return strongest(values, count);
}

/** The channel whose mean over the grid has the largest magnitude. */
export function strongestChannel(map: FeatureMap): number {
	const means = Array.from({ length: map.channels }, (_, channel) =>
		channelMap(map, channel).reduce((sum, value) => sum + value, 0),
	);
	return strongest(means, 1)[0]?.channel ?? 0;
}

function strongest(values: readonly number[], count: number): readonly ChannelValue[] {
	return values
		.map((value, channel) => ({ channel, value }))
		.sort((one, other) => Math.abs(other.value) - Math.abs(one.value) || one.channel - other.channel)
		.slice(0, count);
}

/** The geometry of a map whose grid may be another than that of the logits. */
export function gridOf({ height, width }: Pick<FeatureMap, 'height' | 'width'>, geometry: Geometry): Geometry {
	return { ...geometry, gridHeight: height, gridWidth: width };
}

/** Of a map of `geometry`'s grid, at a picture pixel, interpolated as the network upsamples its logits. */
export function valueAt(map: Float32Array, geometry: Geometry, x: number, y: number): number {
	const across = gridPosition(horizontalAxis(geometry), x);
	const down = gridPosition(verticalAxis(geometry), y);
	const at = (row: number, column: number) => map[row * geometry.gridWidth + column]!;
	const upper = (1 - across.fraction) * at(down.cell, across.cell) + across.fraction * at(down.cell, across.next);
	const lower = (1 - across.fraction) * at(down.next, across.cell) + across.fraction * at(down.next, across.next);
	return (1 - down.fraction) * upper + down.fraction * lower;
}
