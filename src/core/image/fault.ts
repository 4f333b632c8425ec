/** Why a decoder gave up, before the picture's name and format are known; `decode.ts` turns it into a problem. */
export class PictureFault extends Error {
	override readonly name = 'PictureFault';

	constructor(
		readonly kind: 'damaged' | 'unsupported',
		/** A short clause in English, e.g. "the file ends early". */
		readonly detail: string,
		options?: ErrorOptions,
	) {
		super(`${kind}: ${detail}`, options);
	}
}

export function damaged(detail: string, cause?: unknown): PictureFault {
	return new PictureFault('damaged', detail, cause === undefined ? undefined : { cause });
}

export function unsupported(detail: string, cause?: unknown): PictureFault {
	return new PictureFault('unsupported', detail, cause === undefined ? undefined : { cause });
}

/** The words for a file that stops before its picture does; the same for every format. */
export const endsEarly = 'the file ends before the picture does';
