import { RunStore, type RunStoreOptions } from '../../../src/extension/runs/runStore';
import { diskFiles, joinPath, uriOf } from './support';

/**
 * A store of runs over a folder on the disk, as a new window would open it.
 * @param fs what of the file system is another's
 */
export function storeIn(
	folder: string,
	log: RunStoreOptions['log'],
	{ fs, ...options }: Partial<Omit<RunStoreOptions, 'fs'>> & { readonly fs?: Partial<RunStoreOptions['fs']> } = {},
): RunStore {
	return new RunStore({
		fs: { ...diskFiles, ...fs },
		joinPath,
		folder: uriOf(folder),
		log,
		drawThumbnail: async () => Uint8Array.of(0x89),
		onChange: () => undefined,
		...options,
	});
}
