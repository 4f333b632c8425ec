import type { CrfKernel } from './crfKernel';

/** Room in the kernel's memory that is replaced when it has to be larger. */
export class Room {
	address = 0;
	private bytes = 0;

	/** Bytes that there are. */
	get size(): number {
		return this.bytes;
	}

	constructor(private readonly kernel: CrfKernel) {}

	/**
	 * @returns the address of at least `bytes` bytes; what was there is lost if they were fewer
	 * @throws InspectorError `crf.tooLarge`; there is no room at all then
	 */
	ensure(bytes: number): number {
		if (bytes > this.bytes) {
			this.release();
			this.address = this.kernel.arena.allocate(bytes);
			this.bytes = bytes;
		}
		return this.address;
	}

	release(): void {
		this.kernel.arena.release(this.address);
		this.address = 0;
		this.bytes = 0;
	}
}

/** Two rooms that take turns: what is read, and where the next of its kind goes. */
export class RoomPair {
	current: Room;
	spare: Room;

	constructor(kernel: CrfKernel) {
		this.current = new Room(kernel);
		this.spare = new Room(kernel);
	}

	swap(): void {
		[this.current, this.spare] = [this.spare, this.current];
	}

	release(): void {
		this.current.release();
		this.spare.release();
	}
}
