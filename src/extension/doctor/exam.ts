/** One picture under the likely preprocessings of one model: what the doctor knows, without VS Code. */
import type { BackendName } from '../../core/backend';
import { choiceId, type DoctorChoice, type DoctorInput, inputsOwnFirst, isOwnChoice } from '../../core/doctor/choices';
import { type Agreement, type Confidence, confidenceOf, ranked } from '../../core/doctor/judge';
import { compareWithTruth, type Truth } from '../../core/doctor/truth';
import { resizeRgb } from '../../core/image/resize';
import type { ModelMetadata, Preprocessing } from '../../core/model';
import type { FeatureMap, Geometry } from '../../core/run';
import { upsampleLabels } from '../../core/segmentation/upsampleLabels';
import type { DoctorMask, DoctorTile } from '../../shared/protocol/doctor';
import type { PictureSource, SegmentResult } from '../../shared/protocol/worker';
import type { ModelHandle, RequestOptions, SegmentRequest } from '../../worker/client/client';
import { nextTurn } from '../inspector/displayRaster';

export interface ExamParts {
	readonly picture: PictureSource;
	readonly model: ModelHandle;
	/** Overrides the model's own longest side. */
	readonly longestSide: number | undefined;
	/** What the model has been found to run on; undefined: as is set. */
	readonly backend: () => BackendName | undefined;
	readonly segment: (request: SegmentRequest, options: Pick<RequestOptions, 'signal'>) => Promise<SegmentResult>;
	/** Called with the choices that have just been computed; empty where something else has changed. */
	readonly onChange: (computed: readonly string[]) => void;
}

/** Longest side of a tile's mask, and of the picture and the masks that are looked at closely, in pixels. */
const tileSide = 256;
const pictureSide = 768;

interface Entry {
	readonly id: string;
	readonly choice: DoctorChoice;
	readonly input: DoctorInput;
	seen: Seen | undefined;
	agreement: Agreement | undefined;
}

/** What is kept of an inference: enough to make its masks at any size. */
interface Seen {
	readonly logits: FeatureMap;
	readonly geometry: Geometry;
	readonly confidence: Confidence;
}

interface Size {
	readonly width: number;
	readonly height: number;
}

export class Exam {
	readonly metadata: ModelMetadata;
	/** The picture as it is shown, reduced: RGB, 3 bytes a pixel. */
	readonly picture: Size & { readonly rgb: Uint8Array };
	private readonly entries: readonly Entry[];
	private readonly full: Size;
	private truth: Truth | undefined;
	private kept: string | undefined;
	private runs = 0;

	/**
	 * Runs the picture as the model has it, which is the first of the choices.
	 * @throws InspectorError with the picture's or the model's problem, or `cancelled`
	 */
	static async begin(parts: ExamParts, signal: AbortSignal): Promise<Exam> {
		return new Exam(parts, await infer(parts, undefined, signal));
	}

	private constructor(
		private readonly parts: ExamParts,
		first: SegmentResult,
	) {
		const { model, geometry } = first.info;
		this.metadata = model;
		this.full = { width: geometry.pictureWidth, height: geometry.pictureHeight };
		const { width, height } = sizeWithin(this.full, pictureSide);
		const rgb = resizeRgb(first.tensors.rgb, this.full.width, this.full.height, width, height);
		this.picture = { width, height, rgb };
		const inputs = inputsOwnFirst(model.preprocessing);
		this.entries = inputs.flatMap((input) =>
			input.choices.map(
				(choice): Entry => ({ id: choiceId(choice), choice, input, seen: undefined, agreement: undefined }),
			),
		);
		this.take(inputs[0]!, first);
	}

	get running(): boolean {
		return this.runs > 0;
	}

	get truthName(): string | undefined {
		return this.truth?.name;
	}

	/** Id of what the model has now. */
	get current(): string {
		const own = this.entries.find(({ choice, input }) =>
			isOwnChoice(input.preprocessing, choice, this.metadata.preprocessing),
		);
		return this.kept ?? own!.id;
	}

	/** In the order in which they are computed; sorted, the best first, once nothing is computed any more. */
	get tiles(): readonly DoctorTile[] {
		const entries = this.entries.map(
			({ id, choice, seen, agreement }): DoctorTile => ({ id, choice, confidence: seen?.confidence, agreement }),
		);
		if (this.running) {
			return entries;
		}
		const computed = entries.flatMap((tile) =>
			tile.confidence ? [{ tile, agreement: tile.agreement, confidence: tile.confidence }] : [],
		);
		return [...ranked(computed).map(({ tile }) => tile), ...entries.filter(({ confidence }) => !confidence)];
	}

	/**
	 * Computes what is missing.
	 * @throws InspectorError with the picture's or the model's problem, or `cancelled`; what is computed stays
	 */
	async run(signal: AbortSignal): Promise<void> {
		this.runs++;
		try {
			const inputs = new Set(this.entries.filter(({ seen }) => !seen).map(({ input }) => input));
			for (const input of inputs) {
				const computed = this.take(input, await infer(this.parts, input.preprocessing, signal));
				this.parts.onChange(computed);
			}
		} finally {
			this.runs--;
		}
		this.parts.onChange([]);
	}

	/**
	 * Compares every mask with ground truth from now on; undefined: no more.
	 * @throws InspectorError `picture.unsupported` where it does not fit the picture or the classes; nothing changes then
	 */
	async compareWith(truth: Truth | undefined): Promise<void> {
		const before = this.truth;
		this.truth = truth;
		for (const entry of this.entries) {
			const agreement = this.agreementOf(entry, () => {
				this.truth = before;
			});
			if (this.truth !== truth) {
				// Another one was chosen meanwhile.
				return;
			}
			entry.agreement = agreement;
			await nextTurn();
		}
		this.parts.onChange([]);
	}

	/** How a choice prepares pictures, as a model's metadata has it. @throws Error for an unknown id */
	preprocessingOf(id: string): Preprocessing {
		const { choice, input } = this.entry(id);
		return { ...input.preprocessing, alignCorners: choice.alignCorners };
	}

	choiceOf(id: string): DoctorChoice {
		return this.entry(id).choice;
	}

	/** The model has this choice from now on. */
	keep(id: string): void {
		this.kept = this.entry(id).id;
		this.parts.onChange([]);
	}

	/** The mask of a tile; undefined where it is not computed. */
	tileMask(id: string): DoctorMask | undefined {
		return this.maskOf(id, tileSide);
	}

	/** The mask at the size of {@link picture}; undefined where it is not computed. */
	mask(id: string): DoctorMask | undefined {
		return this.maskOf(id, pictureSide);
	}

	/** @returns ids of the choices that are computed now */
	private take(input: DoctorInput, { info, tensors }: SegmentResult): string[] {
		const { geometry } = info;
		const seen: Seen = { logits: tensors.logits, geometry, confidence: confidenceOf(tensors.logits, geometry) };
		const entries = this.entries.filter((entry) => entry.input === input);
		for (const entry of entries) {
			entry.seen = seen;
			entry.agreement = this.agreementOf(entry);
		}
		return entries.map(({ id }) => id);
	}

	private agreementOf({ seen, choice }: Entry, onMisfit: () => void = () => undefined): Agreement | undefined {
		if (!this.truth || !seen) {
			return undefined;
		}
		try {
			const labels = upsampleLabels(seen.logits, { ...seen.geometry, alignCorners: choice.alignCorners });
			return compareWithTruth(labels, this.full, this.metadata, this.truth);
		} catch (error) {
			onMisfit();
			throw error;
		}
	}

	private maskOf(id: string, side: number): DoctorMask | undefined {
		const { choice, seen } = this.entry(id);
		if (!seen) {
			return undefined;
		}
		const { width, height } = sizeWithin(this.full, side);
		const { alignCorners } = choice;
		const labels = upsampleLabels(seen.logits, {
			...seen.geometry,
			pictureWidth: width,
			pictureHeight: height,
			alignCorners,
		});
		return { width, height, labels };
	}

	private entry(id: string): Entry {
		const found = this.entries.find((entry) => entry.id === id);
		if (!found) {
			throw new Error(`no choice ${id}`);
		}
		return found;
	}
}

async function infer(
	{ segment, picture, model, longestSide, backend }: ExamParts,
	preprocessing: Preprocessing | undefined,
	signal: AbortSignal,
): Promise<SegmentResult> {
	return await segment(
		{
			picture,
			model,
			backend: backend(),
			...(preprocessing ? { preprocessing } : {}),
			...(longestSide === undefined ? {} : { longestSide }),
		},
		{ signal },
	);
}

/** The size of a picture whose longest side is at most `side`. */
function sizeWithin({ width, height }: Size, side: number): Size {
	const scale = Math.min(1, side / Math.max(width, height));
	return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
