import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { type Problem, type ProblemCode, toProblem } from '../core/problem';
import { describeProblem } from '../shared/describeProblem';

export interface ProblemActions {
	/** Offered where trying again can help. */
	readonly retry?: () => void;
	/** The problem is told in a view that can be seen: it is logged alone. */
	readonly told?: boolean;
}

const retryHelps: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
	'picture.notFound',
	'picture.unreadable',
	'model.notFound',
	'model.unreadable',
	'weights.notFound',
	'weights.unreadable',
	'runtime.unavailable',
	'runtime.failed',
	'backend.bothFailed',
	'runtime.outOfMemory',
	'worker.crashed',
	'output.unwritable',
	'internal',
]);

/** Tells a problem once, with the buttons that help, and logs its detail. A cancel is no problem. */
export class ProblemReporter {
	constructor(private readonly log: vscode.LogOutputChannel) {}

	report(error: unknown, doing: string, actions: ProblemActions = {}): Problem {
		const problem = toProblem(error);
		if (problem.code === 'cancelled') {
			this.log.info(`${doing}: cancelled`);
			return problem;
		}
		this.log.error(`${doing}: ${JSON.stringify(problem)}\n${stackOf(error)}`);
		if (!actions.told) {
			void this.tell(problem, actions);
		}
		return problem;
	}

	private async tell(problem: Problem, { retry }: ProblemActions): Promise<void> {
		const tryAgain = l10n.t('Try Again');
		const selectModel = l10n.t('Select Model…');
		const showLog = l10n.t('Show Log');
		const buttons = [
			...(retry && retryHelps.has(problem.code) ? [tryAgain] : []),
			...(problem.code.startsWith('model.') ? [selectModel] : []),
			showLog,
		];
		switch (await vscode.window.showErrorMessage(describeProblem(problem), ...buttons)) {
			case tryAgain:
				retry?.();
				return;
			case selectModel:
				await vscode.commands.executeCommand('deeplab.selectModel');
				return;
			case showLog:
				this.log.show(true);
				return;
			default:
				return;
		}
	}
}

function stackOf(error: unknown): string {
	if (!(error instanceof Error)) {
		return String(error);
	}
	const stack = error.stack ?? error.message;
	return error.cause === undefined ? stack : `${stack}\ncaused by ${stackOf(error.cause)}`;
}
