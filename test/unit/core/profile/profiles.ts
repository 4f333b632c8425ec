/** Profiles for tests: arbitrary ones, and one small one. */
import fc from 'fast-check';
import type { OperatorTime, RunProfile } from '../../../../src/core/profile/runProfile';

const name = fc.constantFrom('aspp', 'backbone', 'block1', '6', 'conv', 'a/b', 'a:b', '50%');
const time = fc.double({ min: 0, max: 50, noNaN: true });

const operator: fc.Arbitrary<Omit<OperatorTime, 'start'>> = fc.record(
	{
		path: fc.array(name, { minLength: 1, maxLength: 4 }),
		opType: fc.constantFrom('Conv', 'Add'),
		outputShape: fc.array(fc.nat(600), { maxLength: 4 }),
		milliseconds: time,
		scale: fc.constantFrom(1, 0.75, 0.5),
	},
	{ requiredKeys: ['path', 'opType', 'milliseconds'] },
);

/** The network takes what its operators take and `rest`, which may be less than nothing, as clocks have it. */
export const anyProfile: fc.Arbitrary<RunProfile> = fc
	.record({
		operators: fc.array(operator, { maxLength: 30 }),
		rest: fc.double({ min: -1, max: 20, noNaN: true }),
		decode: time,
	})
	.map(({ operators, rest, decode }) => {
		let start = 0;
		const placed = operators.map((each) => {
			const at = start;
			start += each.milliseconds;
			return { ...each, start: at };
		});
		return profileOf(placed, Math.max(0, start + rest), decode);
	});

export function profileOf(operators: readonly OperatorTime[], network: number, decode = 12): RunProfile {
	return {
		version: 1,
		pictureName: 'chelsea.png',
		modelName: 'deeplabv2',
		createdAt: 1_700_000_000_000,
		backend: { name: 'wasm', threads: 2 },
		pictureSize: [300, 451],
		inputSize: [297, 449],
		stages: [
			{ stage: 'decode', milliseconds: decode },
			{ stage: 'model', milliseconds: 80 },
			{ stage: 'network', milliseconds: network },
			{ stage: 'upsample', milliseconds: 3 },
		],
		operators,
		passes: 5,
		profiledMilliseconds: network,
		plainMilliseconds: network / 1.1,
		memory: { kind: 'wasmHeap', bytes: 64 * 2 ** 20 },
	};
}

export const smallProfile: RunProfile = profileOf(
	[
		{
			path: ['backbone', 'stem', 'conv'],
			opType: 'FusedConv',
			outputShape: [1, 32, 149, 225],
			start: 0.5,
			milliseconds: 8,
		},
		{
			path: ['backbone', 'block0', 'project'],
			opType: 'Conv',
			outputShape: [1, 16, 149, 225],
			start: 9,
			milliseconds: 4,
		},
		{ path: ['aspp', '12'], opType: 'Conv', outputShape: [1, 21, 38, 57], start: 14, milliseconds: 20 },
		{ path: ['aspp', '6'], opType: 'Conv', outputShape: [1, 21, 38, 57], start: 35, milliseconds: 18 },
		{ path: ['logits'], opType: 'Sum', outputShape: [1, 21, 38, 57], start: 54, milliseconds: 0.5 },
	],
	60,
);
