/** The client of the inference worker, made when it is first asked for. */
import { expect, it, vi } from 'vitest';
import type * as vscode from 'vscode';
import { lazyInference } from '../../../src/extension/platform/lazyInference';
import type { Inference, Platform } from '../../../src/extension/platform/platform';
import type { SettingsReader } from '../../../src/extension/settings';

function lazy(createInference: () => Promise<unknown>) {
	const platform = { createInference } as unknown as Platform;
	return lazyInference(platform, {} as vscode.Uri, {} as SettingsReader, {});
}

it('is made anew where it could not be made, and once where it could', async () => {
	const inference = { client: { dispose: async () => undefined } };
	const make = vi.fn().mockRejectedValueOnce(new Error('no such file')).mockResolvedValue(inference);
	const { get } = lazy(make);
	const failed = get();
	expect(get()).toBe(failed);
	await expect(failed).rejects.toThrow('no such file');
	expect(await get()).toBe(inference);
	expect(await get()).toBe(inference);
	expect(make).toHaveBeenCalledTimes(2);
});

it('leaves no rejection behind where it is disposed of while it is made, or does not end', async () => {
	const dispose = vi.fn(async () => Promise.reject(new Error('the thread does not end')));
	let fail: (error: Error) => void = () => undefined;
	let make: (inference: Pick<Inference, 'client'>) => void = () => undefined;
	const failing = lazy(
		() =>
			new Promise((_, reject) => {
				fail = reject;
			}),
	);
	const asked = failing.get();
	failing.dispose();
	fail(new Error('no such file'));
	await expect(asked).rejects.toThrow('no such file');

	const slow = lazy(
		() =>
			new Promise((resolve) => {
				make = resolve;
			}),
	);
	const waiting = slow.get();
	slow.dispose();
	make({ client: { dispose } } as unknown as Inference);
	await waiting;
	slow.dispose();
	// One that nobody handles fails the suite.
	await new Promise((resolve) => setTimeout(resolve, 10));
	expect(dispose).toHaveBeenCalledTimes(2);
});
