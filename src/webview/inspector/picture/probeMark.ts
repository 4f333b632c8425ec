/** The cross on the probe pixel: white over black, so that it shows on any picture. */
import { select } from 'd3';
import type { Probe } from '../../../shared/protocol/inspector';
import type { Size, Transform } from './viewportData';

export interface ProbeMark {
	readonly element: SVGSVGElement;
	place(probe: Probe | undefined, transform: Transform, view: Size): void;
}

/** The arms leave the pixel itself free, and are this long. */
const gap = 4;
const arm = 12;

export function createProbeMark(): ProbeMark {
	const svg = select(document.createElementNS('http://www.w3.org/2000/svg', 'svg'))
		.attr('class', 'marks')
		.attr('aria-hidden', 'true');
	const group = svg.append('g').attr('class', 'probe').attr('display', 'none');
	const halo = group.append('path').attr('class', 'halo');
	const line = group.append('path').attr('class', 'line');
	const element = svg.node()!;
	return {
		element,
		place(probe, { k, x, y }, view) {
			svg.attr('viewBox', `0 0 ${view.width} ${view.height}`);
			group.attr('display', probe ? null : 'none');
			if (!probe) {
				return;
			}
			const half = Math.max(gap, k / 2 + 2);
			const end = half + arm;
			const arms = `M${half},0H${end}M${-half},0H${-end}M0,${half}V${end}M0,${-half}V${-end}`;
			// From 6 screen pixels on, the pixel itself is framed.
			const frame = k >= 6 ? `M${-k / 2},${-k / 2}h${k}v${k}h${-k}z` : '';
			group.attr('transform', `translate(${(probe.x + 0.5) * k + x},${(probe.y + 0.5) * k + y})`);
			halo.attr('d', arms + frame);
			line.attr('d', arms + frame);
		},
	};
}
