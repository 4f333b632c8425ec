import type * as vscode from 'vscode';
import type { RunProfile } from '../../core/profile/runProfile';
import { decodeProfile, encodeProfile } from './profileRecord';

/** What reading and writing needs of the editor. */
export interface ProfileFileSystem {
	readonly fs: Pick<vscode.FileSystem, 'readFile' | 'readDirectory' | 'writeFile' | 'delete' | 'rename'>;
	readonly joinPath: (base: vscode.Uri, ...parts: string[]) => vscode.Uri;
}

const fileName = 'profile.json';

/** Keeps a profile in its run's folder, whole or not at all. @throws what the file system throws */
export async function writeProfile(
	{ fs, joinPath }: ProfileFileSystem,
	folder: vscode.Uri,
	profile: RunProfile,
): Promise<void> {
	// Writing would make a folder anew that has been deleted meanwhile.
	await fs.readDirectory(folder);
	const part = joinPath(folder, `${fileName}.part`);
	try {
		await fs.writeFile(part, encodeProfile(profile));
		await fs.rename(part, joinPath(folder, fileName), { overwrite: true });
	} catch (error) {
		await fs.delete(part, { useTrash: false }).then(undefined, () => undefined);
		throw error;
	}
}

/** @returns undefined where none is kept. @throws Error that says what is wrong with it */
export async function readProfile(
	{ fs, joinPath }: ProfileFileSystem,
	folder: vscode.Uri,
): Promise<RunProfile | undefined> {
	const names = (await fs.readDirectory(folder)).map(([name]) => name);
	return names.includes(fileName) ? decodeProfile(await fs.readFile(joinPath(folder, fileName))) : undefined;
}
