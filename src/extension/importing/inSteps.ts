import type { StepPlace } from './steps';

/** Asks for one thing; undefined where the user goes back or gives up. */
export type Step<Answers> = (answers: Answers, place: StepPlace) => Promise<Answers | undefined>;

/**
 * Asks for one thing after the other. Who goes back finds the answers that were given, later ones too.
 * @param stepsOf what is asked, as far as the answers so far tell; it may change what comes after a step, not before it
 * @returns undefined where the user gives up
 */
export async function inSteps<Answers>(
	none: Answers,
	stepsOf: (answers: Answers) => readonly Step<Answers>[],
): Promise<Answers | undefined> {
	let answers = none;
	for (let at = 0; ; ) {
		const steps = stepsOf(answers);
		const step = steps[at];
		if (!step) {
			return answers;
		}
		let wentBack = false;
		const onBack = () => {
			wentBack = true;
		};
		const answered = await step(answers, { step: at + 1, total: steps.length, onBack: at > 0 ? onBack : undefined });
		if (answered) {
			answers = answered;
			at++;
		} else if (wentBack) {
			at--;
		} else {
			return undefined;
		}
	}
}
