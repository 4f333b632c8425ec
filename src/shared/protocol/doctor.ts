/** Preprocessing doctor's page and host. */
import type { DoctorChoice } from '../../core/doctor/choices';
import type { Agreement, Confidence } from '../../core/doctor/judge';
import type { ClassInfo } from './types';

export type { DoctorChoice } from '../../core/doctor/choices';
export type { Agreement, Confidence } from '../../core/doctor/judge';

/** Labels at the size that they are shown at, one a pixel. */
export interface DoctorMask {
	readonly width: number;
	readonly height: number;
	readonly labels: Uint8Array;
}

/** One choice and what is known of it. */
export interface DoctorTile {
	/** Unique among the choices of one picture. */
	readonly id: string;
	readonly choice: DoctorChoice;
	/** Undefined until it is computed. */
	readonly confidence: Confidence | undefined;
	/** Undefined without ground truth. */
	readonly agreement: Agreement | undefined;
}

/** How far it is; sent whole whenever something changes. */
export interface DoctorProgress {
	/** In the order to show: as they are computed, and sorted in the end. */
	readonly tiles: readonly DoctorTile[];
	/** Id of what the model has now. */
	readonly current: string;
	readonly running: boolean;
	/** Why it ended early, in the display language. */
	readonly failure: string | undefined;
	/** File name of the ground truth. */
	readonly truth: string | undefined;
	/** Milliseconds since the epoch. */
	readonly since: number;
}

/** One picture under the likely choices. */
export interface DoctorExam {
	/** Another one for each picture and model. */
	readonly id: number;
	readonly modelName: string;
	readonly pictureName: string;
	/** The model does not say itself how pictures reach it: what is current is an assumption. */
	readonly adopting: boolean;
	readonly classes: readonly ClassInfo[];
	readonly ignoreLabel: number;
	/** The picture, reduced: RGB, 3 bytes a pixel. */
	readonly picture: { readonly width: number; readonly height: number; readonly rgb: Uint8Array };
	readonly progress: DoctorProgress;
	/** By choice, small. */
	readonly masks: Readonly<Record<string, DoctorMask>>;
}

/** What the page shows: exactly one of these. */
export type DoctorState =
	| { readonly kind: 'empty' }
	/** Until the first mask is there. */
	| { readonly kind: 'loading'; readonly modelName: string; readonly pictureName: string; readonly since: number }
	| { readonly kind: 'failed'; readonly modelName: string; readonly pictureName: string; readonly message: string }
	| { readonly kind: 'cancelled'; readonly modelName: string; readonly pictureName: string }
	| { readonly kind: 'exam'; readonly exam: DoctorExam };

export interface DoctorUpdate {
	readonly examId: number;
	readonly progress: DoctorProgress;
	/** Those that are new. */
	readonly masks: Readonly<Record<string, DoctorMask>>;
}

export type DoctorAction =
	| 'cancel'
	/** Computes what is missing. */
	| 'resume'
	| 'choosePicture'
	| 'chooseModel'
	| 'chooseTruth'
	| 'removeTruth'
	| 'showLog';

interface OneChoice {
	readonly examId: number;
	readonly id: string;
}

/** Served by the host. */
export interface DoctorHostMethods {
	/** The page is loaded or shown again and wants its whole state. */
	ready: { params: null; result: { readonly state: DoctorState; readonly opacity: number } };
	act: { params: DoctorAction; result: null };
	/** A choice's mask at the size of the exam's picture; null where it is not computed (any more). */
	mask: { params: OneChoice; result: DoctorMask | null };
	/** Writes a choice into a model; the user is asked. @returns the model's name, null where they changed their mind. */
	keep: { params: OneChoice; result: string | null };
	log: { params: { readonly level: 'error' | 'info'; readonly message: string }; result: null };
}

/** Served by the page. */
export interface DoctorPageMethods {
	show: { params: DoctorState; result: null };
	update: { params: DoctorUpdate; result: null };
	/** The setting changed. */
	opacity: { params: number; result: null };
}
