/** The numbers of a mixed head's branches as CSV. */
import type { MixedMaps, MixedRunView } from '../../../shared/protocol/aspp';
import { type CsvCell, csvBytes } from '../../shared/csv';
import { withoutRows } from './mixedData';

/** At the probe a branch a line, then every cell of every map. */
export function mixedCsv(
	{ atProbe, branches, classes, label }: MixedRunView,
	on: readonly boolean[],
	maps: MixedMaps | undefined,
): Uint8Array {
	const rows: (readonly CsvCell[])[] = [];
	const name = (of: number) => classes[of]?.name ?? String(of);
	if (atProbe) {
		rows.push(['x', 'y', 'row', 'column'], [atProbe.x, atProbe.y, atProbe.row, atProbe.column], []);
		rows.push(['class', 'logit', 'winner'], [name(label), atProbe.all.logit, name(atProbe.all.winner)], []);
		rows.push(['branch', 'on', 'logit without', 'change', 'winner without', 'norm', 'strongest channel', 'its value']);
		for (const { branch, logit, change } of withoutRows(atProbe)) {
			const { norm, strongest } = atProbe.branches[branch]!;
			const winner = atProbe.without[branch]?.winner;
			rows.push([
				branches[branch]!.name,
				on[branch] ? 1 : 0,
				logit,
				change,
				winner === undefined ? undefined : name(winner),
				norm,
				strongest[0]?.channel,
				strongest[0]?.value,
			]);
		}
		rows.push([]);
	}
	if (maps) {
		const { reading, height, width } = maps;
		const plane = height * width;
		rows.push([
			'row',
			'column',
			...branches.map((branch, index) =>
				reading.kind === 'channels'
					? `${branch.name} channel ${reading.channels[index]}`
					: `${branch.name} ${reading.kind}`,
			),
		]);
		for (let cell = 0; cell < plane; cell++) {
			rows.push([
				Math.floor(cell / width),
				cell % width,
				...branches.map((_, index) => maps.branches[index * plane + cell]),
			]);
		}
	}
	return csvBytes(rows);
}
