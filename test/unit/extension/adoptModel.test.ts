import { beforeEach, describe, expect, it, vi } from 'vitest';

const disk = vi.hoisted(() => ({
	files: new Map<string, string>(),
	full: false,
	namesFile: '/models/names.txt' as string | undefined,
	joinPath: (base: { path: string }, ...parts: string[]) => {
		const path = parts.reduce((at, part) => (part === '..' ? at.replace(/\/[^/]*$/, '') : `${at}/${part}`), base.path);
		return { path, toString: () => path };
	},
}));
const quick = vi.hoisted(() => ({ inputs: undefined as unknown as QuickInputs }));
vi.mock('vscode', () => ({
	get QuickInputButtons() {
		return { Back: quick.inputs.back };
	},
	get InputBoxValidationSeverity() {
		return quick.inputs.severity;
	},
	FileType: { Directory: 2 },
	ProgressLocation: { Notification: 15 },
	QuickPickItemKind: { Separator: -1 },
	ThemeIcon: class {},
	Uri: { joinPath: disk.joinPath },
	window: {
		createQuickPick: () => quick.inputs.createQuickPick(),
		createInputBox: () => quick.inputs.createInputBox(),
		showInformationMessage: (...texts: unknown[]) => Promise.resolve(texts.at(-1)),
		showSaveDialog: ({ defaultUri }: { defaultUri: unknown }) => Promise.resolve(defaultUri),
		showOpenDialog: () => Promise.resolve(disk.namesFile ? [{ path: disk.namesFile }] : undefined),
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

import type { AdoptReport } from '../../../src/core/onnx/discover/adopt';
import { type AdoptionParts, offerAdoption } from '../../../src/extension/models/adoptModel';
import { type QuickAnswer, QuickInputs } from './quickInputs';

const uri = { path: '/models/net.onnx', toString: () => '/models/net.onnx' } as never;

interface Found {
	readonly classes?: number;
	readonly alignCornersFrom?: AdoptReport['alignCornersFrom'];
	readonly stated?: Partial<AdoptReport['stated']>;
	readonly inputSize?: readonly [number, number];
}

function partsOf({ classes = 21, alignCornersFrom = 'graph', stated = {}, inputSize }: Found = {}) {
	const report = vi.fn();
	const open = vi.fn(() => Promise.resolve(true));
	const adopt = vi.fn((..._: Parameters<AdoptionParts['adopt']>) =>
		Promise.resolve({
			report: {
				metadata: { classes: Array.from({ length: classes }), preprocessing: { padMultiple: 8, inputSize } },
				discovery: { head: {} },
				outputStrideKnown: true,
				classSet: 'voc',
				alignCornersFrom,
				stated,
			},
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
	disk.namesFile = '/models/names.txt';
	quick.inputs = new QuickInputs();
	answer('How do pictures reach the model?', '−1…1');
	answer('Channel order', 'RGB');
	answer('Classes', 'PASCAL VOC');
	answer('How are pictures brought to its size?', 'Fitted');
	answer('What are sides padded to?', '32k');
	answer('align_corners', 'Yes');
});

function answer(title: string, ...answers: QuickAnswer[]): void {
	quick.inputs.answers.set(title, answers);
}

/** What the last question with this title was like. */
function asked(title: string) {
	return quick.inputs.asked.findLast((each) => each.title === title);
}

describe('adopting a model', () => {
	it('asks for what the graph does not tell, and says it', async () => {
		const { parts, adopt } = partsOf();
		expect(await offerAdoption(parts, uri)).toMatchObject({ path: '/models/net-deeplab.onnx' });
		expect(adopt.mock.calls.map(([, options]) => options)).toEqual([
			{},
			{
				channelOrder: 'RGB',
				normalization: 'symmetric',
				classes: 'voc',
				resize: 'fit',
				pad: { multiple: 32, remainder: 0 },
			},
		]);
		expect(quick.inputs.asked.map(({ title, step, canGoBack }) => [title, step, canGoBack])).toEqual([
			['How do pictures reach the model?', '1/5', false],
			['Channel order', '2/5', true],
			['Classes', '3/5', true],
			['How are pictures brought to its size?', '4/5', true],
			['What are sides padded to?', '5/5', true],
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
		expect(asked('Classes')!.labels).toEqual(['PASCAL VOC', 'From a Text File…', 'Numbered']);
		answer('Classes', 'Numbered');
		const { parts, adopt } = partsOf({ classes: 2 });
		await offerAdoption(parts, uri);
		expect(asked('Classes')!.labels).toEqual(['From a Text File…', 'Numbered']);
		expect(adopt.mock.calls[1]![1]).toMatchObject({ classes: ['class 0', 'class 1'] });
	});

	it('takes the names of a file, and tells how many there should be where they do not fit', async () => {
		answer('Classes', 'From a Text File…');
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
		answer('How do pictures reach the model?', 'Compare on a Picture…');
		const { parts, open } = partsOf();
		expect(await offerAdoption(parts, uri)).toBeUndefined();
		expect(open).toHaveBeenCalledExactlyOnceWith({ model: uri, adoption: { classes: 'voc' } });
		expect(disk.files.size).toBe(0);
	});

	it.each([
		'How do pictures reach the model?',
		'Channel order',
		'Mean',
		'Deviation',
		'Classes',
		'How are pictures brought to its size?',
		'What are sides padded to?',
		'align_corners',
	])('writes nothing where the user leaves “%s”', async (title) => {
		answer('How do pictures reach the model?', 'Custom…');
		answer('Mean', { type: '1, 2, 3' });
		answer('Deviation', { type: '4, 5, 6' });
		answer(title, undefined);
		const { parts, report, open, adopt } = partsOf({ alignCornersFrom: 'assumed' });
		expect(await offerAdoption(parts, uri)).toBeUndefined();
		expect(quick.inputs.titles().at(-1)).toBe(title);
		expect(adopt).toHaveBeenCalledOnce();
		expect(disk.files.size).toBe(0);
		expect(report).not.toHaveBeenCalled();
		expect(open).not.toHaveBeenCalled();
	});

	it('takes mean and deviation as numbers, and warns of those that look like ones for 0…1', async () => {
		answer('How do pictures reach the model?', 'Custom…');
		answer('Channel order', 'BGR');
		answer('Mean', { type: '0.406, 0.456, 0.485' });
		answer('Deviation', { type: '57.375, 57.12, 58.395' });
		const { parts, adopt } = partsOf();
		await offerAdoption(parts, uri);
		expect(asked('Mean')).toMatchObject({
			step: '3/7',
			first: '103.53, 116.28, 123.675',
			said: { severity: 2, message: expect.stringContaining('103.53, 116.28, 123.675') },
		});
		expect(asked('Deviation')).toMatchObject({ step: '4/7', first: '57.375, 57.12, 58.395', said: undefined });
		expect(adopt.mock.calls[1]![1]).toEqual({
			channelOrder: 'BGR',
			mean: [0.406, 0.456, 0.485],
			std: [57.375, 57.12, 58.395],
			classes: 'voc',
			resize: 'fit',
			pad: { multiple: 32, remainder: 0 },
		});
	});

	it.each([
		['Mean', '1, 2', 'Three numbers from 0 to 255'],
		['Mean', '1, 2, 300', 'Three numbers from 0 to 255'],
		['Deviation', '1, 0, 1', 'Three numbers above 0'],
		['What are sides padded to?', '8k+2', 'Such as 8k+1 or 32k'],
	])('does not take as “%s”: %s', async (title, typed, message) => {
		answer('How do pictures reach the model?', 'Custom…');
		answer('Mean', { type: '1, 2, 3' });
		answer('Deviation', { type: '4, 5, 6' });
		answer('What are sides padded to?', 'Custom…', { type: '64k' });
		answer(title, ...(title.startsWith('What') ? ['Custom…'] : []), { type: typed });
		const { parts, adopt } = partsOf();
		expect(await offerAdoption(parts, uri)).toBeUndefined();
		expect(asked(title)!.said).toEqual(expect.stringContaining(message));
		expect(adopt).toHaveBeenCalledOnce();
	});

	it('has a padding of one’s own, and none', async () => {
		answer('What are sides padded to?', 'Custom…', { type: '64k+1' });
		const own = partsOf();
		await offerAdoption(own.parts, uri);
		expect(asked('What are sides padded to?')).toMatchObject({ step: '6/6', first: '8k+1' });
		expect(own.adopt.mock.calls[1]![1]).toMatchObject({ pad: { multiple: 64, remainder: 1 } });

		answer('What are sides padded to?', 'Not at all');
		const none = partsOf();
		await offerAdoption(none.parts, uri);
		expect(none.adopt.mock.calls[1]![1]).toMatchObject({ pad: { multiple: 1, remainder: 0 } });
	});

	it.each([
		['it stretches pictures', {}, 'Stretched'],
		['it has one size alone', { inputSize: [129, 129] as const }, 'Fitted'],
	])('asks for no padding where %s', async (_, found, resize) => {
		answer('How are pictures brought to its size?', resize);
		const { parts, adopt } = partsOf(found);
		await offerAdoption(parts, uri);
		expect(quick.inputs.asked.at(-1)).toMatchObject({ title: 'How are pictures brought to its size?' });
		expect(adopt.mock.calls[1]![1]).not.toHaveProperty('pad');
	});

	it('goes back with what was answered, and takes the answers anew', async () => {
		answer('How do pictures reach the model?', 'Custom…', 'Caffe mean');
		answer('Mean', { type: '1, 2, 3' }, 'Back');
		answer('Deviation', 'Back');
		answer('Channel order', 'RGB', 'Back', 'BGR');
		answer('What are sides padded to?', '16k', 'Back', '32k+1');
		answer('align_corners', 'Back', 'No');
		const { parts, adopt } = partsOf({ alignCornersFrom: 'assumed' });
		await offerAdoption(parts, uri);
		expect(quick.inputs.asked.map(({ title, step, first }) => [step, title, first])).toEqual([
			['1/6', 'How do pictures reach the model?', 'ImageNet mean, std'],
			['2/8', 'Channel order', 'RGB'],
			['3/8', 'Mean', '123.675, 116.28, 103.53'],
			['4/8', 'Deviation', '58.395, 57.12, 57.375'],
			['3/8', 'Mean', '1, 2, 3'],
			['2/8', 'Channel order', 'RGB'],
			['1/8', 'How do pictures reach the model?', 'Custom…'],
			['2/6', 'Channel order', 'BGR'],
			['3/6', 'Classes', 'PASCAL VOC'],
			['4/6', 'How are pictures brought to its size?', 'Fitted'],
			['5/6', 'What are sides padded to?', '8k+1'],
			['6/6', 'align_corners', 'No'],
			['5/6', 'What are sides padded to?', '16k'],
			['4/6', 'How are pictures brought to its size?', 'Fitted'],
			['5/6', 'What are sides padded to?', '16k'],
			['6/6', 'align_corners', 'No'],
		]);
		expect(adopt.mock.calls[1]![1]).toEqual({
			channelOrder: 'BGR',
			normalization: 'caffe',
			classes: 'voc',
			resize: 'fit',
			pad: { multiple: 32, remainder: 1 },
			alignCorners: false,
		});
	});

	it('begins with what the file says', async () => {
		const { parts } = partsOf({ stated: { channelOrder: 'BGR', values: 'none' } });
		await offerAdoption(parts, uri);
		expect(asked('How do pictures reach the model?')!.first).toBe('None');
		expect(asked('Channel order')!.first).toBe('BGR');
	});

	it('asks again for the classes where no file is chosen', async () => {
		answer('Classes', 'From a Text File…', 'PASCAL VOC');
		disk.namesFile = undefined;
		const { parts, adopt } = partsOf();
		await offerAdoption(parts, uri);
		expect(quick.inputs.asked.filter(({ title }) => title === 'Classes').map(({ first }) => first)).toEqual([
			'PASCAL VOC',
			'From a Text File…',
		]);
		expect(adopt.mock.calls[1]![1]).toMatchObject({ classes: 'voc' });
	});

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
