/**
 * The kernel's structures in linear memory, field by field in the order of `kernel/memory.ts` and `kernel/rows.ts`.
 * Every field is a 32-bit word; those named in {@link floatFields} are f32.
 */
export const layouts = {
	control: ['generation', 'finished', 'command', 'args', 'threads', 'arrived', 'barrier', 'failed'],
	lattice: [
		'dimensions',
		'pixels',
		'source',
		'width',
		'features',
		'sigma',
		'scale',
		'packing',
		'steps',
		'wide',
		'splat',
		'slice',
		'vertices',
		'rows',
		'chains',
		'waves',
		'ghosts',
		'ghostStarts',
		'met',
		'values',
		'target',
		'signal',
		'factor',
		'alpha',
	],
	builder: ['table', 'bits', 'roomBits', 'keys', 'count', 'next', 'end', 'scratch', 'stale', 'wide'],
	pass: [
		'pixels',
		'columns',
		'width',
		'lattices',
		'latticeCount',
		'energies',
		'beliefs',
		'previous',
		'labels',
		'entropies',
		'classOf',
		'allEnergies',
		'allWidth',
		'inRest',
		'classes',
		'maxima',
		'statistics',
		'tasks',
	],
	wavePlan: ['times', 'firstVertices', 'firstBlocks', 'threads', 'lists', 'cuts'],
	selection: ['width', 'newWidth', 'lanes', 'kept', 'penalty'],
} as const;

export type StructName = keyof typeof layouts;
export type Field<S extends StructName> = (typeof layouts)[S][number];

const floatFields: ReadonlySet<string> = new Set(['factor', 'alpha']);

export function isFloat(field: string): boolean {
	return floatFields.has(field);
}

export function structBytes(name: StructName): number {
	return layouts[name].length * 4;
}

/** `Statistics` in `kernel/memory.ts`: three f64 and two u32. */
export const statisticsBytes = 32;

/** What a pass over the pixels does; bits of `pass.tasks`. */
export const tasks = { slice: 1, splat: 2, keep: 4, measure: 8, label: 16, agree: 32 } as const;

/** The lane of the classes that are filtered as one, in `classOf`. */
export const restLabel = 255;

/** The energy of lanes that stand for no class. */
export const nowhere = -1e30;

/** The most vectors of 4 classes that one pass handles. */
export const maxVectors = 6;

/** The kernel's commands, in the order of `run` in `kernel/index.ts`. */
export const commands = [
	'takeUnary',
	'embed',
	'merge',
	'chains',
	'normalize',
	'impulse',
	'iterate',
	'splat',
	'slice',
	'softmax',
	'mix',
	'select',
	'readLane',
	'readShare',
	'blur',
	'planWaves',
	'writeWaves',
] as const;
export type Command = (typeof commands)[number];
