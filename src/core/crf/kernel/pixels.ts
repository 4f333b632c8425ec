/** Passes over the pixels whose rows fit into registers: everything of an iteration but the blur, in one go. */
import { clearMet } from './blur';
import { addWeighted3, exp4, log, max4, splat, sum4, weigh3 } from './math';
import { agree, keep, label, Lattice, measure, nowhere, Pass, rest, slice, splatting, Statistics } from './memory';
import { segmentEnd, segmentStart } from './segments';
import { Row1, Row2, Row3, Row4, Row5, Row6, vectorAt, vectors } from './rowTypes';

/**
 * For the pixels of segments `from` … `to - 1`: slices the messages, adds the unary, takes the softmax and splats it again, as
 * `pass.tasks` says. The pass's rows have at most 6 vectors.
 */
export function passPixels(pass: Pass, thread: u32, from: u32, to: u32): void {
	const maxima = pass.maxima + thread * pass.width * 16;
	const statistics = changetype<Statistics>(pass.statistics + thread * offsetof<Statistics>());
	for (let segment = from; segment < to; segment++) {
		const start = segmentStart(pass.columns, pass.pixels, segment);
		const end = segmentEnd(pass.columns, pass.pixels, segment);
		if (pass.tasks & splatting) {
			for (let i: u32 = 0; i < pass.latticeCount; i++) {
				clearMet(changetype<Lattice>(load<usize>(pass.lattices + i * 4)), segment, pass.width);
			}
		}
		switch (pass.width) {
			case 1: passBatch<Row1>(pass, start, end, maxima, statistics); break;
			case 2: passBatch<Row2>(pass, start, end, maxima, statistics); break;
			case 3: passBatch<Row3>(pass, start, end, maxima, statistics); break;
			case 4: passBatch<Row4>(pass, start, end, maxima, statistics); break;
			case 5: passBatch<Row5>(pass, start, end, maxima, statistics); break;
			default: passBatch<Row6>(pass, start, end, maxima, statistics); break;
		}
	}
}

function passBatch<R>(pass: Pass, from: u32, to: u32, maxima: usize, statistics: Statistics): void {
	const tasks = pass.tasks;
	const lattices = pass.lattices;
	const latticesEnd = lattices + pass.latticeCount * 4;
	const zero = splat(0);
	let t0 = v128.load(maxima);
	let t1 = zero, t2 = zero, t3 = zero, t4 = zero, t5 = zero;
	if (vectors<R>() > 1) t1 = v128.load(maxima, 16);
	if (vectors<R>() > 2) t2 = v128.load(maxima, 32);
	if (vectors<R>() > 3) t3 = v128.load(maxima, 48);
	if (vectors<R>() > 4) t4 = v128.load(maxima, 64);
	if (vectors<R>() > 5) t5 = v128.load(maxima, 80);
	for (let pixel = from; pixel < to; pixel++) {
		const energies = pass.energies + pixel * offsetof<R>();
		let e0 = v128.load(energies);
		let e1 = zero, e2 = zero, e3 = zero, e4 = zero, e5 = zero;
		if (vectors<R>() > 1) e1 = v128.load(energies, 16);
		if (vectors<R>() > 2) e2 = v128.load(energies, 32);
		if (vectors<R>() > 3) e3 = v128.load(energies, 48);
		if (vectors<R>() > 4) e4 = v128.load(energies, 64);
		if (vectors<R>() > 5) e5 = v128.load(energies, 80);

		if (tasks & slice) {
			for (let at = lattices; at < latticesEnd; at += 4) {
				const lattice = changetype<Lattice>(load<usize>(at));
				const values = lattice.values;
				const bytes = (lattice.dimensions + 1) * 8;
				let entry = lattice.slice + pixel * bytes;
				const end = entry + bytes;
				let a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero, a5 = zero;
				for (; entry + 24 <= end; entry += 24) {
					const r0 = values + load<u32>(entry, 0) * offsetof<R>();
					const r1 = values + load<u32>(entry, 8) * offsetof<R>();
					const r2 = values + load<u32>(entry, 16) * offsetof<R>();
					const w0 = v128.load_splat<f32>(entry, 4);
					const w1 = v128.load_splat<f32>(entry, 12);
					const w2 = v128.load_splat<f32>(entry, 20);
					a0 = weigh3(a0, w0, v128.load(r0), w1, v128.load(r1), w2, v128.load(r2));
					if (vectors<R>() > 1) a1 = weigh3(a1, w0, v128.load(r0, 16), w1, v128.load(r1, 16), w2, v128.load(r2, 16));
					if (vectors<R>() > 2) a2 = weigh3(a2, w0, v128.load(r0, 32), w1, v128.load(r1, 32), w2, v128.load(r2, 32));
					if (vectors<R>() > 3) a3 = weigh3(a3, w0, v128.load(r0, 48), w1, v128.load(r1, 48), w2, v128.load(r2, 48));
					if (vectors<R>() > 4) a4 = weigh3(a4, w0, v128.load(r0, 64), w1, v128.load(r1, 64), w2, v128.load(r2, 64));
					if (vectors<R>() > 5) a5 = weigh3(a5, w0, v128.load(r0, 80), w1, v128.load(r1, 80), w2, v128.load(r2, 80));
				}
				for (; entry < end; entry += 8) {
					const row = values + load<u32>(entry) * offsetof<R>();
					const weight = v128.load_splat<f32>(entry, 4);
					a0 = f32x4.add(a0, f32x4.mul(weight, v128.load(row)));
					if (vectors<R>() > 1) a1 = f32x4.add(a1, f32x4.mul(weight, v128.load(row, 16)));
					if (vectors<R>() > 2) a2 = f32x4.add(a2, f32x4.mul(weight, v128.load(row, 32)));
					if (vectors<R>() > 3) a3 = f32x4.add(a3, f32x4.mul(weight, v128.load(row, 48)));
					if (vectors<R>() > 4) a4 = f32x4.add(a4, f32x4.mul(weight, v128.load(row, 64)));
					if (vectors<R>() > 5) a5 = f32x4.add(a5, f32x4.mul(weight, v128.load(row, 80)));
				}
				const factor = v128.load_splat<f32>(changetype<usize>(lattice) + offsetof<Lattice>('factor'));
				e0 = f32x4.add(e0, f32x4.mul(factor, a0));
				if (vectors<R>() > 1) e1 = f32x4.add(e1, f32x4.mul(factor, a1));
				if (vectors<R>() > 2) e2 = f32x4.add(e2, f32x4.mul(factor, a2));
				if (vectors<R>() > 3) e3 = f32x4.add(e3, f32x4.mul(factor, a3));
				if (vectors<R>() > 4) e4 = f32x4.add(e4, f32x4.mul(factor, a4));
				if (vectors<R>() > 5) e5 = f32x4.add(e5, f32x4.mul(factor, a5));
			}
		}

		const beliefs = pass.beliefs + pixel * offsetof<R>();
		if (tasks & agree) {
			const previous = pass.previous + pixel * offsetof<R>();
			let agreement = f32x4.mul(e0, v128.load(previous));
			if (vectors<R>() > 1) agreement = f32x4.add(agreement, f32x4.mul(e1, v128.load(previous, 16)));
			if (vectors<R>() > 2) agreement = f32x4.add(agreement, f32x4.mul(e2, v128.load(previous, 32)));
			if (vectors<R>() > 3) agreement = f32x4.add(agreement, f32x4.mul(e3, v128.load(previous, 48)));
			if (vectors<R>() > 4) agreement = f32x4.add(agreement, f32x4.mul(e4, v128.load(previous, 64)));
			if (vectors<R>() > 5) agreement = f32x4.add(agreement, f32x4.mul(e5, v128.load(previous, 80)));
			statistics.agreement += <f64>f32x4.extract_lane(sum4(agreement), 0);
		}

		let top = e0;
		if (vectors<R>() > 1) top = f32x4.pmax(top, e1);
		if (vectors<R>() > 2) top = f32x4.pmax(top, e2);
		if (vectors<R>() > 3) top = f32x4.pmax(top, e3);
		if (vectors<R>() > 4) top = f32x4.pmax(top, e4);
		if (vectors<R>() > 5) top = f32x4.pmax(top, e5);
		top = max4(top);
		if (tasks & label) {
			let ties = i32x4.bitmask(f32x4.eq(e0, top));
			if (vectors<R>() > 1) ties |= i32x4.bitmask(f32x4.eq(e1, top)) << 4;
			if (vectors<R>() > 2) ties |= i32x4.bitmask(f32x4.eq(e2, top)) << 8;
			if (vectors<R>() > 3) ties |= i32x4.bitmask(f32x4.eq(e3, top)) << 12;
			if (vectors<R>() > 4) ties |= i32x4.bitmask(f32x4.eq(e4, top)) << 16;
			if (vectors<R>() > 5) ties |= i32x4.bitmask(f32x4.eq(e5, top)) << 20;
			let winner = <u32>load<u8>(pass.classOf + ctz(ties));
			if (winner == rest) {
				winner = labelInRest(pass, pixel);
			}
			const labels = pass.labels + pixel;
			statistics.changed += u32(load<u8>(labels) != winner);
			store<u8>(labels, winner);
		}

		e0 = f32x4.sub(e0, top);
		if (vectors<R>() > 1) e1 = f32x4.sub(e1, top);
		if (vectors<R>() > 2) e2 = f32x4.sub(e2, top);
		if (vectors<R>() > 3) e3 = f32x4.sub(e3, top);
		if (vectors<R>() > 4) e4 = f32x4.sub(e4, top);
		if (vectors<R>() > 5) e5 = f32x4.sub(e5, top);
		let q0 = exp4(e0);
		let q1 = zero, q2 = zero, q3 = zero, q4 = zero, q5 = zero;
		let total = q0;
		if (vectors<R>() > 1) {
			q1 = exp4(e1);
			total = f32x4.add(total, q1);
		}
		if (vectors<R>() > 2) {
			q2 = exp4(e2);
			total = f32x4.add(total, q2);
		}
		if (vectors<R>() > 3) {
			q3 = exp4(e3);
			total = f32x4.add(total, q3);
		}
		if (vectors<R>() > 4) {
			q4 = exp4(e4);
			total = f32x4.add(total, q4);
		}
		if (vectors<R>() > 5) {
			q5 = exp4(e5);
			total = f32x4.add(total, q5);
		}
		total = sum4(total);
		if (tasks & measure) {
			let weighted = f32x4.mul(e0, q0);
			if (vectors<R>() > 1) weighted = f32x4.add(weighted, f32x4.mul(e1, q1));
			if (vectors<R>() > 2) weighted = f32x4.add(weighted, f32x4.mul(e2, q2));
			if (vectors<R>() > 3) weighted = f32x4.add(weighted, f32x4.mul(e3, q3));
			if (vectors<R>() > 4) weighted = f32x4.add(weighted, f32x4.mul(e4, q4));
			if (vectors<R>() > 5) weighted = f32x4.add(weighted, f32x4.mul(e5, q5));
			const sum = f32x4.extract_lane(total, 0);
			const logSum = log(sum);
			const entropy = logSum - <f64>f32x4.extract_lane(sum4(weighted), 0) / <f64>sum;
			statistics.entropy += entropy;
			statistics.partition += logSum + <f64>f32x4.extract_lane(top, 0);
			store<f32>(pass.entropies + pixel * 4, <f32>entropy);
		}
		total = f32x4.div(splat(1), total);
		q0 = f32x4.mul(q0, total);
		t0 = f32x4.pmax(t0, q0);
		if (vectors<R>() > 1) {
			q1 = f32x4.mul(q1, total);
			t1 = f32x4.pmax(t1, q1);
		}
		if (vectors<R>() > 2) {
			q2 = f32x4.mul(q2, total);
			t2 = f32x4.pmax(t2, q2);
		}
		if (vectors<R>() > 3) {
			q3 = f32x4.mul(q3, total);
			t3 = f32x4.pmax(t3, q3);
		}
		if (vectors<R>() > 4) {
			q4 = f32x4.mul(q4, total);
			t4 = f32x4.pmax(t4, q4);
		}
		if (vectors<R>() > 5) {
			q5 = f32x4.mul(q5, total);
			t5 = f32x4.pmax(t5, q5);
		}

		if (tasks & keep) {
			v128.store(beliefs, q0);
			if (vectors<R>() > 1) v128.store(beliefs, q1, 16);
			if (vectors<R>() > 2) v128.store(beliefs, q2, 32);
			if (vectors<R>() > 3) v128.store(beliefs, q3, 48);
			if (vectors<R>() > 4) v128.store(beliefs, q4, 64);
			if (vectors<R>() > 5) v128.store(beliefs, q5, 80);
		}
		if (tasks & splatting) {
			for (let at = lattices; at < latticesEnd; at += 4) {
				const lattice = changetype<Lattice>(load<usize>(at));
				const target = lattice.target;
				const bytes = (lattice.dimensions + 1) * 8;
				let entry = lattice.splat + pixel * bytes;
				const end = entry + bytes;
				for (; entry + 24 <= end; entry += 24) {
					const r0 = target + load<u32>(entry, 0) * offsetof<R>();
					const r1 = target + load<u32>(entry, 8) * offsetof<R>();
					const r2 = target + load<u32>(entry, 16) * offsetof<R>();
					const w0 = v128.load_splat<f32>(entry, 4);
					const w1 = v128.load_splat<f32>(entry, 12);
					const w2 = v128.load_splat<f32>(entry, 20);
					addWeighted3(r0, w0, r1, w1, r2, w2, q0);
					if (vectors<R>() > 1) addWeighted3(r0 + 16, w0, r1 + 16, w1, r2 + 16, w2, q1);
					if (vectors<R>() > 2) addWeighted3(r0 + 32, w0, r1 + 32, w1, r2 + 32, w2, q2);
					if (vectors<R>() > 3) addWeighted3(r0 + 48, w0, r1 + 48, w1, r2 + 48, w2, q3);
					if (vectors<R>() > 4) addWeighted3(r0 + 64, w0, r1 + 64, w1, r2 + 64, w2, q4);
					if (vectors<R>() > 5) addWeighted3(r0 + 80, w0, r1 + 80, w1, r2 + 80, w2, q5);
				}
				for (; entry < end; entry += 8) {
					const row = target + load<u32>(entry) * offsetof<R>();
					const weight = v128.load_splat<f32>(entry, 4);
					v128.store(row, f32x4.add(v128.load(row), f32x4.mul(weight, q0)));
					if (vectors<R>() > 1) v128.store(row, f32x4.add(v128.load(row, 16), f32x4.mul(weight, q1)), 16);
					if (vectors<R>() > 2) v128.store(row, f32x4.add(v128.load(row, 32), f32x4.mul(weight, q2)), 32);
					if (vectors<R>() > 3) v128.store(row, f32x4.add(v128.load(row, 48), f32x4.mul(weight, q3)), 48);
					if (vectors<R>() > 4) v128.store(row, f32x4.add(v128.load(row, 64), f32x4.mul(weight, q4)), 64);
					if (vectors<R>() > 5) v128.store(row, f32x4.add(v128.load(row, 80), f32x4.mul(weight, q5)), 80);
				}
			}
		}
	}
	v128.store(maxima, t0);
	if (vectors<R>() > 1) v128.store(maxima, t1, 16);
	if (vectors<R>() > 2) v128.store(maxima, t2, 32);
	if (vectors<R>() > 3) v128.store(maxima, t3, 48);
	if (vectors<R>() > 4) v128.store(maxima, t4, 64);
	if (vectors<R>() > 5) v128.store(maxima, t5, 80);
}

/** The most probable of the classes in the rest, by the unary alone, as they share one message. */
export function labelInRest(pass: Pass, pixel: u32): u32 {
	let best: u32 = 0;
	let largest: f32 = nowhere;
	for (let c: u32 = 0; c < pass.classes; c++) {
		const vector = vectorAt(pass.allEnergies, pass.pixels, pass.allWidth, pixel, c >> 2);
		const energy = load<f32>(vector + (c & 3) * 4);
		if (load<u8>(pass.inRest + c) && energy > largest) {
			largest = energy;
			best = c;
		}
	}
	return best;
}
