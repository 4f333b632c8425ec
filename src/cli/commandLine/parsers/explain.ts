import * as l10n from '@vscode/l10n';
import type { ExplainCommand } from '../commands';
import { allow, type Values } from '../options';
import { longestSide, modelFile, threadCount, usage } from '../optionValues';

/** @throws InspectorError `usage` */
export function explainCommand(values: Values, operands: readonly string[]): ExplainCommand {
	allow('explain', values, ['at', 'cell', 'class', 'model', 'threads', 'longest-side', 'json']);
	const [image] = operands;
	if (image === undefined || operands.length > 1) {
		throw usage(l10n.t('explain takes one picture.'));
	}
	if (values.class === '') {
		throw usage(l10n.t('--class takes a class, by its name or its index.'));
	}
	return {
		name: 'explain',
		image,
		place: place(values),
		className: values.class,
		model: modelFile(values.model),
		threads: threadCount(values.threads),
		longestSide: longestSide(values['longest-side']),
		json: values.json ?? false,
	};
}

function place({ at, cell }: Values): ExplainCommand['place'] {
	if ((at === undefined) === (cell === undefined)) {
		throw usage(
			l10n.t('explain needs either --at X,Y, a pixel of the picture, or --cell ROW,COL, a cell of the logit grid.'),
		);
	}
	const numbers = /^(\d{1,6}),(\d{1,6})$/
		.exec(at ?? cell ?? '')
		?.slice(1)
		.map(Number);
	if (!numbers) {
		throw at === undefined
			? usage(l10n.t('--cell takes a row and a column, such as 12,20, not “{0}”.', cell ?? ''))
			: usage(l10n.t('--at takes X and Y in pixels, such as 120,80, not “{0}”.', at));
	}
	const [first, second] = numbers as [number, number];
	return at === undefined ? { kind: 'cell', row: first, column: second } : { kind: 'pixel', x: first, y: second };
}
