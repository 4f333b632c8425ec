/**
 * Threads that help with the kernel's commands: every one instantiates the kernel on the same memory and takes its share
 * of each command. Between commands they sleep.
 */
import { layouts } from './layout';
import { type WasmMemory, type WasmModule, webAssembly } from './webAssembly';

/** What a thread of the pool needs to know; can be posted to it. */
export interface CrfThreadShare {
	readonly module: WasmModule;
	readonly memory: WasmMemory;
	/** Address of the control block. */
	readonly control: number;
	/** 1 …; thread 0 is the one that gives the commands. */
	readonly thread: number;
}

export interface CrfThread {
	/** Ends the thread at once. */
	terminate(): void;
}

/** Starts a thread that calls {@link runCrfThread} with `share`; resolves when that is about to be. */
export type StartCrfThread = (share: CrfThreadShare) => Promise<CrfThread>;

/** The number of the command that ends a pool's threads. */
export const endCommand = 0xffff_ffff;

const word = Object.fromEntries(layouts.control.map((field, index) => [field, index])) as Readonly<
	Record<(typeof layouts.control)[number], number>
>;

/** What the kernel exports. */
export interface KernelExports {
	run(control: number, thread: number): void;
	builderScratch(): number;
	segments(width: number, pixels: number): number;
	blocks(vertices: number): number;
}

export function instantiateKernel(module: WasmModule, memory: WasmMemory): KernelExports {
	return new webAssembly.Instance(module, { env: { memory } }).exports as KernelExports;
}

/**
 * What a pool's thread does: takes part in every command until told to end. Blocks the thread it runs in; where a trap
 * ends it, the others are told by the control block's `failed`.
 */
export function runCrfThread({ module, memory, control, thread }: CrfThreadShare): void {
	const kernel = instantiateKernel(module, memory);
	const words = new Int32Array(memory.buffer as SharedArrayBuffer, control, layouts.control.length);
	let seen = 0;
	for (;;) {
		Atomics.wait(words, word.generation, seen);
		const generation = Atomics.load(words, word.generation);
		if (generation === seen) {
			continue;
		}
		seen = generation;
		if (Atomics.load(words, word.command) >>> 0 === endCommand) {
			return;
		}
		try {
			kernel.run(control, thread);
		} catch {
			Atomics.store(words, word.failed, 1);
		}
		Atomics.add(words, word.finished, 1);
		Atomics.notify(words, word.finished);
	}
}

/** The commanding side of the control block. */
export class Commander {
	constructor(
		private readonly kernel: KernelExports,
		private readonly memory: WasmMemory,
		private readonly control: number,
		/** Threads that take part, this one included. */
		readonly threads: number,
	) {
		this.words()[word.threads] = threads;
	}

	/**
	 * Runs a command in all threads and returns when all have finished.
	 * @throws whatever the kernel's trap is; after that the pool is not to be used any more
	 */
	run(command: number, args: number): void {
		const words = this.words();
		words[word.command] = command;
		words[word.args] = args;
		if (this.threads === 1) {
			this.kernel.run(this.control, 0);
			return;
		}
		Atomics.store(words, word.finished, 0);
		Atomics.add(words, word.generation, 1);
		Atomics.notify(words, word.generation);
		let trap: unknown;
		try {
			this.kernel.run(this.control, 0);
		} catch (error) {
			trap = error;
			Atomics.store(words, word.failed, 1);
		}
		for (;;) {
			const finished = Atomics.load(words, word.finished);
			if (finished === this.threads - 1) {
				break;
			}
			Atomics.wait(words, word.finished, finished);
		}
		if (trap !== undefined || Atomics.load(words, word.failed) !== 0) {
			throw trap ?? new Error('a thread of the kernel trapped');
		}
	}

	/** Lets the pool's threads return. */
	end(): void {
		if (this.threads > 1) {
			const words = this.words();
			words[word.command] = endCommand | 0;
			Atomics.add(words, word.generation, 1);
			Atomics.notify(words, word.generation);
		}
	}

	private words(): Int32Array {
		return new Int32Array(this.memory.buffer, this.control, layouts.control.length);
	}
}
