import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { normalization } from '../../src/core/image/normalizations';
import { encodePalettePng } from '../../src/core/image/palettePng';
import type { Preprocessing } from '../../src/core/model';
import { decodeOnnx } from '../../src/core/onnx/decode';
import { encodeOnnx } from '../../src/core/onnx/encode';
import { readMetadata } from '../../src/core/onnx/metadata';
import { replacePreprocessing } from '../../src/core/onnx/replacePreprocessing';
import type { RunInfo } from '../../src/core/run';
import type { InspectorApi } from '../../src/extension/api';
import type { DoctorExam } from '../../src/shared/protocol/doctor';
import { host } from './chosenHost';
import {
	api,
	extension,
	messagesOf,
	quickNetwork,
	readFile,
	sameBytes,
	shareOf,
	until,
	withSetting,
	workspaceFile,
	writeFile,
} from './support';

const asked = ['showWarningMessage', 'showSaveDialog', 'showOpenDialog'] as const;
type Answers = Record<(typeof asked)[number], (...args: unknown[]) => Promise<unknown>>;

/** Answers what the extension asks for the time of a piece of work; what is not named is left by Escape. */
async function answering(answers: Partial<Answers>, work: () => Promise<void>): Promise<void> {
	const shown = vscode.window as unknown as Answers;
	const originals = asked.map((name) => shown[name]);
	for (const name of asked) {
		shown[name] = answers[name] ?? (() => Promise.resolve(undefined));
	}
	try {
		await work();
	} finally {
		asked.forEach((name, i) => {
			shown[name] = originals[i]!;
		});
	}
}

describe('the preprocessing doctor', () => {
	const bundledFile = () => vscode.Uri.joinPath(extension().extensionUri, 'models', 'deeplabv2-mobilenetv2-voc.onnx');
	const bundled = async () => decodeOnnx(new Uint8Array(await readFile(bundledFile())), 'bundled');
	const picture = workspaceFile('chelsea.png');

	/** The bundled model, or a quick one that says the same of its input. */
	const examined = async () =>
		host.form.backend === 'webgpu'
			? replacePreprocessing(quickNetwork(), readMetadata(await bundled(), 'bundled').preprocessing, 'quick')
			: await bundled();
	/** The same, but it says that pictures reach it as a Caffe network has them, stretched. */
	const misled = async (name: string) => {
		const model = await examined();
		const own = readMetadata(model, name).preprocessing;
		const wrong: Preprocessing = { ...own, ...normalization('caffe', 'BGR'), resize: 'stretch', alignCorners: false };
		return await writeFile(name, encodeOnnx(replacePreprocessing(model, wrong, name)));
	};
	const preprocessingOf = (bytes: Uint8Array) => readMetadata(decodeOnnx(bytes, 'model'), 'model').preprocessing;
	const exam = async (): Promise<DoctorExam> => {
		const state = (await api()).doctor.state();
		assert.equal(state.kind, 'exam', JSON.stringify(state));
		return (state as Extract<typeof state, { kind: 'exam' }>).exam;
	};
	/** What the model makes of the picture, as ground truth. */
	const truth = async () => {
		const inspector = await api();
		const mask = workspaceFile('chelsea-truth.png');
		await writeFile('examined.onnx', encodeOnnx(await examined()));
		let run: RunInfo | undefined;
		await withSetting('model', 'examined.onnx', async () => {
			run = await inspector.segment(picture);
			await answering({ showSaveDialog: async () => mask }, async () => {
				await vscode.commands.executeCommand('deeplab.saveMask');
			});
		});
		return { mask, classes: run!.classes };
	};
	const side = Math.min(129, Number(host.form.settings.longestSide ?? 129));
	const small = (work: () => Promise<void>) => withSetting('longestSide', side, () => withSetting('model', '', work));
	/** Opens an exam and ends it as soon as there is something to see. */
	const glance = async (options: Parameters<InspectorApi['doctor']['open']>[0]) => {
		const { doctor } = await api();
		const shown = () => {
			const state = doctor.state();
			return state.kind === 'exam' ? state.exam.id : undefined;
		};
		const before = shown();
		const opening = doctor.open(options);
		await until('the first masks', () => shown() !== undefined && shown() !== before, 60_000);
		doctor.cancel();
		await opening;
	};
	const leftovers = async () =>
		(await vscode.workspace.fs.readDirectory(workspaceFile('.')))
			.map(([name]) => name)
			.filter((name) => /part$/.test(name));

	it('finds how pictures should reach a model that says otherwise, and writes it on demand', async () => {
		await small(async () => {
			const { doctor, segment } = await api();
			const { mask, classes } = await truth();
			const uri = await misled('misled.onnx');
			const before = await readFile(uri);
			await vscode.commands.executeCommand('deeplab.preprocessingDoctor', picture, uri);
			assert.equal((await exam()).progress.tiles.length, 32);
			assert.equal((await exam()).progress.current, 'bgr-caffe-stretch-half-pixel');
			assert.equal((await exam()).progress.running, false);
			assert.equal(Object.keys((await exam()).masks).length, 32);

			await doctor.compareWith(mask);
			const { tiles } = (await exam()).progress;
			assert.equal(tiles[0]!.id, 'rgb-symmetric-fit-corners');
			assert.ok(tiles[0]!.agreement!.pixels > 0.99, `${tiles[0]!.agreement!.pixels}`);
			const wrong = tiles.find(({ id }) => id === 'bgr-caffe-stretch-half-pixel')!;
			assert.ok(wrong.agreement!.pixels < tiles[0]!.agreement!.pixels - 0.01);

			// Who changes their mind changes nothing.
			await answering({}, async () => assert.equal(await doctor.keep(tiles[0]!.id), undefined));
			assert.ok(sameBytes(before, await readFile(uri)));
			assert.equal(vscode.workspace.getConfiguration('deeplab').get('model'), '');

			const told: string[] = [];
			const rewrite = async (message: unknown, options: unknown, ...buttons: unknown[]) => {
				told.push(String(message), JSON.stringify(options));
				return buttons[0];
			};
			await answering({ showWarningMessage: rewrite }, async () => void (await doctor.keep(tiles[0]!.id)));
			assert.match(told[0]!, /Rewrite how pictures reach “misled\.onnx”/);
			assert.match(told[1]!, /Now: BGR, mean 104\.008.*Then: RGB, mean 127\.5/);
			const after = await readFile(uri);
			assert.deepEqual(
				{ ...preprocessingOf(after), padMultiple: 0 },
				{
					...preprocessingOf(before),
					...normalization('symmetric', 'RGB'),
					resize: 'fit',
					alignCorners: true,
					padMultiple: 0,
				},
			);
			// All else is as it was.
			const alike = (bytes: Uint8Array) =>
				encodeOnnx(replacePreprocessing(decodeOnnx(bytes, 'model'), preprocessingOf(before), 'model'));
			assert.ok(sameBytes(alike(after), alike(before)));
			assert.deepEqual(await leftovers(), []);
			assert.match(vscode.workspace.getConfiguration('deeplab').get('model', ''), /misled\.onnx$/);
			assert.equal((await exam()).progress.current, 'rgb-symmetric-fit-corners');
			const now = await segment(picture);
			for (const { label, share } of classes) {
				const found = now.classes.find((each) => each.label === label)?.share ?? 0;
				assert.ok(Math.abs(found - share) < 0.02, `class ${label}: ${found}, not ${share}`);
			}
		});
	});

	it('never changes the bundled model: another file can be saved', async () => {
		await small(async () => {
			const { doctor } = await api();
			const before = await readFile(bundledFile());
			await glance({ picture });
			assert.equal((await exam()).progress.current, 'rgb-symmetric-fit-corners');
			const id = 'rgb-symmetric-stretch-corners';
			await answering({ showSaveDialog: async () => bundledFile() }, async () => {
				await assert.rejects(doctor.keep(id), /output\.unwritable/);
			});
			const target = workspaceFile('stretched.onnx');
			await answering({ showSaveDialog: async () => target }, async () => {
				assert.equal((await doctor.keep(id))?.name, 'stretched.onnx');
			});
			assert.ok(sameBytes(before, await readFile(bundledFile())));
			assert.equal(preprocessingOf(await readFile(target)).resize, 'stretch');
			assert.match(vscode.workspace.getConfiguration('deeplab').get('model', ''), /stretched\.onnx$/);
		});
	});

	it('adopts a model of another tool with the choice that is kept', async () => {
		await small(async () => {
			const { doctor, segment } = await api();
			const uri = await writeFile('stranger.onnx', encodeOnnx({ ...(await bundled()), metadata: {} }));
			const before = await readFile(uri);
			await glance({ picture, model: uri, adoption: { classes: 'voc' } });
			assert.equal((await exam()).adopting, true);
			assert.equal((await exam()).progress.current, 'rgb-imagenet-fit-half-pixel');
			await answering({ showSaveDialog: async () => uri }, async () => {
				await assert.rejects(doctor.keep('rgb-symmetric-fit-corners'), /output\.unwritable/);
			});
			const target = workspaceFile('stranger-deeplab.onnx');
			await answering({ showSaveDialog: async () => target }, async () => {
				await doctor.keep('rgb-symmetric-fit-corners');
			});
			assert.ok(sameBytes(before, await readFile(uri)));
			assert.equal(preprocessingOf(await readFile(target)).channelOrder, 'RGB');
			assert.equal((await exam()).adopting, false);
			assert.ok(shareOf(await segment(picture), 'cat') > 0.4);
		});
	});

	it('is cancelled, keeps what is computed and goes on; a newer exam ends an older one', async () => {
		await small(async () => {
			const { doctor } = await api();
			const uri = await misled('cancelled.onnx');
			const before = await readFile(uri);
			await glance({ picture, model: uri });
			const { tiles, running, failure } = (await exam()).progress;
			assert.deepEqual([running, failure], [false, undefined]);
			const computed = tiles.filter(({ confidence }) => confidence).length;
			assert.ok(computed >= 2 && computed < 32, `${computed} computed`);
			assert.ok(sameBytes(before, await readFile(uri)));
			assert.deepEqual(await leftovers(), []);

			const quick = await writeFile('quick.onnx', encodeOnnx(quickNetwork()));
			const first = doctor.open({ picture, model: uri });
			const { id } = await (async () => {
				await until('the next exam', () => doctor.state().kind !== 'exam');
				await doctor.open({ picture: workspaceFile('astronaut.png'), model: quick });
				return await exam();
			})();
			await first;
			assert.equal((await exam()).id, id);
			assert.equal((await exam()).pictureName, 'astronaut.png');
			assert.ok((await exam()).progress.tiles.every(({ confidence }) => confidence));
		});
	});

	it('says what is wrong with a picture, a model or ground truth', async () => {
		await small(async () => {
			const { doctor } = await api();
			const broken = await writeFile('broken.onnx', new Uint8Array([1, 2, 3]));
			await messagesOf(() => doctor.open({ picture, model: broken }));
			const state = doctor.state();
			assert.equal(state.kind, 'failed');
			assert.match(JSON.stringify(state), /broken\.onnx/);

			await glance({ picture });
			const other = await writeFile('other-size.png', encodePalettePng(new Uint8Array(12), 4, 3, [[0, 0, 0]]));
			await assert.rejects(doctor.compareWith(other), /4 x 3 ground truth for a picture of 451 x 300/);
			await assert.rejects(doctor.compareWith(picture), /picture\.unsupported/);
			assert.equal((await exam()).progress.truth, undefined);
		});
	});
});
