import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outputNames } from '../../../src/cli/segment/outputNames.node';

describe('outputNames', () => {
	it('takes the pictures’ base names', () => {
		expect(outputNames(['/a/cat.jpg', 'b/dog.tar.png', 'cup'], 'out')).toEqual(['cat', 'dog.tar', 'cup']);
	});

	it('keeps all of a picture’s masks apart from others', () => {
		expect(outputNames(['x.png', 'x-before.jpg', 'y.png'], 'out', ['', '-before'])).toEqual(['x', 'x-before-2', 'y']);
	});

	it('numbers namesakes, also where only the case differs', () => {
		expect(outputNames(['a/x.png', 'b/x.png', 'b/X.jpg', 'a/x-2.png'], 'out')).toEqual(['x', 'x-2', 'X-3', 'x-2-2']);
	});

	it('never overwrites a picture nor a mask', () => {
		const file = fc
			.tuple(
				fc.constantFrom('', 'in/', 'out/', './out/'),
				fc.constantFrom('a', 'A', 'a-2'),
				fc.constantFrom('.png', '.jpg'),
			)
			.map((parts) => parts.join(''));
		fc.assert(
			fc.property(fc.array(file), fc.constantFrom('out', '.', 'in'), (images, out) => {
				const key = (name: string) => path.resolve(name).toLowerCase();
				const masks = outputNames(images, out).map((name) => key(path.join(out, `${name}.png`)));
				expect(new Set(masks).size).toBe(images.length);
				for (const image of images) {
					expect(masks).not.toContain(key(image));
				}
			}),
		);
	});
});
