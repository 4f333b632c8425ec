/** Pictures of the page for papers: SVG that stands alone, and PNG of it. */

export interface FigurePart {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
	/** An SVG as it is drawn, or a canvas. */
	readonly node: SVGSVGElement | HTMLCanvasElement;
}

export interface FigureText {
	readonly x: number;
	/** Of the baseline. */
	readonly y: number;
	readonly text: string;
	readonly anchor?: 'start' | 'middle' | 'end';
	readonly color?: string;
	readonly bold?: boolean;
}

export interface Figure {
	readonly width: number;
	readonly height: number;
	readonly parts: readonly FigurePart[];
	readonly texts: readonly FigureText[];
}

const svgNamespace = 'http://www.w3.org/2000/svg';
/** Device pixels a pixel of the figure. */
const pngScale = 2;
/** Inherited or own, what marks need to look outside the page as they do in it. */
const kept = [
	'fill',
	'fill-opacity',
	'stroke',
	'stroke-width',
	'stroke-dasharray',
	'stroke-opacity',
	'stroke-linejoin',
	'stroke-linecap',
	'paint-order',
	'opacity',
	'display',
	'visibility',
	'shape-rendering',
	'font-family',
	'font-size',
	'font-weight',
	'text-anchor',
] as const;

/** The figure as an SVG document, on the page's own background, with its colours and fonts written out. */
export function figureSvg({ width, height, parts, texts }: Figure): string {
	const style = getComputedStyle(document.body);
	const root = make('svg', { width, height, viewBox: `0 0 ${width} ${height}` });
	root.setAttribute('font-family', style.fontFamily);
	root.setAttribute('font-size', style.fontSize);
	root.append(make('rect', { width, height, fill: pageBackground() }));
	for (const { x, y, width: partWidth, height: partHeight, node } of parts) {
		if (node instanceof HTMLCanvasElement) {
			const size = { x, y, width: partWidth, height: partHeight };
			root.append(make('image', { ...size, href: node.toDataURL('image/png'), preserveAspectRatio: 'none' }));
		} else {
			const copy = standalone(node);
			for (const [name, value] of Object.entries({ x, y, width: partWidth, height: partHeight })) {
				copy.setAttribute(name, String(value));
			}
			root.append(copy);
		}
	}
	for (const { x, y, text, anchor = 'start', color = style.color, bold = false } of texts) {
		const element = make('text', { x, y, 'text-anchor': anchor, fill: plainColor(color) });
		if (bold) {
			element.setAttribute('font-weight', '600');
		}
		element.textContent = text;
		root.append(element);
	}
	return new XMLSerializer().serializeToString(root);
}

/**
 * Marks that are drawn over each other, as an SVG document without a ground.
 *
 * @param marks in the page, so that their styles are known
 */
export function marksSvg(marks: readonly SVGSVGElement[], width: number, height: number): string {
	const style = getComputedStyle(document.body);
	const root = make('svg', { width, height, viewBox: `0 0 ${width} ${height}` });
	root.setAttribute('font-family', style.fontFamily);
	root.setAttribute('font-size', style.fontSize);
	for (const mark of marks) {
		const copy = standalone(mark);
		copy.setAttribute('width', String(width));
		copy.setAttribute('height', String(height));
		root.append(copy);
	}
	return new XMLSerializer().serializeToString(root);
}

/** @throws Error where the browser cannot read it */
export async function svgImage(svg: string): Promise<HTMLImageElement> {
	const image = new Image();
	image.src = `data:image/svg+xml;base64,${base64(new TextEncoder().encode(svg))}`;
	await image.decode();
	return image;
}

/** @throws Error where the browser cannot draw it */
export async function svgPng(svg: string, { width, height }: Pick<Figure, 'width' | 'height'>): Promise<Uint8Array> {
	const image = await svgImage(svg);
	const canvas = document.createElement('canvas');
	canvas.width = Math.round(width * pngScale);
	canvas.height = Math.round(height * pngScale);
	canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
	const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
	if (!blob) {
		throw new Error(`no PNG of ${canvas.width} x ${canvas.height} pixels`);
	}
	return new Uint8Array(await blob.arrayBuffer());
}

/** A text in lines of at most so many pixels, in the page's font. */
export function wrapText(text: string, width: number): readonly string[] {
	const paint = document.createElement('canvas').getContext('2d');
	const style = getComputedStyle(document.body);
	if (!paint) {
		return [text];
	}
	paint.font = `${style.fontSize} ${style.fontFamily}`;
	const lines: string[] = [];
	for (const word of text.split(' ')) {
		const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
		if (lines.length > 0 && paint.measureText(longer).width <= width) {
			lines[lines.length - 1] = longer;
		} else {
			lines.push(word);
		}
	}
	return lines;
}

/** What the page stands on. */
export function pageBackground(): string {
	const own = plainColor(getComputedStyle(document.body).backgroundColor);
	const token = getComputedStyle(document.documentElement).getPropertyValue('--vscode-sideBar-background').trim();
	return own === 'none' ? plainColor(token === '' ? '#ffffff' : token) : own;
}

function standalone(svg: SVGSVGElement): SVGElement {
	const copy = svg.cloneNode(true) as SVGSVGElement;
	const originals = [svg, ...svg.querySelectorAll<SVGElement>('*')];
	const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')];
	for (const [index, original] of originals.entries()) {
		const target = copies[index]!;
		const style = getComputedStyle(original);
		for (const name of kept) {
			const value = style.getPropertyValue(name);
			target.setAttribute(name, name === 'fill' || name === 'stroke' ? plainColor(value) : value);
		}
		for (const name of ['class', 'style', 'tabindex', 'role']) {
			target.removeAttribute(name);
		}
	}
	return copy;
}

const plain = new Map<string, string>();

/** A colour in the words that every SVG reader knows: `rgb(…)`, `rgba(…)` or `none`. */
export function plainColor(color: string): string {
	const known = plain.get(color);
	if (known !== undefined) {
		return known;
	}
	let found = color;
	if (color !== 'none' && !color.startsWith('url(')) {
		const canvas = document.createElement('canvas');
		canvas.width = 1;
		canvas.height = 1;
		const paint = canvas.getContext('2d')!;
		paint.fillStyle = color;
		paint.fillRect(0, 0, 1, 1);
		const [red = 0, green = 0, blue = 0, alpha = 0] = paint.getImageData(0, 0, 1, 1).data;
		found =
			alpha === 0
				? 'none'
				: alpha === 255
					? `rgb(${red}, ${green}, ${blue})`
					: `rgba(${red}, ${green}, ${blue}, ${(alpha / 255).toFixed(3)})`;
	}
	plain.set(color, found);
	return found;
}

function make(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
	const element = document.createElementNS(svgNamespace, name);
	for (const [attribute, value] of Object.entries(attributes)) {
		element.setAttribute(attribute, String(value));
	}
	return element;
}

function base64(bytes: Uint8Array): string {
	let text = '';
	for (let start = 0; start < bytes.length; start += 8192) {
		text += String.fromCharCode(...bytes.subarray(start, start + 8192));
	}
	return btoa(text);
}
