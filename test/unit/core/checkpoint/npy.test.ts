import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNpy, encodeNpy, type NpyArray, type NpyData } from '../../../../src/core/checkpoint/npy';
import { decodeNpz, encodeNpz } from '../../../../src/core/checkpoint/npz';
import { InspectorError } from '../../../../src/core/problem';

const python = ['/usr/bin/python3', 'python3'].find((command) => {
	try {
		execFileSync(command, ['-c', 'import numpy'], { stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
});

/** Runs Python with numpy as `np` in a folder of its own. */
function withNumpy<T>(use: (folder: string, run: (script: string) => string) => T): T {
	const folder = mkdtempSync(path.join(tmpdir(), 'npy-'));
	try {
		return use(folder, (script) =>
			execFileSync(python!, ['-c', `import numpy as np, json\n${script}`], { cwd: folder, encoding: 'utf8' }),
		);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

function read(file: string): Uint8Array {
	return new Uint8Array(readFileSync(file));
}

const arrays: Readonly<Record<string, NpyArray>> = {
	bytes: { shape: [2, 3], data: Uint8Array.of(0, 1, 2, 253, 254, 255) },
	single: { shape: [1, 2, 2], data: Float32Array.of(0.1, -2.5, 3e38, -0) },
	double: { shape: [3], data: Float64Array.of(Math.PI, Number.NaN, Number.POSITIVE_INFINITY) },
	int: { shape: [2], data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1) },
	long: { shape: [2], data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n) },
	scalar: { shape: [], data: Float32Array.of(7) },
	none: { shape: [0, 4], data: new Float32Array(0) },
	'a.weight': { shape: [1], data: Int8Array.of(-1) },
};

describe('npy', () => {
	it('reads out of a Buffer that shares its pool with others', () => {
		const array: NpyArray = { shape: [3], data: Float32Array.of(1, -2, 3.5) };
		expect(decodeNpy(Buffer.concat([encodeNpy(array)]))).toEqual(array);
	});

	it('comes back as it was', () => {
		const kinds = [Uint8Array, Int8Array, Uint16Array, Int16Array, Int32Array, Float32Array, Float64Array] as const;
		fc.assert(
			fc.property(
				fc.constantFrom(...kinds),
				fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
				fc.integer({ min: 0, max: 100 }),
				(Kind, shape, first) => {
					const size = shape.reduce((product, side) => product * side, 1);
					const data: NpyData = new Kind(Array.from({ length: size }, (_, i) => (first + i) % 127));
					const bytes = encodeNpy({ shape, data });
					expect((bytes.length - data.byteLength) % 64).toBe(0);
					expect(decodeNpy(bytes)).toEqual({ shape, data });
				},
			),
		);
	});

	it('ends in an array or a problem when damaged', () => {
		const bytes = encodeNpy(arrays.single!);
		fc.assert(
			fc.property(
				fc.integer({ min: 0, max: bytes.length - 1 }),
				fc.integer({ min: 0, max: 255 }),
				fc.boolean(),
				(at, value, cut) => {
					const damaged = cut ? bytes.slice(0, at) : bytes.slice();
					if (!cut) {
						damaged[at] = value;
					}
					try {
						const { shape, data } = decodeNpy(damaged);
						expect(cut).toBe(false);
						expect(data.length).toBe(shape.reduce((product, side) => product * side, 1));
					} catch (error) {
						expect(error).toBeInstanceOf(InspectorError);
						expect((error as InspectorError).problem.code).toBe('weights.damaged');
					}
				},
			),
			{ numRuns: 500 },
		);
	});

	it.skipIf(!python)('is what numpy reads and writes, byte for byte', () => {
		withNumpy((folder, run) => {
			for (const [name, array] of Object.entries(arrays)) {
				writeFileSync(path.join(folder, `${name}.npy`), encodeNpy(array));
				const told = run(
					`a = np.load('${name}.npy'); np.save('back.npy', a); print(json.dumps([list(a.shape), a.dtype.itemsize]))`,
				);
				expect(JSON.parse(told)).toEqual([array.shape, array.data.BYTES_PER_ELEMENT]);
				expect(read(path.join(folder, 'back.npy'))).toEqual(encodeNpy(array));
			}
		});
	});

	it.skipIf(!python)('honours Fortran order and reads half floats and booleans', () => {
		withNumpy((folder, run) => {
			run(`
np.save('fortran.npy', np.asfortranarray(np.arange(24, dtype='<i4').reshape(2, 3, 4)))
np.save('half.npy', np.array([0, -0.0, 1.5, 65504, 2**-24, 2**-14, np.inf, -np.inf, 0.1], dtype='<f2'))
np.save('half32.npy', np.load('half.npy').astype('<f4'))
np.save('bool.npy', np.array([True, False]))
np.save('object.npy', np.array([{'a': 1}], dtype=object))
np.save('big.npy', np.array([1.0], dtype='>f8'))
`);
			const load = (name: string) => decodeNpy(read(path.join(folder, name)), name);
			expect(load('fortran.npy')).toEqual({ shape: [2, 3, 4], data: Int32Array.from({ length: 24 }, (_, i) => i) });
			expect(load('half.npy')).toEqual(load('half32.npy'));
			expect(load('bool.npy').data).toEqual(Uint8Array.of(1, 0));
			expect(() => load('object.npy')).toThrow(InspectorError);
			expect(() => load('big.npy')).toThrow(InspectorError);
		});
	});
});

describe('npz', () => {
	it('comes back as it was', () => {
		expect(decodeNpz(encodeNpz(arrays))).toEqual(arrays);
	});

	it.skipIf(!python)('is what numpy reads, and reads what numpy packs', () => {
		withNumpy((folder, run) => {
			writeFileSync(path.join(folder, 'ours.npz'), encodeNpz(arrays));
			const told = run(`
z = np.load('ours.npz')
print(json.dumps(z.files))
np.savez_compressed('packed.npz', **{k: z[k] for k in z.files})
`);
			expect(JSON.parse(told)).toEqual(Object.keys(arrays));
			expect(decodeNpz(read(path.join(folder, 'packed.npz')))).toEqual(arrays);
		});
	});

	it('refuses what is no archive, and a cut one', () => {
		const bytes = encodeNpz(arrays);
		for (const damaged of [new Uint8Array(0), Uint8Array.of(1, 2, 3), bytes.subarray(0, bytes.length - 30)]) {
			expect(() => decodeNpz(damaged)).toThrow(InspectorError);
		}
	});

	const plain = path.resolve('../shared/fixtures/checkpoints/plain.npz');
	it.skipIf(!existsSync(plain))('reads an archive with Fortran order and 64-bit integers', () => {
		const { b, f } = decodeNpz(read(plain));
		expect(b).toEqual({ shape: [2, 3], data: BigInt64Array.of(0n, 1n, 2n, 3n, 4n, 5n) });
		expect(f).toEqual({ shape: [2, 3], data: Float64Array.of(0, 1, 2, 3, 4, 5) });
	});
});
