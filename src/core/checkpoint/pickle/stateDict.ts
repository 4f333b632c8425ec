/** Finds the weights in what a pickle holds: training code wraps them in dicts of its own. */
import { InspectorError } from '../../problem';
import { NumpyArray } from './numpyNames';
import { TorchTensor } from './torchNames';
import { PyDict, type PyValue } from './values';

export interface StateDict {
	readonly entries: ReadonlyMap<string, TorchTensor | NumpyArray>;
	/** The keys that lead to it. */
	readonly through: readonly string[];
}

/** Where training code keeps the weights, the likeliest first. */
const wrappers = ['state_dict', 'model_state_dict', 'model_state', 'model', 'net', 'network', 'weights'];

/** Dicts in dicts that are looked into. */
const depthLimit = 4;

/**
 * A dict's tensors by name: of the dict that a wrapper's key holds, else its own, else those of the dicts in it, as
 * `layer/part`.
 *
 * @param file The checkpoint's name, for errors.
 * @throws InspectorError `weights.unsupported` where there are none
 */
export function findStateDict(root: PyValue, file: string): StateDict {
	const through: string[] = [];
	let value = root;
	for (let depth = 0; depth < depthLimit && value instanceof PyDict; depth++) {
		const { entries } = value;
		const key = wrappers.find((wrapper) => {
			const inner = entries.get(wrapper);
			return inner instanceof PyDict && inner.entries.size > 0;
		});
		if (key === undefined) {
			break;
		}
		through.push(key);
		value = entries.get(key)!;
	}
	const entries = value instanceof PyDict ? tensorsIn(value) : new Map<string, TorchTensor | NumpyArray>();
	if (entries.size === 0) {
		const place = through.length > 0 ? ` in “${through.join('”, “')}”` : '';
		const detail = `it holds no dict of tensors${place}. In Python, save the weights: torch.save(model.state_dict(), path)`;
		throw new InspectorError({ code: 'weights.unsupported', name: file, detail });
	}
	return { entries, through };
}

function tensorsIn(dict: PyDict): Map<string, TorchTensor | NumpyArray> {
	const own = new Map<string, TorchTensor | NumpyArray>();
	const nested = new Map<string, TorchTensor | NumpyArray>();
	for (const [key, value] of dict.entries) {
		if (typeof key !== 'string') {
			continue;
		}
		if (isTensor(value)) {
			own.set(key, value);
		} else if (value instanceof PyDict) {
			for (const [part, inner] of value.entries) {
				if (typeof part === 'string' && isTensor(inner)) {
					nested.set(`${key}/${part}`, inner);
				}
			}
		}
	}
	return own.size > 0 ? own : nested;
}

function isTensor(value: PyValue): value is TorchTensor | NumpyArray {
	return value instanceof TorchTensor || (value instanceof NumpyArray && value.array !== undefined);
}
