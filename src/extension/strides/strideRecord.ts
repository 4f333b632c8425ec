import { type OutputStride, outputStrides } from '../../core/onnx/networks/outputStride';
import { type StridePair, stridePairs } from '../../shared/protocol/strides';
import { fields, list, numbers } from '../runs/recordFields';

/** What is known of a run's network at another output stride, besides its mask. */
export interface StrideFindings {
	readonly stride: OutputStride;
	readonly gridWidth: number;
	readonly gridHeight: number;
	/** Dilation rates of the branches, in cells of that grid. */
	readonly rates: readonly number[];
	/** What the network took. */
	readonly milliseconds: number;
}

/** What `strides.json` of a kept run holds. */
export interface StrideRecord {
	readonly version: 1;
	/** Size of the masks' files, in bytes. */
	readonly bytes: number;
	/** What is compared; null: the comparison was closed. */
	readonly pair: StridePair | null;
	/** One for each mask that is kept; the run's own mask is not among them. */
	readonly strides: readonly StrideFindings[];
}

export function encodeStrideRecord(record: StrideRecord): Uint8Array {
	return new TextEncoder().encode(`${JSON.stringify(record, undefined, '\t')}\n`);
}

/**
 * Reads `strides.json`, checking all that is used of it.
 * @param own output stride of the run's own model
 * @throws Error that says what is wrong
 */
export function decodeStrideRecord(bytes: Uint8Array, own: number): StrideRecord {
	const record: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	const [version, weight, pair, strides] = fields(record, 'record', ['version', 'bytes', 'pair', 'strides']);
	if (version !== 1) {
		throw new Error(`version ${String(version)} is not known`);
	}
	whole(weight, 'record.bytes');
	const seen = new Set([own]);
	const found = list(strides, 'strides').map((entry) => {
		const findings = findingsOf(entry);
		if (seen.has(findings.stride)) {
			throw new Error(`the stride ${findings.stride} is there twice, or the run’s own`);
		}
		seen.add(findings.stride);
		return findings;
	});
	const known = pair === null ? null : stridePairs.find((each) => each.join() === list(pair, 'pair').join());
	if (known === undefined || known?.some((stride) => !seen.has(stride))) {
		throw new Error(`the pair ${String(pair)} is not known, or has no mask`);
	}
	return { version, bytes: weight as number, pair: known, strides: found };
}

function findingsOf(value: unknown): StrideFindings {
	const [stride, gridWidth, gridHeight, rates, milliseconds] = fields(value, 'stride', [
		'stride',
		'gridWidth',
		'gridHeight',
		'rates',
		'milliseconds',
	]);
	const known = outputStrides.find((each) => each === stride);
	if (known === undefined) {
		throw new Error(`the output stride ${String(stride)} is not known`);
	}
	numbers(value, 'stride', ['milliseconds']);
	if ((milliseconds as number) < 0) {
		throw new Error('stride.milliseconds is below zero');
	}
	return {
		stride: known,
		gridWidth: whole(gridWidth, 'stride.gridWidth'),
		gridHeight: whole(gridHeight, 'stride.gridHeight'),
		rates: list(rates, 'stride.rates').map((rate) => whole(rate, 'a rate')),
		milliseconds: milliseconds as number,
	};
}

/** A whole number above zero. */
function whole(value: unknown, where: string): number {
	if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
		throw new Error(`${where} is not a whole number above zero`);
	}
	return value;
}
