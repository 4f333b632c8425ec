/** What the focus is on, as far as keys are concerned. */
import type { KeyTarget } from './viewKeys';

export function keyTarget(target: EventTarget | null): KeyTarget {
	if (target instanceof HTMLInputElement) {
		return target.type === 'range' ? 'slider' : target.type === 'checkbox' ? 'page' : 'field';
	}
	return target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement ? 'field' : 'page';
}
