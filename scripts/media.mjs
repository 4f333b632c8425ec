/**
 * Draws the icons and the walkthrough's pictures into media/: `node scripts/media.mjs`.
 * The motif everywhere: the taps of 3x3 convolutions with growing dilation rates about one pixel.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { findChromium } from './lib/chromium.mjs';

const media = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../media');

/** Ordered, from small to large rate. */
const rateColors = ['#ffd166', '#f4845f', '#c8527f', '#7b5bc4'];

/**
 * The eight taps around the centre.
 * @param {number} rate distance to the centre
 * @param {number} size side of a tap
 * @param {{ x?: number, y?: number, fill?: string, radius?: number }} [options]
 */
function taps(rate, size, { x = 0, y = 0, fill = 'currentColor', radius = size / 4 } = {}) {
	const squares = [];
	for (const dy of [-1, 0, 1]) {
		for (const dx of [-1, 0, 1]) {
			if (dx !== 0 || dy !== 0) {
				squares.push(square(x + dx * rate, y + dy * rate, size, fill, radius));
			}
		}
	}
	return squares.join('');
}

/**
 * @param {number} x centre
 * @param {number} y centre
 * @param {number} size
 * @param {string} fill
 * @param {number} [radius]
 */
function square(x, y, size, fill, radius = size / 4) {
	const corner = [x - size / 2, y - size / 2].map((value) => Number(value.toFixed(3)));
	return `<rect x="${corner[0]}" y="${corner[1]}" width="${size}" height="${size}" rx="${radius}" fill="${fill}"/>`;
}

/**
 * @param {string} viewBox
 * @param {string} body
 * @param {string} [attributes]
 */
function svg(viewBox, body, attributes = '') {
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${viewBox}"${attributes}>${body}</svg>\n`;
}

const small = (/** @type {string} */ color) =>
	svg('-12 -12 24 24', square(0, 0, 4, color) + taps(5, 2.6, { fill: color }) + taps(9.6, 2, { fill: color }));

const icon = svg(
	'-128 -128 256 256',
	`<rect x="-128" y="-128" width="256" height="256" rx="48" fill="#1b1f2a"/>${square(0, 0, 24, '#ffffff')}` +
		rateColors.map((fill, i) => taps(24.5 * (i + 1), 21 - 2.5 * i, { fill })).join(''),
	' width="256" height="256"',
);

const text = 'fill="var(--vscode-descriptionForeground)" font-family="var(--vscode-font-family), sans-serif"';
const frame = 'fill="none" stroke="var(--vscode-widget-border, var(--vscode-descriptionForeground))"';
const plain = 'var(--vscode-descriptionForeground)';

/** A hill, a sun and a figure: as a photograph, or as a mask. */
const scene = (/** @type {number} */ x, /** @type {boolean} */ masked) => `<g transform="translate(${x} 0)">
<rect width="190" height="190" rx="4" fill="${masked ? 'transparent' : '#9db8cf'}" ${masked ? frame.slice(12) : ''}/>
${masked ? '' : '<circle cx="148" cy="42" r="16" fill="#f6e7b4"/><path d="M0 130 Q60 96 120 126 T190 118 V186 a4 4 0 0 1 -4 4 H4 a4 4 0 0 1 -4 -4 Z" fill="#7d9a6a"/>'}
<g fill="${masked ? '#c08080' : '#5b4a52'}"><circle cx="70" cy="78" r="19"/><path d="M38 172 q0 -68 32 -68 t32 68 Z"/></g>
<g fill="${masked ? '#400080' : '#a06b43'}"><path d="M112 172 v-26 q0 -14 14 -14 h22 l8 -12 10 4 -4 16 q-4 8 -8 10 v22 h-9 v-18 h-22 v18 Z"/></g></g>`;

const segment = svg(
	'0 0 460 190',
	`${scene(0, false)}<path d="M206 95 h40 m-12 -10 12 10 -12 10" fill="none" stroke="${plain}" stroke-width="2"/>${scene(264, true)}`,
);

const bars = [
	['#c08080', 'person', '21.4 %', 54],
	['#400080', 'dog', '9.7 %', 25],
	['var(--vscode-descriptionForeground)', 'background', '68.9 %', 150],
];
const read = svg(
	'0 0 460 250',
	`<g><rect width="190" height="190" rx="4" fill="#9db8cf"/>${scene(0, false)}<g opacity="0.6">${scene(0, true)}</g>
<path d="M70 64 v28 m-14 -14 h28" stroke="#fff" stroke-width="2"/></g>
${bars
	.map(
		([color, name, share, width], i) =>
			`<g transform="translate(214 ${18 + i * 44})"><rect width="12" height="12" rx="2" fill="${color}"/><text x="22" y="11" font-size="14" ${text}>${name}</text><text x="236" y="11" font-size="14" text-anchor="end" ${text}>${share}</text><rect x="22" y="19" width="${width}" height="4" rx="2" fill="${color}"/></g>`,
	)
	.join('')}
<text y="222" font-size="14" ${text}>x 212  y 133 · person 0.93 · then dog 0.05</text>`,
);

const rates = [6, 12, 18, 24];
const model = svg(
	'0 0 460 210',
	`${rates
		.map((rate, i) => {
			const x = 54 + i * 117;
			const fill = rateColors[i];
			return `<rect x="${x - 50}" y="10" width="100" height="100" rx="4" ${frame}/>${square(x, 60, 9, fill)}${taps(9 * (i + 1), 9, { x, y: 60, fill })}<text x="${x}" y="132" font-size="14" text-anchor="middle" ${text}>rate ${rate}</text><path d="M${x} 140 V156 Q${x} 164 ${x + (x < 230 ? 8 : -8)} 164 H230" ${frame}/>`;
		})
		.join(
			'',
		)}<circle cx="230" cy="164" r="12" fill="var(--vscode-editor-background)" stroke="${plain}"/><path d="M230 158 v12 m-6 -6 h12" stroke="${plain}" stroke-width="2"/><text x="230" y="198" font-size="14" text-anchor="middle" ${text}>one score map a class</text>`,
);

await mkdir(path.join(media, 'walkthrough'), { recursive: true });
const files = {
	'deeplab.svg': small('currentColor'),
	'tab-light.svg': small('#424242'),
	'tab-dark.svg': small('#c5c5c5'),
	'icon.svg': icon,
	'walkthrough/segment.svg': segment,
	'walkthrough/read.svg': read,
	'walkthrough/model.svg': model,
};
for (const [name, content] of Object.entries(files)) {
	await writeFile(path.join(media, name), content);
}

const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
try {
	const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
	await page.setContent(`<body style="margin:0">${icon}</body>`);
	await page.screenshot({ path: path.join(media, 'icon.png'), omitBackground: true });
} finally {
	await browser.close();
}
