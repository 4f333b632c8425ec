import { describe, expect, test } from 'vitest';
import { LatestWins } from '../../../../src/extension/crf/latestWins';

interface Numbers {
	wanted: number | undefined;
	got: number | undefined;
	readonly began: number[];
	finish: (() => void) | undefined;
	readonly work: LatestWins<number>;
	want(wanted: number | undefined): void;
	finishAll(): Promise<void>;
}

/** A state that wants a number, and work that gives it after a turn. */
function numbers({ spares = false } = {}): Numbers {
	const t: Numbers = {
		wanted: undefined,
		got: undefined,
		began: [],
		finish: undefined,
		work: new LatestWins<number>({
			next: () => (t.wanted === t.got ? undefined : t.wanted),
			key: String,
			spares: () => spares,
			run: async (task, signal) => {
				t.began.push(task);
				await new Promise<void>((resolve) => {
					t.finish = resolve;
					signal.addEventListener('abort', () => resolve());
				});
				if (!signal.aborted) {
					t.got = task;
				}
			},
		}),
		want: (wanted: number | undefined) => {
			t.wanted = wanted;
			t.work.poke();
		},
		finishAll: async () => {
			while (t.work.running !== undefined) {
				t.finish?.();
				await new Promise((resolve) => setTimeout(resolve, 0));
			}
			await t.work.idle();
		},
	};
	return t;
}

describe('LatestWins', () => {
	test('does nothing where nothing is missing', async () => {
		const t = numbers();
		t.want(undefined);
		await t.work.idle();
		expect(t.began).toEqual([]);
	});

	test('of many changes computes the first, cancelled, and the last', async () => {
		const t = numbers();
		for (const wanted of [1, 2, 3, 4, 5]) {
			t.want(wanted);
		}
		await t.finishAll();
		expect(t.began).toEqual([1, 5]);
		expect(t.got).toBe(5);
	});

	test('waits for one whose end is near', async () => {
		const t = numbers({ spares: true });
		t.want(1);
		t.want(2);
		t.want(3);
		expect(t.work.running).toBe(1);
		await t.finishAll();
		expect(t.began).toEqual([1, 3]);
		expect(t.got).toBe(3);
	});

	test('goes on with what is wanted again', async () => {
		const t = numbers();
		t.want(1);
		t.want(1);
		await t.finishAll();
		expect(t.began).toEqual([1]);
	});

	test('cancels what nobody wants any more', async () => {
		const t = numbers();
		t.want(1);
		t.want(undefined);
		await t.work.idle();
		expect(t.got).toBeUndefined();
		expect(t.work.running).toBeUndefined();
	});

	test('does not do for ever what is asked for although it is done', async () => {
		let runs = 0;
		const work = new LatestWins<string>({
			next: () => 'same',
			key: (task) => task,
			run: async () => {
				runs++;
			},
		});
		work.poke();
		await work.idle();
		expect(runs).toBe(1);
	});

	test('once stopped begins nothing', async () => {
		const t = numbers();
		t.want(1);
		t.work.stop();
		t.want(2);
		await t.work.idle();
		expect(t.began).toEqual([1]);
	});
});
