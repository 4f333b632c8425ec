/** Receptive fields over the picture: a box and nine taps for each rate, with its name beside it, and the backbone's box. */
import * as l10n from '@vscode/l10n';
import { select } from 'd3';
import type { InspectorFields, SeenArea } from '../../../shared/protocol/aspp';
import { rateName } from '../../shared/branches';
import { colorOf, cssColor, signedStep } from '../../shared/colors';
import { formatSigned } from '../../shared/format';
import { themeSignedPixels } from '../../shared/theme';
import { drawnTaps, type FieldTap, placeLabels, type ScreenBox, screenBox } from './fieldMarkData';
import type { Size, Transform } from './viewportData';

export interface FieldMarks {
	readonly element: SVGSVGElement;
	/** @param places place in the colours, by branch */
	place(fields: InspectorFields | undefined, places: readonly number[], transform: Transform, view: Size): void;
}

interface NamedBox extends ScreenBox {
	/** Undefined for the backbone. */
	readonly branch: number | undefined;
	readonly name: string;
}

const tapRadius = 5;
/** Of a digit or letter of a name, about. */
const characterWidth = 7.2;

export function createFieldMarks(): FieldMarks {
	const svg = select(document.createElementNS('http://www.w3.org/2000/svg', 'svg'))
		.attr('class', 'marks')
		.attr('aria-hidden', 'true');
	const group = svg.append('g').attr('class', 'fields').attr('display', 'none');
	const halos = group.append('g');
	const boxes = group.append('g');
	const tapHalos = group.append('g');
	const taps = group.append('g');
	const names = group.append('g');
	const element = svg.node()!;

	return {
		element,
		place(fields, places, transform, view) {
			svg.attr('viewBox', `0 0 ${view.width} ${view.height}`);
			group.attr('display', fields ? null : 'none');
			if (!fields) {
				return;
			}
			const { cell, highlighted, largestTapShare } = fields;
			const rates = cell.branches.map(({ rate }) => rate);
			const color = (branch: number | undefined) =>
				branch === undefined ? null : `var(--rate-${places[branch] ?? branch})`;
			const faded = (branch: number | undefined) => highlighted !== undefined && branch !== highlighted;
			const named = (branch: number | undefined, name: string, area: SeenArea): NamedBox => ({
				branch,
				name: `${name} · ${sizeText(area.size)}`,
				...screenBox(area.box, transform),
			});
			const drawn: readonly NamedBox[] = [
				...(cell.backbone ? [named(undefined, l10n.t('backbone'), cell.backbone)] : []),
				...cell.branches.map((area, branch) => named(branch, l10n.t('rate {0}', rateName(rates, branch)), area)),
			];
			for (const [target, kind] of [
				[halos, 'box-halo'],
				[boxes, 'box'],
			] as const) {
				target
					.selectAll<SVGRectElement, NamedBox>('rect')
					.data(drawn)
					.join('rect')
					.attr('class', ({ branch }) => (branch === undefined && kind === 'box' ? 'box backbone' : kind))
					.classed('faded', ({ branch }) => faded(branch))
					.attr('x', ({ x }) => x)
					.attr('y', ({ y }) => y)
					.attr('width', ({ width }) => width)
					.attr('height', ({ height }) => height)
					.style('stroke', ({ branch }) => (kind === 'box' ? color(branch) : null));
			}
			const { k, x, y } = transform;
			const colors = themeSignedPixels();
			const marks = drawnTaps(fields);
			for (const [target, kind] of [
				[tapHalos, 'tap-halo'],
				[taps, 'tap'],
			] as const) {
				target
					.selectAll<SVGCircleElement, FieldTap>('circle')
					.data(marks)
					.join('circle')
					.attr('class', kind)
					.classed('padding', ({ padding }) => padding)
					.classed('pointed', ({ pointed }) => pointed)
					.classed('faded', ({ branch }) => faded(branch))
					.attr('cx', (tap) => tap.x * k + x)
					.attr('cy', (tap) => tap.y * k + y)
					.attr('r', ({ pointed }) => (pointed ? tapRadius + 3 : tapRadius))
					.style('stroke', ({ branch }) => (kind === 'tap' ? color(branch) : null))
					.style('fill', ({ padding, share, branch }) => {
						if (kind !== 'tap' || padding) {
							return 'none';
						}
						return share === undefined ? color(branch) : cssColor(colorOf(colors[signedStep(share, largestTapShare)]!));
					});
			}
			const labels = placeLabels(
				drawn,
				drawn.map(({ name }) => name.length * characterWidth),
				view,
			);
			const texts = [
				...drawn.map(({ branch, name }, index) => ({ branch, name, ...labels[index]! })),
				...marks
					.filter(({ pointed }) => pointed)
					.map((tap) => ({
						branch: tap.branch,
						name: tapText(tap),
						x: tap.x * k + x + tapRadius + 6,
						y: tap.y * k + y + 4,
					})),
			];
			names
				.selectAll<SVGTextElement, (typeof texts)[number]>('text')
				.data(texts)
				.join('text')
				.classed('faded', ({ branch }) => faded(branch))
				.attr('x', (text) => text.x)
				.attr('y', (text) => text.y)
				.style('fill', ({ branch }) => color(branch))
				.text(({ name }) => name);
		},
	};
}

function sizeText([height, width]: readonly [number, number]): string {
	return l10n.t('{0} px', height === width ? height : `${height}×${width}`);
}

function tapText({ padding, share }: FieldTap): string {
	if (padding) {
		return l10n.t('in the padding');
	}
	return share === undefined ? '' : l10n.t('{0} logit', formatSigned(share));
}
