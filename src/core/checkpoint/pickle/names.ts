/** The names that pickled checkpoints may use. Every other one is refused, by name. */
import { InspectorError } from '../../problem';
import { fromLatin1, PyDict, PyGlobal, PyList, PyTuple, type PyValue, textOf } from './values';

export type KnownNames = ReadonlyMap<string, PyGlobal>;

/** A map of names from functions; `undefined` stands for a name that may be mentioned but not called. */
export function knownNames(
	names: Readonly<Record<string, ((args: readonly PyValue[]) => PyValue) | undefined>>,
): Map<string, PyGlobal> {
	return new Map(Object.entries(names).map(([name, call]) => [name, new PyGlobal(name, call)]));
}

/**
 * @param file The checkpoint's name, for errors.
 * @throws InspectorError `weights.unsupported` for a name that is in none of the maps
 */
export function findName(known: readonly KnownNames[], module: string, name: string, file: string): PyGlobal {
	const dotted = `${module}.${name}`;
	// NumPy 2 moved its functions; Python 2 had another name for the built-in ones.
	const common = dotted.replace(/^numpy\._core\./, 'numpy.core.').replace(/^__builtin__\./, 'builtins.');
	for (const names of known) {
		const found = names.get(common);
		if (found) {
			return found;
		}
	}
	const shown = dotted.length > 60 ? `${dotted.slice(0, 60)}…` : dotted;
	const detail = `it wants Python to load “${shown}”; only tensors are read. In Python, save them alone: torch.save(model.state_dict(), path)`;
	throw new InspectorError({ code: 'weights.unsupported', name: file, detail });
}

/** The collections of Python's own library. */
export const collectionNames: KnownNames = knownNames({
	'collections.OrderedDict': dict,
	'collections.defaultdict': () => new PyDict(),
	'collections.Counter': ([counts]) => (counts instanceof PyDict ? counts : new PyDict()),
	'builtins.dict': dict,
	'builtins.list': list,
	'builtins.set': list,
	'builtins.frozenset': list,
	'builtins.tuple': ([items]) => new PyTuple(items instanceof PyList || items instanceof PyTuple ? items.items : []),
	'builtins.int': undefined,
	'builtins.float': undefined,
	'builtins.bool': undefined,
	'builtins.str': undefined,
	'_codecs.encode': ([text, encoding]) => {
		const bytes = typeof text === 'string' ? fromLatin1(text) : undefined;
		if (!bytes || !['latin1', 'latin-1'].includes(textOf(encoding) ?? '')) {
			throw new RangeError('an encoding that is not read');
		}
		return bytes;
	},
	'builtins.bytes': ([items]) => {
		if (items !== undefined) {
			throw new RangeError('bytes that are not read');
		}
		return new Uint8Array(0);
	},
});

/** From nothing, another dict, or pairs. */
function dict([source]: readonly PyValue[]): PyDict {
	const made = new PyDict();
	if (source instanceof PyDict) {
		for (const [key, value] of source.entries) {
			made.set(key, value);
		}
	} else if (source instanceof PyList || source instanceof PyTuple) {
		for (const pair of source.items) {
			if (!(pair instanceof PyList || pair instanceof PyTuple) || pair.items.length !== 2) {
				throw new RangeError('items that are no pairs');
			}
			made.set(pair.items[0]!, pair.items[1]!);
		}
	}
	return made;
}

function list([items]: readonly PyValue[]): PyList {
	return new PyList(items instanceof PyList || items instanceof PyTuple ? [...items.items] : []);
}
