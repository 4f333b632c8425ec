/** What is used of WebAssembly, typed here, as Node's and the web's own types differ. */

/** A compiled module (`WebAssembly.Module`). */
export type WasmModule = object;

export interface WasmMemory {
	/** Another one after growing. */
	readonly buffer: ArrayBufferLike;
	/** @throws RangeError if there is no more memory */
	grow(pages: number): number;
}

/** A page of linear memory, bytes. */
export const wasmPage = 65_536;

export const { WebAssembly: webAssembly } = globalThis as unknown as {
	readonly WebAssembly: {
		readonly Memory: new (options: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
		compile(bytes: Uint8Array): Promise<WasmModule>;
		readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: object };
	};
};

/** Compiles a kernel's file, once for all instances of it. */
export function compileWasm(bytes: Uint8Array): Promise<WasmModule> {
	return webAssembly.compile(bytes);
}
