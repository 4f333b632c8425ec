import { beforeEach, describe, expect, it, vi } from 'vitest';

const disk = vi.hoisted(() => ({
	files: new Map<string, string>(),
	full: false,
	joinPath: (base: { path: string }, ...parts: string[]) => {
		const path = parts.reduce((at, part) => (part === '..' ? at.replace(/\/[^/]*$/, '') : `${at}/${part}`), base.path);
		return { path, toString: () => path };
	},
}));
/** What the user picks of each step, by the item's label; a step that is not named is left by Escape. */
const picks = vi.hoisted(() => ({ labels: new Map<string, string>(), asked: [] as string[] }));
vi.mock('vscode', () => ({
	FileType: { Directory: 2 },
	ProgressLocation: { Notification: 15 },
	QuickPickItemKind: { Separator: -1 },
	ThemeIcon: class {},
	Uri: { joinPath: disk.joinPath },
	window: {
		showInformationMessage: (...texts: unknown[]) => Promise.resolve(texts.at(-1)),
		showSaveDialog: ({ defaultUri }: { defaultUri: unknown }) => Promise.resolve(defaultUri),
		showOpenDialog: () => Promise.resolve([{ path: '/models/names.txt' }]),
		withProgress: (_options: unknown, work: (progress: unknown, token: unknown) => unknown) =>
			work({}, { onCancellationRequested: () => ({ dispose: () => undefined }) }),
	},
	workspace: {
		fs: {
			stat: () => Promise.resolve({ type: 1 }),
			readFile: () => Promise.resolve(new TextEncoder().encode('road\nsky\n')),
			// A disk that fills up: half of the file is there when writing ends.
			writeFile: ({ path }: { path: string }) => {
				disk.files.set(path, disk.full ? 'half' : 'whole');
				return disk.full ? Promise.reject(new Error('no space left')) : Promise.resolve();
			},
			rename: (from: { path: string }, to: { path: string }) => {
				disk.files.set(to.path, disk.files.get(from.path)!);
				disk.files.delete(from.path);
				return Promise.resolve();
			},
			delete: ({ path }: { path: string }) => Promise.resolve(disk.files.delete(path)),
		},
	},
}));
vi.mock('../../../src/shared/describeAdoption', () => ({ describeAdoption: () => ({ facts: [], notes: [] }) }));
vi.mock('../../../src/extension/importing/steps', async (original) => ({
	...(await original<object>()),
	pickOne: ({ title, choices }: { title: string; choices: readonly { label: string; value: unknown }[] }) => {
		picks.asked.push(`${title}: ${choices.map(({ label }) => label).filter(Boolean)}`);
		return Promise.resolve(choices.find(({ label }) => label === picks.labels.get(title))?.value);
	},
}));

import type { AdoptReport } from '../../../src/core/onnx/discover/adopt';
import { type AdoptionParts, offerAdoption } from '../../../src/extension/models/adoptModel';

const uri = { path: '/models/net.onnx', toString: () => '/models/net.onnx' } as never;

function partsOf({ classes = 21, alignCornersFrom = 'graph' as AdoptReport['alignCornersFrom'] } = {}) {
	const report = vi.fn();
	const open = vi.fn(() => Promise.resolve(true));
	const adopt = vi.fn((..._: Parameters<AdoptionParts['adopt']>) =>
		Promise.resolve({
			report: { metadata: { classes: Array.from({ length: classes }) }, classSet: 'voc', alignCornersFrom },
			bytes: new Uint8Array(4),
		}),
	);
	const models = { read: () => Promise.resolve({ name: 'net.onnx' }) };
	const parts = { models, adopt, doctor: { open }, problems: { report } } as unknown as AdoptionParts;
	return { parts, report, open, adopt };
}

beforeEach(() => {
	disk.files.clear();
	disk.full = false;
	picks.asked.length = 0;
	picks.labels = new Map([
		['How do pictures reach the model?', '−1…1'],
		['Classes', 'PASCAL VOC'],
		['How are pictures brought to its size?', 'Stretched'],
		['align_corners', 'Yes'],
	]);
});

describe('adopting a model', () => {
	it('asks for what the graph does not tell, and says it', async () => {
		const { parts, adopt } = partsOf();
		expect(await offerAdoption(parts, uri)).toMatchObject({ path: '/models/net-deeplab.onnx' });
		expect(adopt.mock.calls.map(([, options]) => options)).toEqual([
			{},
			{ channelOrder: 'RGB', normalization: 'symmetric', classes: 'voc', resize: 'stretch' },
		]);
		expect([...disk.files]).toEqual([['/models/net-deeplab.onnx', 'whole']]);
	});

	it('asks for align_corners where the graph has none', async () => {
		const { parts, adopt } = partsOf({ alignCornersFrom: 'assumed' });
		await offerAdoption(parts, uri);
		expect(adopt.mock.calls[1]![1]).toMatchObject({ alignCorners: true });
	});

	it('offers the data sets with as many classes, a file and numbers', async () => {
		await offerAdoption(partsOf().parts, uri);
		expect(picks.asked[1]).toBe('Classes: PASCAL VOC,From a Text File…,Numbered');
		picks.labels.set('Classes', 'Numbered');
		const { parts, adopt } = partsOf({ classes: 2 });
		await offerAdoption(parts, uri);
		expect(picks.asked.find((asked) => asked.startsWith('Classes: From'))).toBe('Classes: From a Text File…,Numbered');
		expect(adopt.mock.calls[1]![1]).toMatchObject({ classes: ['class 0', 'class 1'] });
	});

	it('takes the names of a file, and tells how many there should be where they do not fit', async () => {
		picks.labels.set('Classes', 'From a Text File…');
		const fitting = partsOf({ classes: 2 });
		await offerAdoption(fitting.parts, uri);
		expect(fitting.adopt.mock.calls[1]![1]).toMatchObject({ classes: ['road', 'sky'] });

		const { parts, report, adopt } = partsOf({ classes: 3 });
		expect(await offerAdoption(parts, uri)).toBeUndefined();
		expect(report.mock.calls[0]![0]).toMatchObject({
			problem: { code: 'usage', detail: expect.stringMatching(/^“names\.txt” has 2 names, .* 3 classes/) },
		});
		expect(adopt).toHaveBeenCalledOnce();
	});

	it('leaves the rest to the doctor where that is asked for', async () => {
		picks.labels.set('How do pictures reach the model?', 'Compare on a Picture…');
		const { parts, open } = partsOf();
		expect(await offerAdoption(parts, uri)).toBeUndefined();
		expect(open).toHaveBeenCalledExactlyOnceWith({ model: uri, adoption: { classes: 'voc' } });
		expect(disk.files.size).toBe(0);
	});

	it.each(['How do pictures reach the model?', 'Classes', 'How are pictures brought to its size?'])(
		'writes nothing where the user leaves “%s”',
		async (title) => {
			picks.labels.delete(title);
			const { parts, report, open } = partsOf();
			expect(await offerAdoption(parts, uri)).toBeUndefined();
			expect(disk.files.size).toBe(0);
			expect(report).not.toHaveBeenCalled();
			expect(open).not.toHaveBeenCalled();
		},
	);

	it('that cannot be written leaves the file that was there, and no part of the new one', async () => {
		disk.files.set('/models/net-deeplab.onnx', 'before');
		disk.full = true;
		const { parts, report } = partsOf();
		expect(await offerAdoption(parts, uri)).toBeUndefined();
		expect([...disk.files]).toEqual([['/models/net-deeplab.onnx', 'before']]);
		expect(report.mock.calls[0]![0]).toMatchObject({
			problem: { code: 'output.unwritable', name: 'net-deeplab.onnx', detail: 'no space left' },
		});
	});
});
