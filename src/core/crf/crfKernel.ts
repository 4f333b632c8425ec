import { InspectorError } from '../problem';
import { Arena } from './arena';
import { type Command, commands, type Field, isFloat, layouts, type StructName, structBytes } from './layout';
import { Commander, type CrfThread, instantiateKernel, type KernelExports, type StartCrfThread } from './threads';
import { type WasmMemory, type WasmModule, wasmPage, webAssembly } from './webAssembly';

/** Below lies what the compiler may have put into the module's memory. */
const firstAddress = wasmPage;
const argumentWords = 16;

/** A structure in the kernel's memory. */
export interface Struct<S extends StructName> {
	readonly address: number;
	get(field: Field<S>): number;
	set(values: Partial<Record<Field<S>, number>>): void;
}

export interface CrfKernelOptions {
	readonly threads?: number;
	readonly startThread?: StartCrfThread;
	readonly memoryLimit?: number;
}

/** An instance of the kernel, its memory and its threads. */
export class CrfKernel {
	/**
	 * @param module dense-crf.wasm; dense-crf-threads.wasm for more than one thread
	 * @param options as `createDenseCrf` has them
	 * @throws InspectorError `runtime.unavailable`
	 */
	static async create(
		module: WasmModule,
		{ threads = 1, startThread, memoryLimit }: CrfKernelOptions,
	): Promise<CrfKernel> {
		const shared = threads > 1 && startThread !== undefined;
		const started: CrfThread[] = [];
		try {
			const memory = shared ? sharedMemory() : new webAssembly.Memory({ initial: 2 });
			const exports = instantiateKernel(module, memory);
			const arena = new Arena(memory, firstAddress, memoryLimit);
			const control = arena.allocate(structBytes('control'));
			new Uint8Array(memory.buffer, control, structBytes('control')).fill(0);
			if (shared) {
				const numbers = Array.from({ length: threads - 1 }, (_, index) => index + 1);
				const outcomes = await Promise.allSettled(
					numbers.map(async (thread) => {
						started.push(await startThread({ module, memory, control, thread }));
					}),
				);
				const failed = outcomes.find((outcome) => outcome.status === 'rejected');
				if (failed) {
					throw failed.reason;
				}
			}
			const commander = new Commander(exports, memory, control, shared ? threads : 1);
			return new CrfKernel(exports, memory, arena, commander, started);
		} catch (error) {
			for (const thread of started) {
				thread.terminate();
			}
			const detail = error instanceof Error ? error.message : String(error);
			throw new InspectorError({ code: 'runtime.unavailable', detail }, { cause: error });
		}
	}

	private readonly args: number;
	private broken = false;

	private constructor(
		readonly exports: KernelExports,
		readonly memory: WasmMemory,
		readonly arena: Arena,
		private readonly commander: Commander,
		private readonly started: readonly CrfThread[],
	) {
		this.args = arena.allocate(argumentWords * 4);
	}

	get threads(): number {
		return this.commander.threads;
	}

	/**
	 * Runs a command in all threads.
	 * @param args words, in the order of the command's class in `kernel/index.ts`
	 * @throws InspectorError `internal` if the kernel trapped; it cannot be used after that
	 */
	run(command: Command, ...args: readonly number[]): void {
		if (this.broken) {
			throw new InspectorError({ code: 'internal', detail: 'it stopped before' });
		}
		this.u32(this.args, args.length).set(args);
		try {
			this.commander.run(commands.indexOf(command), this.args);
		} catch (error) {
			this.broken = true;
			const detail = `${command}: ${error instanceof Error ? error.message : String(error)}`;
			throw new InspectorError({ code: 'internal', detail }, { cause: error });
		}
	}

	/** A view of the memory; growing the memory may end its validity. */
	u8(address: number, length: number): Uint8Array {
		return new Uint8Array(this.memory.buffer, address, length);
	}

	u32(address: number, length: number): Uint32Array {
		return new Uint32Array(this.memory.buffer, address, length);
	}

	f32(address: number, length: number): Float32Array {
		return new Float32Array(this.memory.buffer, address, length);
	}

	view(address: number, bytes: number): DataView {
		return new DataView(this.memory.buffer, address, bytes);
	}

	struct<S extends StructName>(name: S, address: number): Struct<S> {
		const fields: readonly string[] = layouts[name];
		const kernel = this;
		return {
			address,
			get(field) {
				const at = address + fields.indexOf(field) * 4;
				return isFloat(field) ? kernel.f32(at, 1)[0]! : kernel.u32(at, 1)[0]!;
			},
			set(values) {
				for (const [field, value] of Object.entries(values) as [string, number][]) {
					const at = address + fields.indexOf(field) * 4;
					if (isFloat(field)) {
						kernel.f32(at, 1)[0] = value;
					} else {
						kernel.u32(at, 1)[0] = value;
					}
				}
			},
		};
	}

	/** Ends the threads. The memory goes with the last reference to this object. */
	dispose(): void {
		this.broken = true;
		this.commander.end();
		for (const thread of this.started) {
			thread.terminate();
		}
	}
}

/** As much address space as the system gives: a shared memory must say beforehand how large it may become. */
function sharedMemory(): WasmMemory {
	for (let maximum = 65_536; ; maximum /= 2) {
		try {
			return new webAssembly.Memory({ initial: 2, maximum, shared: true });
		} catch (error) {
			if (maximum <= 4096) {
				throw error;
			}
		}
	}
}
