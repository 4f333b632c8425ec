/** Saving and copying what is on the screen, and what is said of it. */
import * as l10n from '@vscode/l10n';
import { picturePng } from '../picture/picturePng';
import { savedMarks } from '../picture/savedMarks';
import type { Readout } from '../readout/readout';
import { savedMask } from '../toolbar/layerData';
import type { RunContents } from './contents';
import type { Drawn } from './drawn';
import type { RunPicture } from './runPicture';

export interface PictureSavingEvents {
	/** @returns the saved file's name, or null where the user changed their mind. */
	saveMask(which: ReturnType<typeof savedMask>): Promise<string | null>;
	savePicture(png: Uint8Array): Promise<string | null>;
	/** What to tell the user of an error. */
	explain(error: unknown): string;
}

export interface PictureSaving {
	/** The one that the layer is about. */
	saveMask(): void;
	/** With what is drawn over it. */
	savePicture(): void;
	copyPicture(): void;
}

/** @param page an element of the page, whose styles the marks take */
export function createPictureSaving(
	events: PictureSavingEvents,
	contents: RunContents,
	drawn: Drawn,
	picture: RunPicture,
	readout: Pick<Readout, 'notify'>,
	page: HTMLElement,
): PictureSaving {
	const png = () => {
		const { run, fields, gradient, places } = contents;
		if (!run) {
			throw new Error('there is no run to save');
		}
		const layers = contents.fullLayers(run, picture.style(run));
		const marks = savedMarks(page, run.info.geometry, { fields, gradient, places });
		return picturePng(run, layers, drawn.parts(), picture.opacity, marks);
	};
	const save = (write: () => Promise<string | null>) => {
		write().then(
			(name) => name !== null && readout.notify(l10n.t('Saved {0}', name), 'done'),
			(error: unknown) => readout.notify(events.explain(error), 'error'),
		);
	};
	const copy = async () => {
		try {
			// The promise goes into the item: the clipboard must be asked while the click is still fresh.
			await navigator.clipboard.write([new ClipboardItem({ 'image/png': png() })]);
			readout.notify(l10n.t('Copied the picture as shown'), 'done');
		} catch {
			readout.notify(l10n.t('The clipboard did not take the picture. Save it instead.'), 'error');
		}
	};
	return {
		saveMask: () => save(() => events.saveMask(savedMask(drawn.layer()))),
		savePicture: () => save(async () => events.savePicture(new Uint8Array(await (await png()).arrayBuffer()))),
		copyPicture: () => void copy(),
	};
}
