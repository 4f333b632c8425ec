/** Reads what the `crf` command starts from. */
import * as l10n from '@vscode/l10n';
import { decodeNpy } from '../../core/checkpoint/npy';
import type { CrfInput } from '../../core/crf/denseCrf';
import { unaryFromLabels, unaryFromProbabilities } from '../../core/crf/unary';
import { createPictureDecoder } from '../../core/image/decode';
import { decodeLabelPng } from '../../core/image/palettePng';
import { InspectorError } from '../../core/problem';
import type { CrfCommand, UnarySource } from '../commandLine/commands';
import { readArray, readAsset, readPicture } from '../platform/files.node';

/**
 * The picture and its unary, which must be of its size.
 * @throws InspectorError `picture.*`, or `crf.badInput` which names the file
 */
export async function readCrfInput({ image, source }: CrfCommand): Promise<CrfInput> {
	const decoder = createPictureDecoder(readAsset);
	const { width, height, rgb } = await decoder.decode(image, await readPicture(image));
	const { classes, unary } = await readUnary(source, width, height);
	return { width, height, classes, unary, rgb };
}

async function readUnary(
	source: UnarySource,
	width: number,
	height: number,
): Promise<{ readonly classes: number; readonly unary: Float32Array }> {
	const { kind, file } = source;
	switch (kind) {
		case 'unary':
			return await readScores(file, width, height);
		case 'probabilities': {
			const { classes, unary: probabilities } = await readScores(file, width, height);
			return { classes, unary: unaryFromProbabilities(probabilities) };
		}
		case 'labels': {
			const mask = decodeLabelPng(await readPicture(file), file);
			if (mask.width !== width || mask.height !== height) {
				throw misfit(file, `${mask.height} x ${mask.width}`, width, height);
			}
			const { classes, probability } = source;
			// 0 is the unknown one there, and classes count from 1.
			const labels = mask.labels.map((label) => (label < classes ? label + 1 : 0));
			return { classes, unary: unaryFromLabels(labels, classes, probability) };
		}
		default: {
			const unknown: never = kind;
			throw new Error(`unknown source ${String(unknown)}`);
		}
	}
}

/** An array of classes x height x width, or classes x pixels, of float32 or float64. */
async function readScores(file: string, width: number, height: number) {
	const { shape, data } = decode(file, await readArray(file));
	const [classes = 0, ...sides] = shape;
	const isMap = sides.length === 2 && sides[0] === height && sides[1] === width;
	const isFlat = sides.length === 1 && sides[0] === width * height;
	if (!isMap && !isFlat) {
		throw misfit(file, shape.join(' x '), width, height);
	}
	if (classes < 1 || classes > 255) {
		throw badInput(l10n.t('“{0}” has {1} classes; 1 to 255 are possible', file, classes));
	}
	if (data instanceof Float64Array) {
		return { classes, unary: Float32Array.from(data) };
	}
	if (!(data instanceof Float32Array)) {
		throw badInput(l10n.t('“{0}” holds whole numbers, not float32 or float64', file));
	}
	return { classes, unary: data };
}

function decode(file: string, bytes: Uint8Array) {
	try {
		return decodeNpy(bytes, file);
	} catch (error) {
		const reason = error instanceof InspectorError && 'detail' in error.problem ? error.problem.detail : String(error);
		throw new InspectorError(
			{ code: 'crf.badInput', detail: l10n.t('“{0}” is no intact NumPy array: {1}', file, reason) },
			{ cause: error },
		);
	}
}

function misfit(file: string, found: string, width: number, height: number): InspectorError {
	return badInput(l10n.t('“{0}” is {1}, but the picture is {2} high and {3} wide', file, found, height, width));
}

function badInput(detail: string): InspectorError {
	return new InspectorError({ code: 'crf.badInput', detail });
}
