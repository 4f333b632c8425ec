import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellView, nearestCell, pixelOfCell } from '../../../../src/core/aspp/cellView';
import { readHead } from '../../../../src/core/aspp/head';
import type { AsppHead } from '../../../../src/core/aspp/types';
import type { Geometry } from '../../../../src/core/run';
import { bundledModel } from './heads';
import { networkWithHead } from './networkWithHead';

/** A picture of 600 x 400 that is reduced to 300 x 200 in an input of 305 x 201. */
const half: Geometry = {
	pictureWidth: 600,
	pictureHeight: 400,
	resizedWidth: 300,
	resizedHeight: 200,
	inputWidth: 305,
	inputHeight: 201,
	gridWidth: 39,
	gridHeight: 26,
	alignCorners: true,
};
const { model, metadata } = bundledModel();
const head = readHead(model, metadata, 'model.onnx');

describe('a cell of the bundled network', () => {
	const view = cellView(head, [6, 12, 18, 24], half, 10, 20);
	const field = head.features!.size[0];

	it('lies where the network’s upsampling puts it, in the picture’s own pixels', () => {
		// Cell 20 is input pixel 160, whose middle is 160.5, twice as large in the picture.
		expect(view).toMatchObject({ row: 10, column: 20, x: 321, y: 161 });
		expect(nearestCell(half, 320, 160)).toEqual({ row: 10, column: 20 });
		expect(pixelOfCell(half, 10, 20)).toEqual({ x: 321, y: 161 });
	});

	it('has nine taps a rate apart, around it', () => {
		for (const { rate, taps, effectiveKernel } of view.branches) {
			expect(effectiveKernel).toBe(2 * rate + 1);
			expect(taps.map(({ row, column }) => [row, column])).toEqual(
				[-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right) => [10 + down * rate, 20 + right * rate])),
			);
			for (const { row, column, x, y } of taps) {
				// The backbone pads symmetrically: what a feature sees is centred on its cell.
				expect([x, y]).toEqual([(8 * column + 0.5) * 2, (8 * row + 0.5) * 2]);
			}
		}
	});

	it('counts the taps in the padding', () => {
		// 26 rows and 39 columns: from row 10, 6 stays inside; 12 leaves above; 18 and 24 leave above and below…
		expect(view.branches.map(({ tapsInPadding }) => tapsInPadding)).toEqual([0, 3, 6, 8]);
		const [, , , widest] = view.branches;
		expect(widest!.taps.map(({ padding }) => padding)).toEqual([true, true, true, true, false, true, true, true, true]);
	});

	it('sees boxes of the theoretical sizes, cut off at the picture', () => {
		expect(view.backbone!.size).toEqual([field, field]);
		for (const { rate, size, box, shareOfPicture, outside } of view.branches) {
			const side = field + 2 * 8 * rate;
			expect(size).toEqual([side, side]);
			expect(box).toEqual({ left: 321 - side, top: 161 - side, right: 321 + side, bottom: 161 + side });
			const inside =
				(Math.min(600, box.right) - Math.max(0, box.left)) * (Math.min(400, box.bottom) - Math.max(0, box.top));
			expect(shareOfPicture).toBeCloseTo(inside / 240_000, 12);
			expect(outside).toBeCloseTo(1 - inside / (2 * side) ** 2, 12);
		}
	});

	it('at other rates sees what a network trained at them would', () => {
		const small = networkWithHead({ rates: [6, 12] });
		const other = networkWithHead({ rates: [1, 36] });
		const boxes = ({ model: own, metadata: meta }: typeof small) =>
			cellView(readHead(own, meta, 'm'), [1, 36], half, 3, 4).branches.map(({ size, box }) => ({ size, box }));
		expect(boxes(small)).toEqual(boxes(other));
	});

	it('takes everything as seen where the backbone has no fixed window', () => {
		const open: AsppHead = {
			...head,
			features: undefined,
			branches: head.branches.map((branch) => ({ ...branch, receptiveField: undefined })),
		};
		const { backbone, branches } = cellView(open, [6, 12, 18, 24], half, 10, 20);
		expect(backbone).toBeUndefined();
		expect(branches[0]).toMatchObject({ shareOfPicture: 1, outside: 0, tapsInPadding: 0 });
		expect(branches[0]!.taps[4]).toMatchObject({ x: 321, y: 161 });
	});
});

describe('cells and pixels', () => {
	const geometries = fc
		.record({
			width: fc.integer({ min: 20, max: 900 }),
			height: fc.integer({ min: 20, max: 900 }),
			longest: fc.integer({ min: 33, max: 513 }),
			alignCorners: fc.boolean(),
		})
		.map(({ width, height, longest, alignCorners }): Geometry => {
			const scale = Math.min(1, longest / Math.max(width, height));
			const [resizedWidth, resizedHeight] = [
				Math.max(1, Math.round(width * scale)),
				Math.max(1, Math.round(height * scale)),
			];
			const [columns, rows] = [Math.ceil((resizedWidth - 1) / 8), Math.ceil((resizedHeight - 1) / 8)];
			return {
				pictureWidth: width,
				pictureHeight: height,
				resizedWidth,
				resizedHeight,
				inputWidth: 8 * columns + 1,
				inputHeight: 8 * rows + 1,
				gridWidth: columns + 1,
				gridHeight: rows + 1,
				alignCorners,
			};
		});

	it('the pixel of a cell in the picture is nearest to that cell, and inside', () => {
		fc.assert(
			fc.property(geometries, fc.nat(), fc.nat(), (geometry, first, second) => {
				const row = first % geometry.gridHeight;
				const column = second % geometry.gridWidth;
				const { x, y } = pixelOfCell(geometry, row, column);
				expect(x).toBeGreaterThanOrEqual(0);
				expect(x).toBeLessThan(geometry.pictureWidth);
				expect(y).toBeGreaterThanOrEqual(0);
				expect(y).toBeLessThan(geometry.pictureHeight);
				const view = cellView(head, [6, 12, 18, 24], geometry, row, column);
				// The last cells may lie in the padding beside the picture.
				if (view.x < geometry.pictureWidth && view.y < geometry.pictureHeight) {
					expect(nearestCell(geometry, x, y)).toEqual({ row, column });
					expect([x, y]).toEqual([Math.floor(view.x), Math.floor(view.y)]);
				}
			}),
			{ numRuns: 500 },
		);
	});
});
