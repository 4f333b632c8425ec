import type { Preprocessing } from '../model';
import type { OnnxModel } from './ir';
import { readMetadata, writeMetadata } from './metadata';

/**
 * A model that says otherwise how pictures reach it; all else stays as it is.
 * @param file The file's name, for errors.
 * @throws InspectorError as `readMetadata`
 */
export function replacePreprocessing(model: OnnxModel, preprocessing: Preprocessing, file: string): OnnxModel {
	const metadata = { ...readMetadata(model, file), preprocessing };
	return { ...model, metadata: { ...model.metadata, ...writeMetadata(metadata) } };
}
