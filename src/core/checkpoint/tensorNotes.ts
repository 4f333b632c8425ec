/** What becomes of each tensor of a checkpoint when it is imported. */
import type { Recognized } from './families/recognize';
import { isCounter, isScaledCopy } from './layerTensors';
import type { Checkpoint } from './readCheckpoint';

export type TensorUse =
	| 'network'
	/** Of a branch that is not added up. */
	| 'leftOut'
	/** Of a head of training alone. */
	| 'auxiliary'
	/** Of a further network in the file, e.g. a moving average. */
	| 'otherNetwork'
	/** Of a layer's copy for pictures of another size, with the same weights. */
	| 'scaledCopy'
	/** Counts steps of training. */
	| 'counter'
	/** Nothing of the network has its name. */
	| 'unknown';

export interface TensorNote {
	/** A `.caffemodel`'s and TensorFlow's are under PyTorch's names for the parts of a layer. */
	readonly name: string;
	readonly shape: readonly number[];
	readonly use: TensorUse;
}

/**
 * @param summed Whether each branch is added up.
 * @returns a note a tensor, in the file's order
 */
export function tensorNotes(checkpoint: Checkpoint, found: Recognized, summed: readonly boolean[]): TensorNote[] {
	const { source } = found;
	const leftOut = tensorsOfBranches(found, (_, branch) => summed[branch] === false);
	const notes = [...source.tensors].map(([name, { shape }]): TensorNote => {
		return { name, shape, use: source.taken(name) ? (leftOut.has(name) ? 'leftOut' : 'network') : whyNot(name, found) };
	});
	const copies = [...(checkpoint.format === 'caffe' ? checkpoint.tensors : [])]
		.filter(([name]) => isScaledCopy(name.replace(/\.\d+$/, '')))
		.map(([name, { shape }]): TensorNote => ({ name, shape, use: 'scaledCopy' }));
	return [...notes, ...copies];
}

function whyNot(name: string, { prefix, otherPrefixes, heads }: Recognized): TensorUse {
	if (isCounter(name)) {
		return 'counter';
	}
	if (otherPrefixes.some((other) => other !== '' && name.startsWith(other))) {
		return 'otherNetwork';
	}
	return heads.auxiliary.some((head) => name.startsWith(`${prefix}${head}.`)) ? 'auxiliary' : 'unknown';
}

/** Names of the tensors of some branches; where the outputs of several heads are added, of all of them. */
function tensorsOfBranches(
	{ network, heads, prefix }: Recognized,
	wanted: (convs: unknown, branch: number) => boolean,
): ReadonlySet<string> {
	const names = network.weights.branches
		.filter(wanted)
		.flatMap((convs) => convs.flatMap(({ weight, bias }) => [weight.name, ...(bias ? [bias.name] : [])]));
	const [first, ...others] = heads.main;
	const elsewhere = others.flatMap((head) =>
		names.map((name) => `${prefix}${head}${name.slice(`${prefix}${first}`.length)}`),
	);
	return new Set([...names, ...elsewhere]);
}
