/** A circle of one σ around a pixel, with its name and length: what the σ means in the picture. */
import { select } from 'd3';
import type { CrfKernelName, InspectorRadius } from '../../../shared/protocol/crf';
import type { Probe } from '../../../shared/protocol/inspector';
import { formatPixels } from '../../shared/format';
import type { Size, Transform } from './viewportData';

export interface RadiusMark {
	readonly element: SVGSVGElement;
	/** @param center the pixel it is drawn around */
	place(radius: InspectorRadius | undefined, center: Probe, transform: Transform, view: Size): void;
}

const symbols: Readonly<Record<CrfKernelName, string>> = { bilateral: 'σα', spatial: 'σγ' };

export function createRadiusMark(): RadiusMark {
	const svg = select(document.createElementNS('http://www.w3.org/2000/svg', 'svg'))
		.attr('class', 'marks')
		.attr('aria-hidden', 'true');
	const group = svg.append('g').attr('class', 'radius').attr('display', 'none');
	const halo = group.append('circle').attr('class', 'halo');
	const line = group.append('circle').attr('class', 'line');
	const text = group.append('text').attr('text-anchor', 'middle');
	const element = svg.node()!;
	return {
		element,
		place(radius, center, { k, x, y }, view) {
			svg.attr('viewBox', `0 0 ${view.width} ${view.height}`);
			group.attr('display', radius ? null : 'none');
			if (!radius) {
				return;
			}
			const [cx, cy] = [(center.x + 0.5) * k + x, (center.y + 0.5) * k + y];
			const r = radius.pixels * k;
			for (const circle of [halo, line]) {
				circle.attr('cx', cx).attr('cy', cy).attr('r', r);
			}
			text
				.text(`${symbols[radius.kernel]} ${formatPixels(radius.pixels)}`)
				.attr('x', Math.min(view.width - 40, Math.max(40, cx)))
				.attr('y', Math.min(view.height - 8, Math.max(20, cy - r - 8)));
		},
	};
}
