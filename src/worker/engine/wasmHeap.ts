/** The memory of onnxruntime's wasm, which its API does not give: it is seen when it is made. */

interface Memory {
	readonly buffer: { readonly byteLength: number };
}

/** Not in the types of every room that compiles this file. */
const { WebAssembly } = globalThis as unknown as {
	readonly WebAssembly: { Memory: new (descriptor: { readonly initial: number }) => Memory };
};

let heap: Memory | undefined;

/** Does `work`, in which onnxruntime makes its memory where it has none yet; no other wasm may be loaded meanwhile. */
export async function seeingHeap<T>(work: () => Promise<T>): Promise<T> {
	if (heap) {
		return await work();
	}
	const original = WebAssembly.Memory;
	WebAssembly.Memory = new Proxy(original, {
		construct(target, [descriptor]: [{ readonly initial: number }]) {
			const memory = new target(descriptor);
			// Its loader makes an empty one first, to learn what kind of buffer there is.
			if (descriptor.initial > 0) {
				heap ??= memory;
			}
			return memory;
		},
	});
	try {
		return await work();
	} finally {
		WebAssembly.Memory = original;
	}
}

/** Bytes of onnxruntime's heap, the most it has needed so far; undefined where it was not seen. */
export function heapBytes(): number | undefined {
	return heap?.buffer.byteLength;
}
