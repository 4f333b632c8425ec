/** Core types that cross boundaries, re-exported so that pages import one place. */
export type { BackendInfo, BackendStatus } from '../../core/backend';
export type {
	ClassInfo,
	Finding,
	ModelMetadata,
	NetworkDescription,
	NetworkNode,
	ReceptiveField,
	Severity,
} from '../../core/model';
export type { Problem } from '../../core/problem';
export type {
	BranchMap,
	ClassShare,
	FeatureMap,
	Geometry,
	RunInfo,
	StageName,
	StageTiming,
} from '../../core/run';
export type { StageProgress } from './worker';
