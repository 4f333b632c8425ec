/** What the user chose to see of a run: plain data, kept over reloads. */
import { type InspectorLayer, inspectorLayers } from '../../shared/protocol/crf';

/** Where the viewport looks: the picture pixel in its middle, and screen pixels a picture pixel. */
export interface Look {
	readonly scale: number;
	readonly centerX: number;
	readonly centerY: number;
}

export interface ViewState {
	/** What is drawn over the picture; those that need a CRF fall back to the mask while there is none. */
	readonly layer: InspectorLayer;
	/** Where before ends and after begins, as a share of the picture's width, 0…1. */
	readonly divider: number;
	/** The class that is shown alone. */
	readonly solo: number | undefined;
	/** Labels that are not drawn. */
	readonly hidden: readonly number[];
	/** Undefined while the whole picture is fitted in. */
	readonly look: Look | undefined;
}

export interface PageState {
	/** The run that was shown last. */
	readonly runId: string | undefined;
	/** Undefined until the user moves it: then the setting holds. */
	readonly opacity: number | undefined;
	/** By run id; the most recent last. */
	readonly views: Readonly<Record<string, ViewState>>;
}

export const initialView: ViewState = { layer: 'mask', divider: 0.5, solo: undefined, hidden: [], look: undefined };

/** So many runs' views are remembered. */
const rememberedViews = 20;

/** Clicking a class shows it alone; clicking it again shows all. A class shown alone is never a hidden one. */
export function toggleSolo(view: ViewState, label: number): ViewState {
	return view.solo === label
		? { ...view, solo: undefined }
		: { ...view, solo: label, hidden: view.hidden.filter((other) => other !== label) };
}

export function toggleHidden(view: ViewState, label: number): ViewState {
	return view.hidden.includes(label)
		? { ...view, hidden: view.hidden.filter((other) => other !== label) }
		: { ...view, hidden: [...view.hidden, label], solo: view.solo === label ? undefined : view.solo };
}

/**
 * The next class alone, in the legend's order; all classes come between the last and the first.
 *
 * @param labels the labels in the legend's order
 */
export function cycleSolo(view: ViewState, labels: readonly number[], step: 1 | -1): ViewState {
	const places = labels.length + 1;
	const current = view.solo === undefined ? 0 : labels.indexOf(view.solo) + 1;
	const next = (current + step + places) % places;
	const label = labels[next - 1];
	return label === undefined ? { ...view, solo: undefined } : toggleSolo({ ...view, solo: undefined }, label);
}

export function isShown(view: ViewState, label: number): boolean {
	return !view.hidden.includes(label) && (view.solo === undefined || view.solo === label);
}

/** The state with `view` as that of `runId`; the longest unused views are forgotten. */
export function rememberView(state: PageState, runId: string, view: ViewState): PageState {
	const others = Object.entries(state.views).filter(([id]) => id !== runId);
	return { ...state, runId, views: Object.fromEntries([...others.slice(1 - rememberedViews), [runId, view]]) };
}

/** Reads a saved state; whatever is not understood is left at its start. */
export function parsePageState(saved: unknown): PageState {
	const { runId, opacity, views } = asRecord(saved);
	return {
		runId: typeof runId === 'string' ? runId : undefined,
		opacity: isNumber(opacity) ? Math.min(1, Math.max(0, opacity)) : undefined,
		views: Object.fromEntries(Object.entries(asRecord(views)).map(([id, view]) => [id, parseView(view)])),
	};
}

function parseView(saved: unknown): ViewState {
	const { layer, divider, solo, hidden, look } = asRecord(saved);
	const { scale, centerX, centerY } = asRecord(look);
	return {
		layer: inspectorLayers.find((known) => known === layer) ?? initialView.layer,
		divider: isNumber(divider) ? Math.min(1, Math.max(0, divider)) : initialView.divider,
		solo: isNumber(solo) ? solo : undefined,
		hidden: Array.isArray(hidden) ? hidden.filter(isNumber) : [],
		look:
			isNumber(scale) && scale > 0 && isNumber(centerX) && isNumber(centerY) ? { scale, centerX, centerY } : undefined,
	};
}

function asRecord(value: unknown): Record<string, unknown> {
	return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isNumber(value: unknown): value is number {
	return typeof value === 'number' && Number.isFinite(value);
}
