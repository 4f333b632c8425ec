/** Rings around the centre of a measured receptive field: those that hold half and nine tenths of it. */
import { select } from 'd3';
import type { EffectiveField } from '../../../shared/protocol/aspp';
import { formatPixels } from '../../shared/format';
import type { Size, Transform } from './viewportData';

export interface RingMarks {
	readonly element: SVGSVGElement;
	place(field: EffectiveField | undefined, transform: Transform, view: Size): void;
}

interface Ring {
	readonly name: string;
	/** In picture pixels. */
	readonly radius: number;
}

export function createRingMarks(): RingMarks {
	const svg = select(document.createElementNS('http://www.w3.org/2000/svg', 'svg'))
		.attr('class', 'marks')
		.attr('aria-hidden', 'true');
	const group = svg.append('g').attr('class', 'rings').attr('display', 'none');
	const element = svg.node()!;
	return {
		element,
		place(field, { k, x, y }, view) {
			svg.attr('viewBox', `0 0 ${view.width} ${view.height}`);
			group.attr('display', field ? null : 'none');
			if (!field) {
				return;
			}
			const [cx, cy] = [field.x * k + x, field.y * k + y];
			const rings: readonly Ring[] = [
				{ name: '50 %', radius: field.radius50 },
				{ name: '90 %', radius: field.radius90 },
			];
			for (const kind of ['halo', 'line'] as const) {
				group
					.selectAll<SVGCircleElement, Ring>(`circle.${kind}`)
					.data(rings)
					.join('circle')
					.attr('class', (_, index) => `${kind} ${index === 0 ? 'inner' : 'outer'}`)
					.attr('cx', cx)
					.attr('cy', cy)
					.attr('r', ({ radius }) => radius * k);
			}
			group
				.selectAll<SVGTextElement, Ring>('text')
				.data(rings)
				.join('text')
				.attr('text-anchor', 'middle')
				.attr('x', Math.min(view.width - 56, Math.max(56, cx)))
				.attr('y', ({ radius }, index) => {
					const above = cy - radius * k - 6;
					return Math.min(view.height - 8, Math.max(16 + 18 * (1 - index) * (above < 16 ? 1 : 0), above));
				})
				.text(({ name, radius }) => `${name} · ${formatPixels(radius)}`)
				.raise();
		},
	};
}
