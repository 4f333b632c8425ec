import path from 'node:path';

/**
 * Names for the masks of `images` in `folder`, without an ending: each picture's base name, `-2`, `-3` … where it
 * is taken by another mask or would overwrite one of the pictures.
 * @returns one name an image, in order
 */
export function outputNames(images: readonly string[], folder: string): readonly string[] {
	const taken = new Set(images.map((image) => fold(path.resolve(image))));
	return images.map((image) => {
		const base = path.parse(image).name;
		for (let number = 1; ; number++) {
			const name = number === 1 ? base : `${base}-${number}`;
			const mask = fold(path.resolve(folder, `${name}.png`));
			if (!taken.has(mask)) {
				taken.add(mask);
				return name;
			}
		}
	});
}

/** Some file systems do not tell upper from lower case. */
function fold(file: string): string {
	return file.toLowerCase();
}
