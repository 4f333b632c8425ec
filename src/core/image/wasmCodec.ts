import { InspectorError } from '../problem';
import { damaged } from './fault';
import type { DecodedPixels } from './pixels';
import { overWhite } from './pixels';

interface WasmInstance {
	readonly exports: object;
}

/** What is used of WebAssembly, typed here, as Node's and the web's own types differ. */
const { WebAssembly: wasm } = globalThis as unknown as {
	WebAssembly: {
		compile(bytes: Uint8Array): Promise<object>;
		Instance: new (module: object, imports: object) => WasmInstance;
	};
};

/** What an Emscripten decoder of @jsquash gives: RGBA. */
interface CodecImage {
	readonly data: Uint8ClampedArray;
	readonly width: number;
	readonly height: number;
}

export interface Codec {
	decode(bytes: Uint8Array, ...options: unknown[]): CodecImage | null;
}

export type CodecFactory = (options: {
	noInitialRun: boolean;
	locateFile(file: string): string;
	print(line: string): void;
	printErr(line: string): void;
	instantiateWasm(imports: object, done: (instance: WasmInstance) => void): object;
}) => Promise<Codec>;

export interface WasmCodec {
	/**
	 * Decodes with a fresh instance (about a millisecond): a trap or exit of one picture cannot touch the next,
	 * and no instance keeps the memory that a large picture grew it to.
	 * @returns the pixels over white, and what the codec wrote to its error stream
	 * @throws PictureFault, or InspectorError `runtime.unavailable` if the wasm file does not load
	 */
	decode(bytes: Uint8Array, ...options: unknown[]): Promise<{ pixels: DecodedPixels; warnings: readonly string[] }>;
}

/** @param file the wasm file's name for `loadAsset`; it is loaded on first use and compiled once. */
export function createWasmCodec(
	factory: CodecFactory,
	file: string,
	loadAsset: (file: string) => Promise<Uint8Array>,
): WasmCodec {
	let compiled: Promise<object> | undefined;
	const compile = async () => wasm.compile(await loadAsset(file));
	return {
		async decode(bytes, ...options) {
			compiled ??= compile();
			const warnings: string[] = [];
			let codec: Codec;
			try {
				codec = await instantiate(factory, await compiled, warnings);
			} catch (error) {
				// The next picture tries again.
				compiled = undefined;
				const detail = `${file}: ${error instanceof Error ? error.message : String(error)}`;
				throw new InspectorError({ code: 'runtime.unavailable', detail }, { cause: error });
			}
			let image: CodecImage | null;
			try {
				image = codec.decode(bytes, ...options);
			} catch (error) {
				throw damaged(warnings.at(-1) ?? 'its data cannot be decoded', error);
			}
			if (!image) {
				throw damaged(warnings.at(-1) ?? 'its data cannot be decoded');
			}
			const { width, height, data } = image;
			return { pixels: { width, height, rgb: overWhite(data), orientation: 1 }, warnings };
		},
	};
}

function instantiate(factory: CodecFactory, module: object, warnings: string[]): Promise<Codec> {
	return factory({
		noInitialRun: true,
		// Never opened; without it the codec makes a URL of `import.meta.url`, which a classic worker lacks.
		locateFile: (path) => path,
		print: () => {},
		printErr: (line) => warnings.push(line),
		instantiateWasm: (imports, done) => {
			const instance = new wasm.Instance(module, imports);
			done(instance);
			return instance.exports;
		},
	});
}
