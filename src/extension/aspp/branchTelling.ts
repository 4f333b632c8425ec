import type { InspectorBranches, InspectorBranchLogits } from '../../shared/protocol/aspp';

/** How long a mask stands before its logits follow, in milliseconds. */
const restMilliseconds = 120;

/**
 * Tells an Inspector the mask of the branches that are on, and, once that mask stays, the logits for what is read out:
 * they are the larger part, and nobody reads a number while a slider moves.
 */
export class BranchTelling {
	private timer: ReturnType<typeof setTimeout> | undefined;

	constructor(
		private readonly tell: {
			branches(branches: InspectorBranches | null): void;
			branchLogits(logits: InspectorBranchLogits): void;
		},
	) {}

	show(branches: InspectorBranches | null): void {
		clearTimeout(this.timer);
		if (!branches) {
			this.tell.branches(null);
			return;
		}
		const { runId, logits } = branches;
		this.tell.branches({ ...branches, logits: undefined });
		if (logits) {
			this.timer = setTimeout(() => this.tell.branchLogits({ runId, logits }), restMilliseconds);
		}
	}
}
