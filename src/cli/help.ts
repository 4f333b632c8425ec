import * as l10n from '@vscode/l10n';

/** The text of `--help`. */
export function helpText(): string {
	return l10n.t(`DeepLab Inspector: segment pictures with DeepLabv2, without Python.

Usage
  deeplab-inspector segment IMAGE… --out DIR [options]
  deeplab-inspector info [MODEL] [options]

segment: writes one mask a picture, a palette PNG whose values are the labels
  --out DIR           Folder for the masks; made if missing
  --npz               Also write logits, branches, features and labels as .npz
  --model FILE        An .onnx model; without it, the bundled MobileNetV2
  --longest-side N    Reduce the picture's longest side to at most N pixels (default: the model's own)
  --threads N         Threads for the network (default: one a processor, at most 8)
  --json              Print JSON: classes with pixel counts, sizes, timings

info: prints a model's layers; MODEL is an .onnx file, or “bundled”
  --input-size HxW    Input size that shapes are given for (default: the model's own longest side)
  --json              Print JSON

  --help              Print this text
  --version           Print the version

Exit code: 0 done, 1 a picture or the model failed, 2 wrong usage, 130 interrupted`);
}
