import type { ActiveClasses } from './activeClasses';
import { laneAddress } from './classRows';
import type { CrfKernel } from './crfKernel';
import type { HeldInput } from './input';
import type { MeanFieldPasses } from './passes';
import type { PixelPass } from './pixelPass';
import type { TermLattices } from './termLattices';

/**
 * Between two iterations: classes that have become hopeless go into the rest, or those in it come back.
 * A pruning of 0 lets everything be as it is.
 */
export class Regrouping {
	constructor(
		private readonly kernel: CrfKernel,
		private readonly input: HeldInput,
		private readonly lattices: TermLattices,
		private readonly active: ActiveClasses,
		private readonly pass: PixelPass,
		private readonly passes: MeanFieldPasses,
	) {}

	/** Where the beliefs are stored. */
	regroup(pruning: number): void {
		if (pruning === 0) {
			return;
		}
		const { active } = this;
		const { pixels } = this.input.require();
		const largest = this.pass.largest();
		if (active.restOverflows(largest, pruning)) {
			this.expand();
			return;
		}
		const fewer = active.fewer(largest, pruning);
		if (fewer) {
			const { beliefs } = this.passes;
			beliefs.spare.ensure(pixels * fewer.lanes.width * 16);
			active.selectValues(fewer, beliefs.current.address, beliefs.spare.address, pixels);
			beliefs.swap();
			active.narrowTo(fewer);
		}
	}

	/**
	 * Where the beliefs are splatted in the current values already, and what they came from is in the spare ones.
	 * @param first whether they came from the unary alone
	 * @returns false if the rows have become too long to go on so; then the beliefs are stored
	 */
	regroupSplatted(pruning: number, first: boolean): boolean {
		if (pruning === 0) {
			return true;
		}
		const { active, pass, passes } = this;
		const { values } = passes;
		const largest = pass.largest();
		if (active.restOverflows(largest, pruning)) {
			passes.storeSplatted(first);
			this.expand();
			passes.begin(0);
			if (!passes.areFused) {
				pass.forgetLargest();
				return false;
			}
			passes.point(values.current, values.current);
			passes.splat();
			return true;
		}
		const fewer = active.fewer(largest, pruning);
		if (fewer) {
			const { rows } = this.lattices;
			values.spare.ensure(rows * fewer.lanes.width * 16);
			active.selectValues(fewer, values.current.address, values.spare.address, rows);
			values.swap();
			active.narrowTo(fewer);
		}
		return true;
	}

	/** Back to a lane a class; the rest's classes get their shares of its Q. */
	expand(): void {
		const { kernel, active, passes } = this;
		const { pixels, classes, vectors } = this.input.require();
		const { current, spare } = passes.beliefs;
		const bytes = pixels * vectors * 16;
		kernel.u8(spare.ensure(bytes), bytes).fill(0);
		for (let label = 0; label < classes; label++) {
			const { offset, stride } = laneAddress(vectors, pixels, label);
			active.readClass(current.address, label, spare.address + offset, stride);
		}
		passes.beliefs.swap();
		active.useAll();
		passes.forgetSliced();
	}
}
