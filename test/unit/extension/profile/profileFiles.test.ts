import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { InspectorError } from '../../../../src/core/problem';
import { profileTree } from '../../../../src/core/profile/profileTree';
import type { RunProfile } from '../../../../src/core/profile/runProfile';
import { traceText } from '../../../../src/core/profile/traceFile';
import { decodeProfile, encodeProfile } from '../../../../src/extension/profile/profileRecord';
import { anyProfile, smallProfile } from '../../core/profile/profiles';
import { storeIn } from '../storeIn';
import { type diskFiles, makeRun } from '../support';

let folder: string;
const log = { info: vi.fn(), warn: vi.fn() };

beforeEach(async () => {
	folder = path.join(await mkdtemp(path.join(os.tmpdir(), 'deeplab-profile-')), 'runs');
	log.warn.mockClear();
});
afterEach(async () => {
	await rm(path.dirname(folder), { recursive: true, force: true });
});

const openStore = (fs: Partial<typeof diskFiles> = {}) => storeIn(folder, log, { fs });

const run = makeRun('a');
const file = (name: string) => path.join(folder, 'a', name);

describe('a kept profile', () => {
	test('comes back in the next session, and takes the place of the one before', async () => {
		const store = openStore();
		await store.add(run);
		expect(await store.profile('a')).toBeUndefined();
		await store.keepProfile('a', { ...smallProfile, passes: 1 });
		await store.keepProfile('a', smallProfile);
		expect(await openStore().profile('a')).toEqual(smallProfile);
		expect((await readdir(path.join(folder, 'a'))).filter((name) => name.includes('part'))).toEqual([]);
		expect(log.warn).not.toHaveBeenCalled();
	});

	test('that is damaged is left out with a word in the log, and the run stays', async () => {
		const store = openStore();
		await store.add(run);
		await store.keepProfile('a', smallProfile);
		await writeFile(file('profile.json'), (await readFile(file('profile.json'))).subarray(0, 100));
		const again = openStore();
		expect(await again.profile('a')).toBeUndefined();
		expect(log.warn).toHaveBeenCalledOnce();
		expect((await again.shown('a')).info.id).toBe('a');
	});

	test('that cannot be written leaves the one before', async () => {
		const store = openStore();
		await store.add(run);
		await store.keepProfile('a', smallProfile);
		const full = openStore({ rename: () => Promise.reject(new Error('the disk is full')) });
		const failure = await full.keepProfile('a', { ...smallProfile, passes: 1 }).catch((error: unknown) => error);
		expect((failure as InspectorError).problem.code).toBe('output.unwritable');
		expect(await openStore().profile('a')).toEqual(smallProfile);
		expect((await readdir(path.join(folder, 'a'))).filter((name) => name.includes('part'))).toEqual([]);
	});

	test('goes with its run, and does not bring it back', async () => {
		const store = openStore();
		await store.add(run);
		await store.remove('a');
		await expect(store.keepProfile('a', smallProfile)).rejects.toThrow(InspectorError);
		await expect(store.profile('a')).rejects.toThrow(InspectorError);
		expect(await readdir(folder)).toEqual([]);
	});
});

describe('profile.json', () => {
	test('is the profile, whatever it holds', () => {
		fc.assert(
			fc.property(anyProfile, (profile) => {
				expect(decodeProfile(encodeProfile(profile))).toEqual(JSON.parse(JSON.stringify(profile)));
			}),
		);
	});

	const changed = (change: (profile: Record<string, unknown>) => void) => {
		const profile = JSON.parse(JSON.stringify(smallProfile)) as Record<string, unknown>;
		change(profile);
		return new TextEncoder().encode(JSON.stringify(profile));
	};
	test.each<[string, (profile: Record<string, unknown>) => void, RegExp]>([
		['another version', (profile) => Object.assign(profile, { version: 2 }), /version 2/],
		['no operators', (profile) => delete profile.operators, /operators/],
		['a time below zero', (profile) => Object.assign(profile, { plainMilliseconds: -1 }), /plainMilliseconds/],
		['an unknown stage', (profile) => Object.assign(profile, { stages: [{ stage: 'x', milliseconds: 1 }] }), /stage x/],
		[
			'an operator without a name',
			(profile) => Object.assign(profile, { operators: [operator({ path: [] })] }),
			/path/,
		],
		[
			'an operator of no size',
			(profile) => Object.assign(profile, { operators: [operator({ outputShape: [-1] })] }),
			/size/,
		],
		['a time that is none', (profile) => Object.assign(profile, { operators: [operator({ start: null })] }), /start/],
		['unknown memory', (profile) => Object.assign(profile, { memory: { kind: 'x', bytes: 1 } }), /kind x/],
		[
			'an unknown backend',
			(profile) => Object.assign(profile, { backend: { name: 'cuda', threads: 1 } }),
			/backend cuda is not known/,
		],
		['a picture of one side', (profile) => Object.assign(profile, { pictureSize: [3] }), /pictureSize/],
	])('with %s is refused by name', (_, change, message) => {
		expect(() => decodeProfile(changed(change))).toThrow(message);
	});

	test('that is damaged anywhere is refused, or is a profile that can be shown', () => {
		const text = JSON.stringify(smallProfile);
		fc.assert(
			fc.property(fc.nat(text.length), fc.nat(20), fc.string({ maxLength: 6 }), (at, length, instead) => {
				const bytes = new TextEncoder().encode(text.slice(0, at) + instead + text.slice(at + length));
				let profile: RunProfile;
				try {
					profile = decodeProfile(bytes);
				} catch (error) {
					expect(error).toBeInstanceOf(Error);
					return;
				}
				expect(profileTree(profile).milliseconds).toBeGreaterThanOrEqual(0);
				expect(() => JSON.parse(traceText(profile))).not.toThrow();
			}),
			{ numRuns: 400 },
		);
	});
});

function operator(change: object): object {
	return { ...smallProfile.operators[0], ...change };
}
