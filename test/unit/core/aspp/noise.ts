import type { FloatTensor } from '../../../../src/core/onnx/graphBuilder';
import type { FeatureMap } from '../../../../src/core/run';

/** Numbers in -1…1 from a seed. */
export class Noise {
	constructor(private state: number) {}

	next(): number {
		this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
		return this.state / 2 ** 31 - 1;
	}

	integer(below: number): number {
		return Math.min(below - 1, Math.floor(((this.next() + 1) / 2) * below));
	}

	floats(count: number): Float32Array {
		return Float32Array.from({ length: count }, () => this.next());
	}

	tensor(...shape: number[]): FloatTensor {
		return { shape, data: this.floats(shape.reduce((product, side) => product * side, 1)) };
	}

	map(channels: number, height: number, width: number): FeatureMap {
		return { channels, height, width, data: this.floats(channels * height * width) };
	}
}
