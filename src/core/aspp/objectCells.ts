import type { FeatureMap } from '../run';

/**
 * The cells of the logit grid where a class wins: those of the connected object at a cell (over edges, not corners), or
 * all of them where no cell is given or another class wins at it. Of equal logits the lowest label wins.
 *
 * @param at index `row * width + column`
 * @returns height x width, 1 for a cell of the object; undefined where the class wins nowhere
 */
export function objectCells(logits: FeatureMap, label: number, at?: number): Uint8Array | undefined {
	const won = cellsWon(logits, label);
	if (!won.includes(1)) {
		return undefined;
	}
	return at === undefined || won[at] !== 1 ? won : connectedTo(won, logits.width, at);
}

function cellsWon({ channels, height, width, data }: FeatureMap, label: number): Uint8Array {
	const plane = height * width;
	const won = new Uint8Array(plane);
	for (let cell = 0; cell < plane; cell++) {
		const own = data[label * plane + cell]!;
		let wins = true;
		for (let other = 0; other < channels && wins; other++) {
			const value = data[other * plane + cell]!;
			wins = other < label ? value < own : value <= own;
		}
		won[cell] = wins ? 1 : 0;
	}
	return won;
}

function connectedTo(won: Uint8Array, width: number, start: number): Uint8Array {
	const object = new Uint8Array(won.length);
	const open = [start];
	object[start] = 1;
	for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
		const column = cell % width;
		for (const next of [column > 0 ? cell - 1 : -1, column + 1 < width ? cell + 1 : -1, cell - width, cell + width]) {
			if (won[next] === 1 && object[next] === 0) {
				object[next] = 1;
				open.push(next);
			}
		}
	}
	return object;
}
