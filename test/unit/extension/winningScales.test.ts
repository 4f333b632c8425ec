import { describe, expect, test } from 'vitest';
import { shownScales } from '../../../src/extension/inspector/winningScales';
import type { InspectorRun } from '../../../src/shared/protocol/inspector';
import { makeRun } from './support';

const { info } = makeRun('a');

function store(scales: Uint8Array | undefined, displayStep: number) {
	return {
		winningScales: async () => scales,
		shown: async () => ({ info, displayStep }) as InspectorRun,
	};
}

describe('the winning scales of a run', () => {
	const scales = Uint8Array.from({ length: 20 }, (_, i) => i);

	test('are shown at the size at which the run is', async () => {
		expect(await shownScales(store(scales, 1), 'a')).toEqual({ runId: 'a', scales });
		// Of 5 x 4 pixels, those in the middle of blocks of 2 x 2.
		expect(await shownScales(store(scales, 2), 'a')).toEqual({
			runId: 'a',
			scales: Uint8Array.of(6, 8, 9, 16, 18, 19),
		});
	});

	test('are none of a run of one scale', async () => {
		expect(await shownScales(store(undefined, 1), 'a')).toBeNull();
	});
});
