/** Bars on a scale that is symmetric about zero, with zero in the middle. */
import { h } from './dom';

/** A bar from the middle to one side. @param length −1…1 of half the width */
export function signedBar(length: number): HTMLElement {
	const bar = h('span', { class: length < 0 ? 'signed-bar negative' : 'signed-bar positive' });
	bar.style.width = `${Math.min(1, Math.abs(length)) * 50}%`;
	return bar;
}
