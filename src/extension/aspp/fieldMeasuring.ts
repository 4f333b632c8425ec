import { toProblem } from '../../core/problem';
import type {
	EffectiveField,
	GradientActivity,
	GradientStage,
	GradientTarget,
	MeasuredField,
} from '../../shared/protocol/aspp';

/** What measuring needs of the rest of the host. */
export interface FieldMeasuringServices {
	gradient(
		target: GradientTarget,
		options: { readonly signal: AbortSignal; readonly onProgress: (stage: GradientStage) => void },
	): Promise<EffectiveField>;
	/** To the run's Inspector. */
	showGradient(field: EffectiveField | null): void;
	/** What can be seen of the measuring has changed. */
	changed(): void;
	/** Logs a failure. @returns its message for the view */
	report(error: unknown): string;
}

export interface FieldRequest {
	readonly target: GradientTarget;
	readonly over: MeasuredField['over'];
	/** Side of the theoretical receptive field in picture pixels; undefined where it is not known. */
	readonly theoretical: number | undefined;
}

interface Measured {
	/** Same key = same measurement. */
	readonly key: string;
	readonly summary: MeasuredField;
	readonly field: EffectiveField;
}

/** The effective receptive fields of one run that were measured, one measurement at a time: a new one ends the last. */
export class FieldMeasuring {
	private readonly fields: Measured[] = [];
	private shownIndex: number | undefined;
	private current: { readonly controller: AbortController; readonly activity: GradientActivity } | undefined;
	private failure: string | undefined;

	constructor(private readonly services: FieldMeasuringServices) {}

	get activity(): GradientActivity {
		if (this.current) {
			return this.current.activity;
		}
		return this.failure === undefined ? { kind: 'idle' } : { kind: 'failed', message: this.failure };
	}

	get measured(): readonly MeasuredField[] {
		return this.fields.map(({ summary }) => summary);
	}

	/** Index of the field that the Inspector draws. */
	get shown(): number | undefined {
		return this.shownIndex;
	}

	/** The field that the Inspector draws. */
	get shownField(): EffectiveField | undefined {
		return this.shownIndex === undefined ? undefined : this.fields[this.shownIndex]?.field;
	}

	/** Measures, and shows what was found; a failure is told by {@link activity}. */
	async measure(request: FieldRequest): Promise<void> {
		this.current?.controller.abort();
		const controller = new AbortController();
		const { branch } = request.target;
		const since = Date.now();
		const enter = (stage: GradientStage) => {
			this.current = { controller, activity: { kind: 'running', branch, stage, since } };
			this.services.changed();
		};
		const isCurrent = () => this.current?.controller === controller;
		this.failure = undefined;
		enter('build');
		try {
			const field = await this.services.gradient(request.target, {
				signal: controller.signal,
				onProgress: (stage) => isCurrent() && enter(stage),
			});
			if (isCurrent()) {
				this.current = undefined;
				this.keep(request, field);
			}
		} catch (error) {
			if (isCurrent()) {
				this.current = undefined;
				this.failure = toProblem(error).code === 'cancelled' ? undefined : this.services.report(error);
			}
		}
		this.services.changed();
	}

	/** Ends the measurement that is running. */
	cancel(): void {
		this.current?.controller.abort();
		this.current = undefined;
		this.services.changed();
	}

	/** Tells why nothing can be measured; undefined: what has failed may be tried again. */
	fail(message: string | undefined): void {
		this.failure = message;
		this.services.changed();
	}

	/** Draws a field that was measured; undefined ends it. */
	show(index: number | undefined): void {
		this.shownIndex = index !== undefined && this.fields[index] ? index : undefined;
		this.services.showGradient(this.shownField ?? null);
		this.services.changed();
	}

	private keep({ target, over, theoretical }: FieldRequest, field: EffectiveField): void {
		const key = keyOf(target);
		const { branch, label } = target;
		const { radius50, radius90, milliseconds } = field;
		const ratio = theoretical === undefined ? undefined : (2 * radius90) / theoretical;
		const measured: Measured = {
			key,
			summary: { branch, over, label, radius50, radius90, ratio, milliseconds },
			field,
		};
		const before = this.fields.findIndex((each) => each.key === key);
		const index = before < 0 ? this.fields.length : before;
		this.fields[index] = measured;
		this.show(index);
	}
}

function keyOf({ branch, label, at }: GradientTarget): string {
	const place = 'mask' in at ? at.mask.join('') : `${at.row} ${at.column}`;
	return `${branch ?? 'sum'} ${label} ${place}`;
}
