import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { InspectorError } from '../core/problem';
import type { RunInfo } from '../core/run';
import { baseName, errorDetail, parentOf } from './files';
import type { MaskChoice } from './inspectorPanel';
import type { RunStore } from './runStore';

/** Writes what a run shows to files that the user chooses. */
export class Saving {
	constructor(
		private readonly extensionUri: vscode.Uri,
		private readonly store: RunStore,
		private readonly log: vscode.LogOutputChannel,
		/** A run's mask after the CRF, as it is shown. @throws InspectorError `run.notFound` */
		private readonly maskAfter: (runId: string) => Promise<Uint8Array>,
	) {}

	/**
	 * Saves the mask as a palette PNG of the picture's size: label = index.
	 * @param which the network's, or the one after the CRF at the iteration shown
	 * @returns the file's name, or null where the user changed their mind
	 * @throws InspectorError `run.notFound` or `output.unwritable`
	 */
	async saveMask(runId: string, which: MaskChoice): Promise<string | null> {
		const info = this.infoOf(runId);
		const isAfter = which === 'after';
		const title = isAfter ? l10n.t('Save Mask after CRF') : l10n.t('Save Mask');
		const target = await this.ask(info, isAfter ? 'mask-crf' : 'mask', title);
		if (!target) {
			return null;
		}
		const labels = isAfter ? await this.maskAfter(runId) : await this.store.labels(runId);
		const { encodePalettePng } = await import('../core/image/palettePng');
		const { pictureWidth, pictureHeight } = info.geometry;
		const colors = info.model.classes.map(({ color }) => color);
		return await this.write(target, encodePalettePng(labels, pictureWidth, pictureHeight, colors));
	}

	/**
	 * Saves the picture with its mask over it, at the picture's size.
	 * @param opacity of the mask, 0…1; background stays clear
	 * @param which as in {@link saveMask}
	 * @returns the file's name, or null where the user changed their mind
	 * @throws InspectorError `run.notFound` or `output.unwritable`
	 */
	async savePicture(runId: string, opacity: number, which: MaskChoice): Promise<string | null> {
		const info = this.infoOf(runId);
		const target = await this.ask(info, 'segmented', l10n.t('Save Picture'));
		if (!target) {
			return null;
		}
		const { rgb, labels: before } = await this.store.picture(runId);
		const labels = which === 'after' ? await this.maskAfter(runId) : before;
		const [{ encodeRgbPng }, { maskThumbnail }] = await Promise.all([
			import('../core/image/palettePng'),
			import('../core/image/thumbnail'),
		]);
		const { pictureWidth: width, pictureHeight: height } = info.geometry;
		const colors = info.model.classes.map(({ color }) => color);
		const whole = maskThumbnail(rgb, labels, width, height, colors, Math.max(width, height), opacity);
		return await this.write(target, encodeRgbPng(whole.rgb, width, height));
	}

	/**
	 * Saves a picture that the Inspector's page has drawn.
	 * @returns the file's name, or null where the user changed their mind
	 * @throws InspectorError `run.notFound` or `output.unwritable`
	 */
	async savePng(runId: string, png: Uint8Array): Promise<string | null> {
		const target = await this.ask(this.infoOf(runId), 'segmented', l10n.t('Save Picture'));
		return target ? await this.write(target, png) : null;
	}

	private infoOf(runId: string): RunInfo {
		const kept = this.store.get(runId);
		if (!kept) {
			throw new InspectorError({ code: 'run.notFound', name: runId });
		}
		return kept.info;
	}

	private async ask(info: RunInfo, ending: string, title: string): Promise<vscode.Uri | undefined> {
		const picture = vscode.Uri.parse(info.pictureUri);
		// The extension's own samples lie where nothing should be saved.
		const isSample = picture.path.startsWith(`${this.extensionUri.path}/`);
		const folder = isSample ? vscode.workspace.workspaceFolders?.[0]?.uri : parentOf(picture);
		const name = `${info.pictureName.replace(/\.[^.]+$/, '')}-${ending}.png`;
		return await vscode.window.showSaveDialog({
			title,
			filters: { PNG: ['png'] },
			...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
		});
	}

	private async write(target: vscode.Uri, bytes: Uint8Array): Promise<string> {
		const { fs } = vscode.workspace;
		const name = baseName(target.path);
		const existed = await fs.stat(target).then(
			() => true,
			() => false,
		);
		try {
			await fs.writeFile(target, bytes);
		} catch (error) {
			if (!existed) {
				await fs.delete(target).then(undefined, () => undefined);
			}
			throw new InspectorError({ code: 'output.unwritable', name, detail: errorDetail(error) }, { cause: error });
		}
		this.log.info(`Saved ${target.toString(true)} (${bytes.byteLength} bytes)`);
		return name;
	}
}
