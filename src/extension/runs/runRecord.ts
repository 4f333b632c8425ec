import type { RunInfo } from '../../core/run';
import { checkBackend } from '../backend/backendRecord';
import { fields, list, numbers, texts } from './recordFields';

/** What `run.json` of a kept run holds. */
export interface RunRecord {
	readonly version: 1;
	readonly info: RunInfo;
	/** Size of all of the run's files, in bytes. */
	readonly bytes: number;
	/** Picture pixels a pixel of the display picture; 1: the picture itself is shown. */
	readonly displayStep: number;
	readonly displayWidth: number;
	readonly displayHeight: number;
}

export function encodeRecord(record: RunRecord): Uint8Array {
	return new TextEncoder().encode(`${JSON.stringify(record, undefined, '\t')}\n`);
}

/**
 * Reads `run.json`, checking all that is used of it.
 * @param id the run's folder name, which the record must agree with
 * @throws Error that says what is wrong
 */
export function decodeRecord(bytes: Uint8Array, id: string): RunRecord {
	const record: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	const [version, info] = fields(record, 'record', ['version', 'info']);
	if (version !== 1) {
		throw new Error(`version ${String(version)} is not known`);
	}
	numbers(record, 'record', ['bytes', 'displayStep', 'displayWidth', 'displayHeight']);
	texts(info, 'info', ['id', 'pictureName', 'pictureUri', 'pictureFormat']);
	numbers(info, 'info', ['createdAt']);
	const [model, geometry, classes, timings, backend] = fields(info, 'info', [
		'model',
		'geometry',
		'classes',
		'timings',
		'backend',
	]);
	texts(model, 'model', ['name']);
	checkModelFile(info);
	checkMultiScale(info);
	numbers(geometry, 'geometry', [
		'pictureWidth',
		'pictureHeight',
		'resizedWidth',
		'resizedHeight',
		'inputWidth',
		'inputHeight',
		'gridWidth',
		'gridHeight',
	]);
	checkBackend(backend);
	const [names] = fields(model, 'model', ['classes']);
	for (const entry of list(names, 'model.classes')) {
		texts(entry, 'class', ['name']);
		const [color] = fields(entry, 'class', ['color']);
		if (list(color, 'color').length !== 3) {
			throw new Error('color has not 3 parts');
		}
	}
	for (const entry of list(classes, 'classes')) {
		numbers(entry, 'share', ['label', 'pixels', 'share']);
	}
	for (const entry of list(timings, 'timings')) {
		numbers(entry, 'timing', ['milliseconds']);
	}
	const checked = record as RunRecord;
	if (checked.info.id !== id) {
		throw new Error(`it is the record of ${checked.info.id}`);
	}
	return checked;
}

/** Runs of earlier versions did not note it. */
function checkModelFile(info: unknown): void {
	if (typeof info === 'object' && info !== null && 'modelFile' in info && info.modelFile !== undefined) {
		texts(info.modelFile, 'info.modelFile', ['location', 'key']);
	}
}

/** Only runs that fused several scales have it. */
function checkMultiScale(info: unknown): void {
	if (typeof info === 'object' && info !== null && 'multiScale' in info && info.multiScale !== undefined) {
		const { multiScale } = info;
		texts(multiScale, 'info.multiScale', ['rule']);
		for (const values of fields(multiScale, 'info.multiScale', ['scales', 'shares'])) {
			for (const value of list(values, 'info.multiScale')) {
				if (typeof value !== 'number') {
					throw new Error('info.multiScale has a scale or share that is not a number');
				}
			}
		}
	}
}
