/** Entry of the terminal face, `deeplab-inspector`. */
import { writeSync } from 'node:fs';
import { toProblem } from '../core/problem';
import { describeProblem } from '../shared/describeProblem';
import { parseCommandLine } from './commandLine/commandLine.node';
import type { Command } from './commandLine/commands';
import { helpText } from './commandLine/help';
import { compareBackends } from './comparing/compareBackends.node';
import { doctor } from './comparing/doctor.node';
import { crf } from './crf/crf.node';
import { explain } from './explain/explain.node';
import { info } from './info/info.node';
import { adopt } from './models/adopt.node';
import { importModel } from './models/import.node';
import { newModel } from './models/new.node';
import { productVersion } from './platform/product.node';
import { segment } from './segment/segment.node';
import type { Terminal } from './terminal';

const terminal: Terminal = {
	out: (line) => write(1, `${line}\n`),
	error: (line) => write(2, `${line}\n`),
};

const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
	process.on(name, () => interrupt.abort());
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
	try {
		return await execute(parseCommandLine(args));
	} catch (error) {
		const problem = toProblem(error);
		terminal.error(describeProblem(problem));
		switch (problem.code) {
			case 'usage':
				terminal.error(describeUsage());
				return 2;
			case 'cancelled':
				return 130;
			default:
				return 1;
		}
	}
}

async function execute(command: Command): Promise<number> {
	switch (command.name) {
		case 'segment':
			return await segment(command, terminal, interrupt.signal);
		case 'crf':
			return await crf(command, terminal, interrupt.signal);
		case 'explain':
			return await explain(command, terminal, interrupt.signal);
		case 'info':
			return await info(command, terminal);
		case 'import':
			return await importModel(command, terminal, interrupt.signal);
		case 'new':
			return await newModel(command, terminal, interrupt.signal);
		case 'adopt':
			return await adopt(command, terminal, interrupt.signal);
		case 'doctor':
			return await doctor(command, terminal, interrupt.signal);
		case 'compare-backends':
			return await compareBackends(command, terminal, interrupt.signal);
		case 'help':
			terminal.out(helpText());
			return 0;
		case 'version':
			terminal.out(productVersion());
			return 0;
		default: {
			const unknown: never = command;
			throw new Error(`unknown command ${JSON.stringify(unknown)}`);
		}
	}
}

function describeUsage(): string {
	return helpText().split('\n\n')[1] ?? '';
}

/** Whole, also into a pipe; a reader that has gone is no error. */
function write(descriptor: number, text: string): void {
	let rest = Buffer.from(text);
	while (rest.length > 0) {
		try {
			rest = rest.subarray(writeSync(descriptor, rest));
		} catch (error) {
			if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') {
				continue;
			}
			return;
		}
	}
}
