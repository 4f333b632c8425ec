/** What is moved to the worker instead of copied. */
import type { ModelSource, PictureSource } from '../../shared/protocol/worker';
import type { ModelHandle } from './requests';

/** A picture in a buffer of its own: the caller keeps its bytes, and posting a view would copy all that lies around it. */
export function ownPicture({
	name,
	bytes,
}: PictureSource): PictureSource & { readonly bytes: Uint8Array<ArrayBuffer> } {
	return { name, bytes: new Uint8Array(bytes) };
}

export async function loaded(model: ModelHandle): Promise<ModelSource & { readonly bytes: Uint8Array }> {
	const bytes = await model.load();
	const whole = bytes.byteLength === bytes.buffer.byteLength;
	const { key, name, outputStride } = model;
	return {
		key,
		name,
		...(outputStride === undefined ? {} : { outputStride }),
		bytes: whole ? bytes : new Uint8Array(bytes),
	};
}

/** The buffer of a model's bytes, where there are any. */
export function ownBuffer({ bytes }: ModelSource): ArrayBuffer[] {
	return bytes ? wholeBuffer(bytes) : [];
}

/** The buffer of a view that covers all of it: others would lose what lies around. */
export function wholeBuffer({ buffer, byteLength }: ArrayBufferView): ArrayBuffer[] {
	return buffer instanceof ArrayBuffer && byteLength === buffer.byteLength ? [buffer] : [];
}
