import { describe, expect, test } from 'vitest';
import { type BackendStatus, refusalReasons } from '../../../src/core/backend';
import {
	adapterDetail,
	backendLabel,
	describeFallback,
	describeRefusal,
	refusalWarning,
	threadWords,
} from '../../../src/shared/describeBackend';

const adapter = { vendor: 'nvidia', architecture: 'ampere', device: 'rtx', description: 'driver 5' };

describe('backends in words', () => {
	test('what runs is said in a few words', () => {
		expect(backendLabel({ name: 'wasm', threads: 1 })).toBe('WASM · 1 thread');
		expect(backendLabel({ name: 'wasm', threads: 4 })).toBe('WASM · 4 threads');
		expect(backendLabel({ name: 'webgpu', threads: 1, adapter })).toBe('WebGPU · NVIDIA ampere');
		const silent = { vendor: '', architecture: '', device: '', description: '' };
		expect(backendLabel({ name: 'webgpu', threads: 1, adapter: silent })).toBe('WebGPU · unknown GPU');
		expect(adapterDetail(adapter)).toBe('NVIDIA ampere, rtx, driver 5');
	});

	test.each(refusalReasons)('%s: a sentence, and what to do', (reason) => {
		const text = describeRefusal({ reason, detail: 'the detail.\nmore' });
		expect(text).toMatch(/^[A-Z“].*\. (Install|Choose|Use|Update)/);
		expect(text.includes('the detail')).toBe(true);
		expect(text).not.toContain('more');
		expect(describeRefusal({ reason, detail: '' })).not.toContain('()');
	});

	test('every reason has words of its own', () => {
		const texts = refusalReasons.map((reason) => describeRefusal({ reason, detail: '' }));
		expect(new Set(texts).size).toBe(refusalReasons.length);
	});

	test('one thread is explained where memory cannot be shared, and only there', () => {
		const status: BackendStatus = { chosen: 'wasm', runs: { name: 'wasm', threads: 1 }, sharedMemory: false };
		expect(threadWords(status)?.why).toMatch(/cross-origin isolated/);
		expect(threadWords({ ...status, sharedMemory: true })).toBeUndefined();
	});

	test('a refusal is a warning only where WebGPU was asked for; a failure has had its own', () => {
		const status = (chosen: BackendStatus['chosen'], reason: (typeof refusalReasons)[number]): BackendStatus => ({
			chosen,
			runs: { name: 'wasm', threads: 2 },
			sharedMemory: true,
			webgpuRefused: { reason, detail: '' },
		});
		expect(refusalWarning(status('auto', 'noAdapter'))).toBeUndefined();
		expect(refusalWarning(status('wasm', 'notChosen'))).toBeUndefined();
		expect(refusalWarning(status('webgpu', 'failed'))).toBeUndefined();
		expect(refusalWarning(status('webgpu', 'noAdapter'))).toMatch(/WASM.*no GPU/);
		expect(describeFallback('lost.', 'm.onnx')).toMatch(/“m.onnx” \(lost\).*WASM/);
	});
});
