import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as l10n from '@vscode/l10n';
import { InspectorError, type Problem } from '../../core/problem';
import { assetsFolder } from './product.node';

/** @throws InspectorError `picture.notFound`, `picture.isFolder` or `picture.unreadable` */
export function readPicture(file: string): Promise<Uint8Array> {
	return read(file, {
		missing: { code: 'picture.notFound', name: file },
		folder: { code: 'picture.isFolder', name: file },
		unreadable: (detail) => ({ code: 'picture.unreadable', name: file, detail }),
	});
}

/** @throws InspectorError `model.notFound` or `model.unreadable` */
export function readModel(file: string): Promise<Uint8Array> {
	const unreadable = (detail: string): Problem => ({ code: 'model.unreadable', name: file, detail });
	return read(file, { missing: { code: 'model.notFound', name: file }, folder: unreadable('a folder'), unreadable });
}

/** @throws InspectorError `weights.notFound` or `weights.unreadable` */
export function readWeights(file: string): Promise<Uint8Array> {
	const unreadable = (detail: string): Problem => ({ code: 'weights.unreadable', name: file, detail });
	return read(file, { missing: { code: 'weights.notFound', name: file }, folder: unreadable('a folder'), unreadable });
}

/** A text file that an option names. @throws InspectorError `usage` with `detail` */
export async function readText(file: string, detail: string): Promise<string> {
	const problem: Problem = { code: 'usage', detail };
	const bytes = await read(file, { missing: problem, folder: problem, unreadable: () => problem });
	return new TextDecoder().decode(bytes);
}

/** A NumPy file. @throws InspectorError `crf.badInput` */
export function readArray(file: string): Promise<Uint8Array> {
	const unreadable = (detail: string): Problem => ({ code: 'crf.badInput', detail: `“${file}”: ${detail}` });
	return read(file, {
		missing: unreadable(l10n.t('there is no such file')),
		folder: unreadable(l10n.t('it is a folder')),
		unreadable,
	});
}

/** A file of the product's own. @throws InspectorError `runtime.unavailable` */
export async function readAsset(name: string): Promise<Uint8Array> {
	const file = fileURLToPath(new URL(name, assetsFolder));
	return await readFile(file).catch((error: unknown) => {
		throw new InspectorError(
			{ code: 'runtime.unavailable', detail: `${file}: ${systemDetail(error)}` },
			{ cause: error },
		);
	});
}

/**
 * Writes a file whole or not at all: under another name first, then renamed.
 * @throws InspectorError `output.unwritable`
 */
export async function writeWhole(file: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
	const part = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}.part`);
	try {
		await writeFile(part, bytes, { signal });
		await rename(part, file);
	} catch (error) {
		await rm(part, { force: true }).catch(() => undefined);
		throw signal?.aborted ? new InspectorError({ code: 'cancelled' }) : unwritable(file, error);
	}
}

/** @throws InspectorError `output.unwritable` */
export async function makeFolder(folder: string): Promise<void> {
	await mkdir(folder, { recursive: true }).catch((error: unknown) => Promise.reject(unwritable(folder, error)));
}

interface ReadProblems {
	readonly missing: Problem;
	readonly folder: Problem;
	unreadable(detail: string): Problem;
}

async function read(file: string, problems: ReadProblems): Promise<Uint8Array> {
	try {
		const info = await stat(file);
		if (info.isDirectory()) {
			throw new InspectorError(problems.folder);
		}
		if (!info.isFile() && !info.isFIFO()) {
			throw new InspectorError(problems.unreadable('not an ordinary file'));
		}
		return info.isFile() ? await readInto(file, info.size) : await readFile(file);
	} catch (error) {
		if (error instanceof InspectorError) {
			throw error;
		}
		const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
		throw new InspectorError(missing ? problems.missing : problems.unreadable(systemDetail(error)), { cause: error });
	}
}

/** Into one array from the start: `readFile` gathers pieces, and a checkpoint would be in memory twice. */
async function readInto(file: string, size: number): Promise<Uint8Array> {
	const bytes = new Uint8Array(size);
	const handle = await open(file);
	try {
		let length = 0;
		while (length < size) {
			const { bytesRead } = await handle.read(bytes, length, Math.min(size - length, readLimit), length);
			if (bytesRead === 0) {
				break;
			}
			length += bytesRead;
		}
		// It may have become shorter since.
		return length === size ? bytes : bytes.slice(0, length);
	} finally {
		await handle.close();
	}
}

/** Bytes that one call may ask for. */
const readLimit = 2 ** 30;

function unwritable(file: string, error: unknown): InspectorError {
	return new InspectorError({ code: 'output.unwritable', name: file, detail: systemDetail(error) }, { cause: error });
}

/** Node's `EACCES: permission denied, open '/a/b'` without the code and the path, which the message has already. */
function systemDetail(error: unknown): string {
	const message = error instanceof Error ? error.message : String(error);
	return /^E[A-Z]+: ([^,]+),/.exec(message)?.[1] ?? message;
}
