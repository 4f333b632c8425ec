import { describe, expect, it } from 'vitest';
import { type ParityReport, parityLimit } from '../../../src/core/parity/report';
import { adapterName, formatDifference, parityMark, parityMessage } from '../../../src/shared/describeParity';

const adapter = { vendor: 'acme', architecture: 'one', device: '', description: 'Acme One' };
const good: ParityReport = {
	largestDifference: 2.1e-7,
	labelAgreement: 1,
	limit: parityLimit,
	agrees: true,
	adapter,
	runtime: '1.30.0',
	comparedAt: 1,
};
const bad: ParityReport = {
	...good,
	largestDifference: 0.314,
	labelAgreement: 0.87659,
	agrees: false,
	firstDiffering: { layer: 'backbone.conv3', operator: 'Conv + Relu', difference: 0.02, inputDifference: 1e-6 },
};

describe('describeParity', () => {
	it('writes differences short', () => {
		const written = [0, 2.1e-7, 9.9e-4, 1e-3, 0.01, 0.314, 12.34, null].map(formatDifference);
		expect(written).toEqual(['0', '2e-7', '1e-3', '1e-3', '0.01', '0.31', '12', 'not a number']);
	});

	it('marks what agrees with a check alone', () => {
		expect(parityMark({ kind: 'compared', report: good })).toEqual({
			icon: 'check',
			text: '',
			line: 'WebGPU agrees with WASM, largest difference 2e-7',
			detail:
				'WebGPU agrees with WASM: largest difference 2e-7 of the largest logit, 100 % of the pixels have the same class. (Acme One, onnxruntime 1.30.0)',
		});
	});

	it('names the layer of what differs, where one was found', () => {
		const mark = parityMark({ kind: 'compared', report: bad });
		expect(mark).toMatchObject({
			icon: 'warning',
			text: 'differs from backbone.conv3 on',
			line: 'WebGPU differs from WASM from backbone.conv3 on',
		});
		expect(mark.detail).toContain('87.65 % of the pixels');
		expect(mark.detail).toContain(
			'First layer that differs: backbone.conv3 (Conv + Relu), by 0.02, where what it reads differs by 1e-6.',
		);
		const { firstDiffering: _, ...unfound } = bad;
		expect(parityMark({ kind: 'compared', report: unfound }).text).toBe('differs');
	});

	it('never rounds up to all pixels', () => {
		const mark = parityMark({ kind: 'compared', report: { ...good, labelAgreement: 0.99999 } });
		expect(mark.detail).toContain('99.99 % of the pixels');
	});

	it('tells logits that are no numbers', () => {
		const mark = parityMark({ kind: 'compared', report: { ...bad, largestDifference: null } });
		expect(mark.detail).toContain('logits that are no numbers');
	});

	it('says in one message what was found and what follows', () => {
		const message = parityMessage(bad, 'net.onnx', true);
		expect(message).toMatch(/^“net\.onnx”: WebGPU differs from WASM.*It runs on WASM from now on\.$/);
		expect(parityMessage(bad, 'net.onnx', false)).not.toContain('from now on');
	});

	it('calls an adapter by what it says of itself', () => {
		expect(adapterName(adapter)).toBe('Acme One');
		expect(adapterName({ ...adapter, description: '' })).toBe('acme one');
		expect(adapterName({ vendor: '', architecture: '', device: '', description: '' })).toBeUndefined();
	});
});
