/** Collects the little-endian values of a repeated field that may come in one piece or one by one. */
export class FixedValues {
	/** The first piece is kept as it came, a view; only a second one makes a copy that grows. */
	#bytes: Uint8Array = new Uint8Array(0);
	#isCopy = false;
	#length = 0;

	/** In bytes. */
	get length(): number {
		return this.#length;
	}

	append(bytes: Uint8Array): void {
		if (this.#length === 0) {
			this.#bytes = bytes;
			this.#length = bytes.length;
			return;
		}
		const length = this.#length + bytes.length;
		if (!this.#isCopy || length > this.#bytes.length) {
			const grown = new Uint8Array(Math.max(length, 2 * this.#length));
			grown.set(this.#bytes.subarray(0, this.#length));
			this.#bytes = grown;
			this.#isCopy = true;
		}
		this.#bytes.set(bytes, this.#length);
		this.#length = length;
	}

	/** A view where the alignment allows, else a copy. */
	toFloat32(): Float32Array {
		const bytes = this.#aligned(4);
		return new Float32Array(bytes.buffer, bytes.byteOffset, this.#length / 4);
	}

	/** A view where the alignment allows, else a copy. */
	toFloat64(): Float64Array {
		const bytes = this.#aligned(8);
		return new Float64Array(bytes.buffer, bytes.byteOffset, this.#length / 8);
	}

	#aligned(size: number): Uint8Array {
		const { byteOffset, buffer } = this.#bytes;
		return byteOffset % size === 0
			? new Uint8Array(buffer, byteOffset, this.#length)
			: new Uint8Array(this.#bytes.subarray(0, this.#length));
	}
}
