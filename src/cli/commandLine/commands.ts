/** What the command line can say: a type a command, with its options read and checked. */
import type { BackendChoice } from '../../core/backend';
import type { ImportOverrides } from '../../core/checkpoint/importCheckpoint';
import type { ClassSetId } from '../../core/classSets';
import type { CrfResolution } from '../../core/crf/grid';
import type { CrfParameters } from '../../core/crf/parameters';
import type { AdoptOptions } from '../../core/onnx/discover/adopt';
import type { OutputStride } from '../../core/onnx/networks/outputStride';
import type { RandomBackbone, RandomHead } from '../../core/onnx/networks/randomWeights';
import type { MultiScaleRule } from '../../core/segmentation/multiScale';

export type Command =
	| SegmentCommand
	| CrfCommand
	| ExplainCommand
	| InfoCommand
	| ImportCommand
	| NewCommand
	| AdoptCommand
	| DoctorCommand
	| CompareBackendsCommand
	| { readonly name: 'help' }
	| { readonly name: 'version' };

export interface SegmentCommand {
	readonly name: 'segment';
	readonly images: readonly string[];
	readonly out: string;
	readonly npz: boolean;
	/** Whether each picture's profile is written. */
	readonly profile: boolean;
	readonly json: boolean;
	/** Undefined: the bundled one. */
	readonly model: string | undefined;
	readonly threads: number | undefined;
	readonly backend: BackendChoice;
	readonly longestSide: number | undefined;
	/** Undefined: the full scale alone. */
	readonly multiScale: MultiScaleRule | undefined;
	/** Undefined: the model's own. */
	readonly outputStride: OutputStride | undefined;
	/** Undefined: the network's mask is left as it is. */
	readonly crf: SegmentCrf | undefined;
}

export interface SegmentCrf {
	readonly parameters: CrfParameters;
	/** Undefined: by the picture's size. */
	readonly resolution: CrfResolution | undefined;
}

/** Where the unary of `crf` comes from. */
export type UnarySource =
	| { readonly kind: 'unary' | 'probabilities'; readonly file: string }
	| {
			readonly kind: 'labels';
			readonly file: string;
			/** Of the label that is given, 0…1. */
			readonly probability: number;
			readonly classes: number;
	  };

export interface CrfCommand {
	readonly name: 'crf';
	readonly image: string;
	readonly source: UnarySource;
	readonly parameters: CrfParameters;
	/** For Q. */
	readonly out: string;
	readonly mask: string | undefined;
	readonly threads: number | undefined;
	readonly json: boolean;
}

export interface ExplainCommand {
	readonly name: 'explain';
	readonly image: string;
	/** A picture pixel, whose nearest cell is meant, or a cell of the logit grid. */
	readonly place:
		| { readonly kind: 'pixel'; readonly x: number; readonly y: number }
		| { readonly kind: 'cell'; readonly row: number; readonly column: number };
	/** Name or index; undefined: the winner there. */
	readonly className: string | undefined;
	/** Undefined: the bundled one. */
	readonly model: string | undefined;
	readonly threads: number | undefined;
	readonly longestSide: number | undefined;
	readonly json: boolean;
}

export interface InfoCommand {
	readonly name: 'info';
	/** Undefined: the bundled one. */
	readonly model: string | undefined;
	/** Prints every layer's receptive field instead of the layers. */
	readonly receptiveFields: boolean;
	readonly json: boolean;
	/** Height and width. */
	readonly inputSize: readonly [number, number] | undefined;
}

/** Where the names of the classes come from: a data set, or a text file with a name a line. */
export type ClassesSource =
	| { readonly kind: 'set'; readonly id: ClassSetId }
	| { readonly kind: 'file'; readonly file: string };

export interface ImportCommand {
	readonly name: 'import';
	readonly checkpoint: string;
	/** For the model. */
	readonly out: string;
	/** Undefined: those of the data set with as many. */
	readonly classes: ClassesSource | undefined;
	readonly overrides: Omit<ImportOverrides, 'classes'>;
	readonly json: boolean;
}

export interface NewCommand {
	readonly name: 'new';
	/** For the model. */
	readonly out: string;
	readonly backbone: RandomBackbone;
	readonly head: RandomHead;
	readonly classes: number;
	/** Share of the paper's channels, more than 0 and at most 1. */
	readonly width: number;
	readonly seed: number;
	readonly outputStride: OutputStride;
	/** What the model is called; undefined: by what it is. */
	readonly modelName: string | undefined;
}

export interface AdoptCommand {
	readonly name: 'adopt';
	/** An ONNX file of another tool. */
	readonly model: string;
	/** For the model. */
	readonly out: string;
	/** Undefined: those of the data set with as many. */
	readonly classes: ClassesSource | undefined;
	readonly options: Omit<AdoptOptions, 'classes'>;
	readonly json: boolean;
}

export interface DoctorCommand {
	readonly name: 'doctor';
	/** Undefined: the bundled one. */
	readonly model: string | undefined;
	readonly image: string;
	/** A mask of labels. */
	readonly truth: string | undefined;
	/** Folder for the masks; undefined: none are written. */
	readonly out: string | undefined;
	readonly threads: number | undefined;
	readonly longestSide: number | undefined;
	readonly json: boolean;
}

export interface CompareBackendsCommand {
	readonly name: 'compare-backends';
	readonly image: string;
	/** Undefined: the bundled one. */
	readonly model: string | undefined;
	readonly threads: number | undefined;
	readonly longestSide: number | undefined;
	/** Undefined: the full scale alone. */
	readonly multiScale: MultiScaleRule | undefined;
	readonly json: boolean;
}
