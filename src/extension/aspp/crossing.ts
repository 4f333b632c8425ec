/** Bytes that a message carries to a page, about: its arrays, and its other fields as they are counted in memory. */
export function crossingBytes(message: unknown): number {
	if (ArrayBuffer.isView(message)) {
		return message.byteLength;
	}
	switch (typeof message) {
		case 'string':
			return message.length;
		case 'number':
			return 8;
		case 'object':
			return message === null
				? 1
				: Object.entries(message).reduce((sum, [key, value]) => sum + key.length + crossingBytes(value), 0);
		default:
			return 1;
	}
}
