/** A profile as a tree: the run, its stages, in the network its parts, in those the operators. */
import type { StageName } from '../run';
import type { OperatorTime, RunProfile } from './runProfile';

export interface ProfileNode {
	/**
	 * `scale`: one run of the network, where there were several; `other`: the network's time in none of its operators
	 * (tensors copied in and out, memory, the executor).
	 */
	readonly kind: 'run' | 'stage' | 'scale' | 'part' | 'operator' | 'other';
	/** Unique within the tree. */
	readonly id: string;
	/** Of a part or an operator its own name; of a stage its {@link StageName}; of a scale its number. */
	readonly name: string;
	/** At least its children's sum. */
	readonly milliseconds: number;
	readonly operator?: OperatorTime;
	readonly children: readonly ProfileNode[];
}

export function profileTree(profile: RunProfile): ProfileNode {
	const stages = profile.stages.map(({ stage, milliseconds }) => stageNode(stage, milliseconds, profile.operators));
	return { kind: 'run', id: 'run', name: 'run', milliseconds: sumOf(stages), children: stages };
}

/** The operators that took longest, the longest first. */
export function slowestOperators(tree: ProfileNode, count: number): readonly ProfileNode[] {
	const found: ProfileNode[] = [];
	const look = (node: ProfileNode) => {
		if (node.operator) {
			found.push(node);
		}
		for (const child of node.children) {
			look(child);
		}
	};
	look(tree);
	return found.sort((a, b) => b.milliseconds - a.milliseconds).slice(0, count);
}

function stageNode(stage: StageName, milliseconds: number, operators: readonly OperatorTime[]): ProfileNode {
	if (stage !== 'network') {
		return { kind: 'stage', id: stage, name: stage, milliseconds, children: [] };
	}
	const scales = [...new Set(operators.map(({ scale }) => scale))];
	const parts = scales.flatMap((scale): readonly ProfileNode[] => {
		const id = scale === undefined ? stage : `${stage}@${scale}`;
		const root = new Part(id, '');
		for (const operator of operators) {
			if (operator.scale === scale) {
				root.add(operator);
			}
		}
		const { children } = root.finish();
		return scale === undefined
			? children
			: [{ kind: 'scale', id, name: String(scale), milliseconds: sumOf(children), children }];
	});
	const timed = sumOf(parts);
	const rest = milliseconds - timed;
	// What is left of a clock's steps is no time.
	const others: readonly ProfileNode[] =
		rest > 0.001 ? [{ kind: 'other', id: `${stage}:other`, name: 'other', milliseconds: rest, children: [] }] : [];
	const children = [...parts, ...others];
	return { kind: 'stage', id: stage, name: stage, milliseconds: Math.max(milliseconds, sumOf(children)), children };
}

function sumOf(nodes: readonly ProfileNode[]): number {
	return nodes.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
}

/** Operators and groups in the order in which they first ran. */
class Part {
	readonly #children: (Part | ProfileNode)[] = [];
	readonly #groups = new Map<string, Part>();
	readonly #names = new Map<string, number>();

	constructor(
		private readonly id: string,
		private readonly name: string,
	) {}

	add(operator: OperatorTime): void {
		let part: Part = this;
		for (const name of operator.path.slice(0, -1)) {
			part = part.#group(name);
		}
		part.#leaf(operator);
	}

	finish(): ProfileNode {
		const children = this.#children.map((child) => (child instanceof Part ? child.finish() : child));
		return { kind: 'part', id: this.id, name: this.name, milliseconds: sumOf(children), children };
	}

	#group(name: string): Part {
		let group = this.#groups.get(name);
		if (!group) {
			group = new Part(`${this.id}/${escaped(name)}`, name);
			this.#groups.set(name, group);
			this.#children.push(group);
		}
		return group;
	}

	#leaf(operator: OperatorTime): void {
		const name = operator.path.at(-1) ?? operator.opType;
		const count = (this.#names.get(name) ?? 0) + 1;
		this.#names.set(name, count);
		this.#children.push({
			kind: 'operator',
			id: `${this.id}:${escaped(name)}${count === 1 ? '' : `:${count}`}`,
			name,
			milliseconds: operator.milliseconds,
			operator,
			children: [],
		});
	}
}

/** So that no two places have one id, whatever their names hold. */
function escaped(name: string): string {
	return name.replace(/[%:/]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}
