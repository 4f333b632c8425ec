import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { InspectorError } from '../core/problem';
import type { RunInfo } from '../core/run';
import type { SavedFigure } from '../shared/protocol/aspp';
import { baseName, errorDetail, parentOf } from './files';
import type { RunStore } from './runs/runStore';

/** The network's mask, the one after the CRF, of the branches as they are set, or at the second stride that is compared. */
export type MaskChoice = 'before' | 'after' | 'branches' | 'stride';

/** Masks that are not kept with the run as the network's is. All throw InspectorError `run.notFound` without one. */
export interface OtherMasks {
	/** After the CRF at the iteration shown, one label a picture pixel. */
	afterCrf(runId: string): Promise<Uint8Array>;
	/** Of the branches as they are set, one label a picture pixel. */
	ofBranches(runId: string): Promise<Uint8Array>;
	/** At the second output stride that is compared, one label a picture pixel. */
	atStride(runId: string): Promise<Uint8Array>;
}

/** Writes what a run shows to files that the user chooses. */
export class Saving {
	constructor(
		private readonly extensionUri: vscode.Uri,
		private readonly store: RunStore,
		private readonly log: vscode.LogOutputChannel,
		private readonly others: OtherMasks,
	) {}

	/**
	 * Saves the mask as a palette PNG of the picture's size: label = index.
	 * @returns the file's name, or null where the user changed their mind
	 * @throws InspectorError `run.notFound` or `output.unwritable`
	 */
	async saveMask(runId: string, which: MaskChoice): Promise<string | null> {
		const info = await this.infoOf(runId);
		const { title, ending } = wordsFor(which);
		const target = await this.askPng(info, ending, title);
		if (!target) {
			return null;
		}
		const labels = await this.maskOf(runId, which);
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
		const info = await this.infoOf(runId);
		const target = await this.askPng(info, 'segmented', l10n.t('Save Picture'));
		if (!target) {
			return null;
		}
		const { rgb, labels: before } = await this.store.picture(runId);
		const labels = which === 'before' ? before : await this.maskOf(runId, which);
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
		const target = await this.askPng(await this.infoOf(runId), 'segmented', l10n.t('Save Picture'));
		return target ? await this.write(target, png) : null;
	}

	/**
	 * Saves a figure of a view, or its numbers.
	 * @param runId of the run that the figure speaks of
	 * @returns the file's name, or null where the user changed their mind
	 * @throws InspectorError `run.notFound` or `output.unwritable`
	 */
	async saveFigure(runId: string, { name, kind, bytes }: SavedFigure): Promise<string | null> {
		const filters = { [kind.toUpperCase()]: [kind] };
		const target = await this.ask(await this.infoOf(runId), baseName(name), l10n.t('Save Figure'), filters);
		return target ? await this.write(target, bytes) : null;
	}

	/**
	 * Saves a run's profile.
	 * @param text JSON
	 * @returns the file's name, or null where the user changed their mind
	 * @throws InspectorError `run.notFound` or `output.unwritable`
	 */
	async saveProfile(runId: string, text: string): Promise<string | null> {
		const info = await this.infoOf(runId);
		const name = `${info.pictureName.replace(/\.[^.]+$/, '')}-profile.json`;
		const target = await this.ask(info, name, l10n.t('Save Profile'), { JSON: ['json'] });
		return target ? await this.write(target, new TextEncoder().encode(text)) : null;
	}

	private async maskOf(runId: string, which: MaskChoice): Promise<Uint8Array> {
		switch (which) {
			case 'before':
				return await this.store.labels(runId);
			case 'after':
				return await this.others.afterCrf(runId);
			case 'branches':
				return await this.others.ofBranches(runId);
			case 'stride':
				return await this.others.atStride(runId);
			default: {
				const unknown: never = which;
				throw new Error(`unknown mask ${String(unknown)}`);
			}
		}
	}

	private async infoOf(runId: string): Promise<RunInfo> {
		return (await this.store.find(runId)).info;
	}

	private async askPng(info: RunInfo, ending: string, title: string): Promise<vscode.Uri | undefined> {
		return await this.ask(info, `${info.pictureName.replace(/\.[^.]+$/, '')}-${ending}.png`, title, { PNG: ['png'] });
	}

	private async ask(
		info: RunInfo,
		name: string,
		title: string,
		filters: Record<string, string[]>,
	): Promise<vscode.Uri | undefined> {
		const picture = vscode.Uri.parse(info.pictureUri);
		// The extension's own samples lie where nothing should be saved.
		const isSample = picture.path.startsWith(`${this.extensionUri.path}/`);
		const folder = isSample ? vscode.workspace.workspaceFolders?.[0]?.uri : parentOf(picture);
		return await vscode.window.showSaveDialog({
			title,
			filters,
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

function wordsFor(which: MaskChoice): { readonly title: string; readonly ending: string } {
	switch (which) {
		case 'before':
			return { title: l10n.t('Save Mask'), ending: 'mask' };
		case 'after':
			return { title: l10n.t('Save Mask after CRF'), ending: 'mask-crf' };
		case 'branches':
			return { title: l10n.t('Save Mask of Branches'), ending: 'mask-branches' };
		case 'stride':
			return { title: l10n.t('Save Mask at Output Stride'), ending: 'mask-stride' };
		default: {
			const unknown: never = which;
			throw new Error(`unknown mask ${String(unknown)}`);
		}
	}
}
