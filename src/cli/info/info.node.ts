import * as l10n from '@vscode/l10n';
import type { Finding, NetworkDescription, NetworkNode } from '../../core/model';
import { decodeOnnx } from '../../core/onnx/decode';
import { describeNetwork } from '../../core/onnx/describe';
import { describeFinding } from '../../shared/describeFinding';
import type { InfoCommand } from '../commandLine/commands';
import { readModel } from '../platform/files.node';
import { bundledModelFile } from '../platform/product.node';
import type { Terminal } from '../terminal';
import { factLines } from '../text/facts';
import { formatTable } from '../text/table';
import { receptiveFieldLines, receptiveFieldReport } from './receptiveFieldText';

/**
 * Prints a model's layers.
 * @returns exit code
 * @throws InspectorError with the model's problem
 */
export async function info(command: InfoCommand, terminal: Terminal): Promise<number> {
	const file = command.model ?? bundledModelFile;
	const bytes = await readModel(file);
	const network = describeNetwork(decodeOnnx(bytes, file), bytes.length, file, command.inputSize);
	for (const line of command.receptiveFields ? fieldLines(network, command.json) : infoLines(network, command.json)) {
		terminal.out(line);
	}
	return 0;
}

function infoLines(network: NetworkDescription, json: boolean): string[] {
	return json ? [JSON.stringify(network, null, '\t')] : networkLines(network);
}

function fieldLines({ tree }: NetworkDescription, json: boolean): string[] {
	const layers = receptiveFieldReport(tree);
	return json ? [JSON.stringify({ layers }, null, '\t')] : receptiveFieldLines(layers);
}

function networkLines(network: NetworkDescription): string[] {
	const { metadata, inputSize, parameters, bytes, opset, tree } = network;
	const [height, width] = inputSize;
	const facts: [string, string][] = [
		[l10n.t('Family'), metadata.family],
		[l10n.t('Backbone'), l10n.t('{0}, output stride {1}', metadata.backbone, metadata.outputStride)],
		[l10n.t('Dilation rates'), ratesText(metadata)],
		[l10n.t('Classes'), `${metadata.classes.length}`],
		[l10n.t('Parameters'), number.format(parameters)],
		[l10n.t('File'), l10n.t('{0} bytes, opset {1}', number.format(bytes), opset)],
		[l10n.t('Shapes for input'), `${height} x ${width}`],
	];
	return [
		metadata.name,
		...factLines(facts).map((line) => `  ${line}`),
		...findingLines(network.findings),
		'',
		...formatTable(
			[
				{ title: l10n.t('Layer'), align: 'left' },
				{ title: l10n.t('Operator'), align: 'left' },
				{ title: l10n.t('Kernel'), align: 'right' },
				{ title: l10n.t('Stride'), align: 'right' },
				{ title: l10n.t('Dilation'), align: 'right' },
				{ title: l10n.t('Output'), align: 'right' },
				{ title: l10n.t('Parameters'), align: 'right' },
				{ title: l10n.t('Receptive field'), align: 'right' },
			],
			rows(tree, ''),
		),
	];
}

function ratesText({ branches, join }: NetworkDescription['metadata']): string {
	const rates = branches.map(({ rate }) => rate).join(', ');
	if (rates === '') {
		return l10n.t('none');
	}
	return join === 'mixed' ? l10n.t('{0}, mixed by later layers: no shares of a logit', rates) : rates;
}

/** The health check: a finding a line, or that there is none. */
function findingLines(findings: readonly Finding[]): string[] {
	if (findings.length === 0) {
		return ['', l10n.t('Health check: nothing odd was found')];
	}
	const words = { error: l10n.t('error'), warning: l10n.t('warning'), info: l10n.t('note') } as const;
	const width = Math.max(...findings.map(({ severity }) => words[severity].length));
	return [
		'',
		l10n.t('Health check'),
		...findings.map((finding) => {
			const { severity, path } = finding;
			return `  ${words[severity].padEnd(width)}  ${path === undefined ? '' : `${path}: `}${describeFinding(finding)}`;
		}),
	];
}

const number = new Intl.NumberFormat('en');

function rows(nodes: readonly NetworkNode[], indent: string): string[][] {
	return nodes.flatMap((node) => [
		[
			indent + node.name,
			operator(node),
			pair(node.kernel),
			pair(node.stride),
			pair(node.dilation),
			node.outputShape?.join('x') ?? '',
			node.parameters > 0 ? number.format(node.parameters) : '',
			pair(node.receptiveField?.size),
		],
		...rows(node.children, `${indent}  `),
	]);
}

function operator({ operator, groups = 1, outputShape }: NetworkNode): string {
	if (operator === undefined) {
		return '';
	}
	if (groups === 1) {
		return operator;
	}
	return groups === outputShape?.[0] ? l10n.t('{0}, depthwise', operator) : l10n.t('{0}, {1} groups', operator, groups);
}

/** `3x3`; one number would not say that both sides are meant. */
function pair(value: readonly [number, number] | undefined): string {
	return value ? value.join('x') : '';
}
