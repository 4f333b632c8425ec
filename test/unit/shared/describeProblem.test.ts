import { describe, expect, test } from 'vitest';
import type { Problem, ProblemCode } from '../../../src/core/problem';
import { describeProblem } from '../../../src/shared/describeProblem';

/** One of each code; the type makes a forgotten one a compile error. */
const samples: { readonly [C in ProblemCode]: Extract<Problem, { code: C }> } = {
	'picture.notFound': { code: 'picture.notFound', name: 'cat.png' },
	'picture.unreadable': { code: 'picture.unreadable', name: 'cat.png', detail: 'EACCES: permission denied' },
	'picture.isFolder': { code: 'picture.isFolder', name: 'cats.png' },
	'picture.empty': { code: 'picture.empty', name: 'cat.png' },
	'picture.notAPicture': { code: 'picture.notAPicture', name: 'cat.png' },
	'picture.unsupported': { code: 'picture.unsupported', name: 'cat.jpg', detail: 'arithmetic coding' },
	'picture.damaged': { code: 'picture.damaged', name: 'cat.png', format: 'png', detail: 'ends in row 12' },
	'picture.tooLarge': { code: 'picture.tooLarge', name: 'cat.png', width: 20000, height: 20001, limitMegapixels: 100 },
	'model.notFound': { code: 'model.notFound', name: 'net.onnx' },
	'model.unreadable': { code: 'model.unreadable', name: 'net.onnx', detail: 'EACCES' },
	'model.damaged': { code: 'model.damaged', name: 'net.onnx', detail: 'no graph' },
	'model.unsupported': { code: 'model.unsupported', name: 'net.onnx', detail: 'no output logits' },
	'model.foreign': { code: 'model.foreign', name: 'net.onnx' },
	'model.noAspp': { code: 'model.noAspp', name: 'net.onnx', detail: 'its metadata names no branch' },
	'weights.notFound': { code: 'weights.notFound', name: 'w.pth' },
	'weights.unreadable': { code: 'weights.unreadable', name: 'w.pth', detail: 'permission denied' },
	'weights.unsupported': { code: 'weights.unsupported', name: 'w.pth', detail: 'it has no head' },
	'model.fixedStride': { code: 'model.fixedStride', name: 'net.onnx', outputStride: 16, detail: 'it has no branches' },
	'model.changed': { code: 'model.changed', name: 'net.onnx', pictureName: 'cat.png' },
	'weights.damaged': { code: 'weights.damaged', name: 'net.safetensors', detail: 'header' },
	'runtime.unavailable': { code: 'runtime.unavailable', detail: 'ort.wasm is missing' },
	'backend.refused': { code: 'backend.refused', refusal: { reason: 'nodeTooOld', detail: 'v20.20.2' } },
	'backend.bothFailed': {
		code: 'backend.bothFailed',
		detail: 'the device was lost',
		wasm: { code: 'runtime.outOfMemory', detail: 'bad_alloc' },
	},
	'runtime.failed': { code: 'runtime.failed', detail: 'Conv_3: shapes differ' },
	'runtime.outOfMemory': { code: 'runtime.outOfMemory', detail: '2049 x 2049' },
	'worker.crashed': { code: 'worker.crashed', detail: 'exit code 1' },
	'crf.badParameter': { code: 'crf.badParameter', parameter: 'spatialSigma', value: '-1', low: 0.1, high: 10_000 },
	'crf.badInput': { code: 'crf.badInput', detail: 'the unary of class 3 is NaN at pixel 12' },
	'crf.tooLarge': { code: 'crf.tooLarge', detail: '5.1 GB of 4 GB' },
	'output.unwritable': { code: 'output.unwritable', name: 'mask.png', detail: 'ENOSPC' },
	'run.notFound': { code: 'run.notFound', name: 'cat.png' },
	usage: { code: 'usage', detail: 'segment needs a picture' },
	cancelled: { code: 'cancelled' },
	internal: { code: 'internal', detail: 'RangeError: out of range' },
};

describe('describeProblem', () => {
	test.each(Object.values(samples))('$code names what, where and what to do', (problem) => {
		const text = describeProblem(problem);
		expect(text.length).toBeGreaterThan(15);
		expect(text).not.toMatch(/\{\d\}|undefined|null|!|\.\.$/);
		expect(text).not.toContain(problem.code === 'usage' ? '\n' : problem.code);
		if ('name' in problem) {
			expect(text).toContain(problem.name);
		}
		if ('detail' in problem) {
			expect(text).toContain(problem.detail);
		}
		if (problem.code !== 'usage') {
			expect(text).toMatch(/\.$/);
		}
	});

	test('no two codes read the same', () => {
		const texts = Object.values(samples).map((problem) => describeProblem(problem));
		expect(new Set(texts).size).toBe(texts.length);
	});

	test('a size is told with its limit', () => {
		expect(describeProblem(samples['picture.tooLarge'])).toMatch(/20000 x 20001.*100 megapixels/);
	});

	test('a long detail of many lines stays one short sentence', () => {
		const text = describeProblem({ code: 'internal', detail: `${'x'.repeat(5000)}.\n    at main.ts:1` });
		expect(text.length).toBeLessThan(320);
		expect(text).not.toContain('\n');
	});

	test('an empty detail leaves no empty brackets', () => {
		expect(describeProblem({ code: 'worker.crashed', detail: ' ' })).not.toContain('()');
	});

	test('texts are taken from the display language’s bundle', async () => {
		const l10n = await import('@vscode/l10n');
		l10n.config({ contents: { '“{0}” is an empty file. Choose another picture.': '„{0}“ ist leer.' } });
		try {
			expect(describeProblem(samples['picture.empty'])).toBe('„cat.png“ ist leer.');
		} finally {
			l10n.config({ contents: {} });
		}
	});
});
