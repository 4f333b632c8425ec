import path from 'node:path';

/**
 * Names for the masks of `images` in `folder`, without an ending: each picture's base name, `-2`, `-3` … where it
 * is taken by another mask or would overwrite one of the pictures.
 * @param endings of each picture's masks, between name and `.png`
 * @returns one name an image, in order
 */
export function outputNames(
	images: readonly string[],
	folder: string,
	endings: readonly string[] = [''],
): readonly string[] {
	const taken = new Set(images.map((image) => fold(path.resolve(image))));
	return images.map((image) => {
		const base = path.parse(image).name;
		for (let number = 1; ; number++) {
			const name = number === 1 ? base : `${base}-${number}`;
			const masks = endings.map((ending) => fold(path.resolve(folder, `${name}${ending}.png`)));
			if (!masks.some((mask) => taken.has(mask))) {
				for (const mask of masks) {
					taken.add(mask);
				}
				return name;
			}
		}
	});
}

/** Some file systems do not tell upper from lower case. */
function fold(file: string): string {
	return file.toLowerCase();
}
