import { memoryKinds, type RunProfile } from '../../core/profile/runProfile';
import { stageNames } from '../../core/run';
import { checkBackend } from '../backend/backendRecord';
import { fields, list, numbers, texts } from '../runs/recordFields';

export function encodeProfile(profile: RunProfile): Uint8Array {
	return new TextEncoder().encode(`${JSON.stringify(profile)}\n`);
}

/**
 * Reads `profile.json` of a kept run, checking all that is used of it.
 * @throws Error that says what is wrong
 */
export function decodeProfile(bytes: Uint8Array): RunProfile {
	const profile: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	const [version, backend, pictureSize, inputSize, stages, operators] = fields(profile, 'profile', [
		'version',
		'backend',
		'pictureSize',
		'inputSize',
		'stages',
		'operators',
	]);
	if (version !== 1) {
		throw new Error(`version ${String(version)} is not known`);
	}
	texts(profile, 'profile', ['pictureName', 'modelName']);
	numbers(profile, 'profile', ['createdAt']);
	times(profile, 'profile', ['passes', 'profiledMilliseconds', 'plainMilliseconds']);
	checkBackend(backend);
	sides(pictureSize, 'pictureSize', 2);
	sides(inputSize, 'inputSize', 2);
	for (const entry of list(stages, 'stages')) {
		times(entry, 'stage', ['milliseconds']);
		const [stage] = fields(entry, 'stage', ['stage']);
		if (!stageNames.some((known) => known === stage)) {
			throw new Error(`the stage ${String(stage)} is not known`);
		}
	}
	for (const entry of list(operators, 'operators')) {
		checkOperator(entry);
	}
	checkMemory(profile);
	return profile as RunProfile;
}

function checkOperator(value: unknown): void {
	texts(value, 'operator', ['opType']);
	times(value, 'operator', ['start', 'milliseconds']);
	const [path] = fields(value, 'operator', ['path']);
	if (list(path, 'path').length === 0 || !list(path, 'path').every((part) => typeof part === 'string')) {
		throw new Error('operator.path is not made of names');
	}
	const { outputShape, scale } = value as { readonly outputShape?: unknown; readonly scale?: unknown };
	if (outputShape !== undefined) {
		sides(outputShape, 'operator.outputShape');
	}
	if (scale !== undefined) {
		times(value, 'operator', ['scale']);
	}
}

function checkMemory(profile: unknown): void {
	const { memory } = profile as { readonly memory?: unknown };
	if (memory !== undefined) {
		times(memory, 'memory', ['bytes']);
		const [kind] = fields(memory, 'memory', ['kind']);
		if (!memoryKinds.some((known) => known === kind)) {
			throw new Error(`memory of the kind ${String(kind)} is not known`);
		}
	}
}

/** Numbers that are not below zero. */
function times(value: unknown, where: string, names: readonly string[]): void {
	numbers(value, where, names);
	for (const [i, entry] of fields(value, where, names).entries()) {
		if ((entry as number) < 0) {
			throw new Error(`${where}.${names[i]} is below zero`);
		}
	}
}

function sides(value: unknown, where: string, count?: number): void {
	const found = list(value, where);
	const areSides = found.every((side) => typeof side === 'number' && Number.isSafeInteger(side) && side >= 0);
	if (!areSides || (count !== undefined && found.length !== count)) {
		throw new Error(`${where} is not a size`);
	}
}
