import * as l10n from '@vscode/l10n';
import type { Problem } from '../core/problem';
import { describeRefusal } from './describeBackend';

/**
 * What a user reads of a problem, in the display language: what happened, to which file, and what to do.
 *
 * @param problem any problem; every code has its own text
 * @returns one to three short sentences
 */
export function describeProblem(problem: Problem): string {
	switch (problem.code) {
		case 'picture.notFound':
			return l10n.t('There is no picture at “{0}” any more. Choose another picture.', problem.name);
		case 'picture.unreadable':
			return l10n.t(
				'“{0}” cannot be read ({1}). Check that the file may be read, then try again.',
				problem.name,
				clause(problem.detail),
			);
		case 'picture.isFolder':
			return l10n.t('“{0}” is a folder. Choose a picture inside it.', problem.name);
		case 'picture.empty':
			return l10n.t('“{0}” is an empty file. Choose another picture.', problem.name);
		case 'picture.notAPicture':
			return l10n.t('“{0}” is not a picture. Choose a PNG, JPEG, WebP, BMP or GIF file.', problem.name);
		case 'picture.unsupported':
			return l10n.t(
				'“{0}” is a kind of picture that cannot be read here ({1}). Save it as an ordinary PNG or JPEG and choose that.',
				problem.name,
				clause(problem.detail),
			);
		case 'picture.damaged':
			return l10n.t(
				'“{0}” is a damaged {1} file ({2}). Get the file anew or choose another picture.',
				problem.name,
				problem.format.toUpperCase(),
				clause(problem.detail),
			);
		case 'picture.tooLarge':
			return l10n.t(
				'“{0}” has {1} x {2} pixels; at most {3} megapixels can be segmented. Reduce or crop the picture first.',
				problem.name,
				problem.width,
				problem.height,
				problem.limitMegapixels,
			);
		case 'model.notFound':
			return l10n.t('There is no model at “{0}”. Select another model.', problem.name);
		case 'model.unreadable':
			return l10n.t(
				'The model “{0}” cannot be read ({1}). Check that the file may be read, or select another model.',
				problem.name,
				clause(problem.detail),
			);
		case 'model.damaged':
			return l10n.t(
				'“{0}” is not an intact ONNX model ({1}). Get the file anew or select another model.',
				problem.name,
				clause(problem.detail),
			);
		case 'model.unsupported':
			return l10n.t(
				'“{0}” is an ONNX model that cannot be used here ({1}). Select a DeepLabv2 model.',
				problem.name,
				clause(problem.detail),
			);
		case 'model.foreign':
			return l10n.t(
				'“{0}” is an ONNX model of another tool: it does not say how pictures reach it. Adopt it: choose it with “DeepLab: Select Model…”, or run “deeplab-inspector adopt”.',
				problem.name,
			);
		case 'model.noAspp':
			return l10n.t(
				'“{0}” segments pictures, but there is no ASPP head to look into: {1}.',
				problem.name,
				clause(problem.detail),
			);
		case 'model.fixedStride':
			return l10n.t(
				'“{0}” cannot be run at output stride {1}: {2}.',
				problem.name,
				problem.outputStride,
				clause(problem.detail),
			);
		case 'model.changed':
			return l10n.t(
				'“{0}” is no longer the model that “{1}” was segmented with. Segment the picture again.',
				problem.name,
				problem.pictureName,
			);
		case 'weights.notFound':
			return l10n.t('There is no checkpoint at “{0}”. Choose another file.', problem.name);
		case 'weights.unreadable':
			return l10n.t(
				'The checkpoint “{0}” cannot be read ({1}). Check that the file may be read, then try again.',
				problem.name,
				clause(problem.detail),
			);
		case 'weights.damaged':
			return l10n.t(
				'The weights in “{0}” are damaged or do not fit the network ({1}). Get the file anew.',
				problem.name,
				clause(problem.detail),
			);
		case 'weights.unsupported':
			return l10n.t('“{0}” cannot be imported: {1}.', problem.name, clause(problem.detail));
		case 'runtime.unavailable':
			return l10n.t(
				'A part of DeepLab Inspector did not load ({0}). Install DeepLab Inspector again, then try again.',
				clause(problem.detail),
			);
		case 'backend.refused':
			return describeRefusal(problem.refusal);
		case 'backend.bothFailed':
			return l10n.t(
				'WebGPU failed ({0}), and so did WASM in its place. {1}',
				clause(problem.detail),
				describeProblem(problem.wasm),
			);
		case 'runtime.failed':
			return l10n.t(
				'The network’s run failed ({0}). Try again, or select another model; the log has the detail.',
				clause(problem.detail),
			);
		case 'runtime.outOfMemory':
			return l10n.t(
				'There is not enough memory for this run ({0}). Choose a smaller longest side in the settings, then try again.',
				clause(problem.detail),
			);
		case 'worker.crashed':
			return l10n.t(
				'The process that runs the network ended before the run was done ({0}). Try again: it starts anew.',
				clause(problem.detail),
			);
		case 'crf.badParameter':
			return l10n.t(
				'{0} cannot be {1} for the CRF. Give it a value from {2} to {3}.',
				problem.parameter,
				problem.value,
				problem.low,
				problem.high,
			);
		case 'crf.badInput':
			return l10n.t(
				'The CRF cannot use what it was given ({0}). Check the file or the model it comes from.',
				clause(problem.detail),
			);
		case 'crf.tooLarge':
			return l10n.t(
				'The CRF does not fit into memory ({0}). Use the network’s resolution, a smaller picture or larger sigmas.',
				clause(problem.detail),
			);
		case 'output.unwritable':
			return l10n.t(
				'“{0}” cannot be written ({1}). Check the folder’s permissions and the free space, then try again.',
				problem.name,
				clause(problem.detail),
			);
		case 'run.notFound':
			return l10n.t('The run of “{0}” is not kept any more. Segment the picture again.', problem.name);
		case 'usage':
			return problem.detail;
		case 'cancelled':
			return l10n.t('Cancelled. Nothing was kept.');
		case 'internal':
			return l10n.t(
				'Something went wrong inside DeepLab Inspector ({0}). Try again; the log has the detail.',
				clause(problem.detail),
			);
		default: {
			const unknown: never = problem;
			throw new Error(`unknown problem ${JSON.stringify(unknown)}`);
		}
	}
}

/** Details come from codecs and runtimes: first line only, short, without a full stop, to stand in brackets. */
function clause(detail: string): string {
	const line = (detail.trim().split('\n', 1)[0] ?? '').replace(/[.\s]+$/, '');
	if (line === '') {
		return l10n.t('no detail is known');
	}
	return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
