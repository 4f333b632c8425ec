import * as l10n from '@vscode/l10n';
import { classSetIds } from '../../core/classSets';
import { crfNormalizations, crfPresets } from '../../core/crf/parameters';
import { normalizationIds } from '../../core/image/normalizations';
import { randomBackbones, randomHeads } from '../../core/onnx/networks/randomWeights';

/** The text of `--help`. */
export function helpText(): string {
	return l10n.t(
		`DeepLab Inspector: segment pictures with DeepLabv2, without Python.

Usage
  deeplab-inspector segment IMAGE… --out DIR [options]
  deeplab-inspector crf --image IMAGE --unary U.npy --out Q.npy [options]
  deeplab-inspector explain IMAGE --at X,Y [options]
  deeplab-inspector info [MODEL] [options]
  deeplab-inspector import CHECKPOINT --out MODEL.onnx [options]
  deeplab-inspector new --backbone resnet101 --head aspp-l --out MODEL.onnx [options]
  deeplab-inspector adopt FILE.onnx --out MODEL.onnx [options]
  deeplab-inspector doctor MODEL IMAGE [options]
  deeplab-inspector compare-backends IMAGE [options]

segment: writes one mask a picture, a palette PNG whose values are the labels
  --out DIR           Folder for the masks; made if missing
  --npz               Also write logits, branches, features and labels as .npz
  --profile           Also time every operator and write NAME-profile.json, a trace for Perfetto and chrome://tracing
  --model FILE        An .onnx model; without it, the bundled MobileNetV2
  --longest-side N    Reduce the picture's longest side to at most N pixels (default: the model's own)
  --multi-scale [R]   Run at scales 1, 0.75 and 0.5 and fuse the logits by their maximum; R: caffe (sizes (n-1)s+1,
                      default) or kazuto (kazuto1011/deeplab-pytorch's sizes). Branches stay those of the full scale
  --output-stride N   8, 16 or 32: run the model's weights at another output stride than its file's
  --threads N         Threads for the network (default: one a processor, at most 8)
  --backend B         What runs the network: auto (WebGPU where Node and a GPU have it, default), webgpu or wasm
  --json              Print JSON: classes with pixel counts, sizes, timings, what ran the network
  --crf               Refine the masks with the dense CRF; the network's own go beside them as NAME-before.png
  --crf-resolution R  network or picture: the pixels it runs on (default: picture up to 1.2 megapixels)

crf: runs the dense CRF on scores from elsewhere, without a network; writes Q, float32, classes x height x width
  --image FILE        The picture
  --unary FILE        -log of the probabilities, .npy, classes x height x width, float32 or float64
  --probabilities FILE  Instead: the probabilities themselves
  --labels FILE       Instead: a palette or grey PNG of labels; those from N on are unknown
  --classes N         With --labels: number of classes
  --gt-prob P         With --labels: probability of the label that is given (default: 0.7)
  --out FILE          For Q, .npy
  --mask FILE         Also write the mask, a palette PNG
  --threads N, --json As above

The dense CRF, for crf and segment --crf
  --preset ID         {0} (default: {1})
  --iterations N      Mean-field iterations
  --bilateral-weight W, --bilateral-sigma-xy S, --bilateral-sigma-rgb S
                      The appearance kernel: weight, pixels, steps of 0…255
  --spatial-weight W, --spatial-sigma S
                      The smoothness kernel: weight, pixels
  --normalization N   {2} (default: symmetric)
  --exact             Filter every class to the end, also those that cannot win anywhere

explain: prints why a class has its logit at one place: what each ASPP branch and each of its taps adds
  --at X,Y            Pixel of the picture; its nearest cell of the logit grid is explained
  --cell ROW,COL      Instead: a cell of the logit grid
  --class NAME        Class, by its name or index (default: the winner there)
  --model FILE, --longest-side N, --threads N, --json
                      As for segment

info: prints a model's layers; MODEL is an .onnx file, or “bundled”
  --receptive-fields  Print every layer's receptive field, stride and offset in input pixels instead
  --input-size HxW    Input size that shapes are given for (default: the model's own longest side)
  --json              Print JSON

import: makes a model of a published DeepLabv2 checkpoint, .pth, .pt, .caffemodel, .safetensors, .npz or .npy
  -o, --out FILE      For the model, .onnx
  --name NAME         What the model is called
  --classes SET       {3}, or a text file with a name a line (default: by their number)
  --rates R,R,…       Dilation rate of each branch at output stride 8
                      (default: the file's, or 6,12,18,24; 12 for one branch)
  --sum R,R,…         Rates of the branches that are added up; the others are left out (default: all)
  --align-corners B   true or false: how logits are resized (default: as in the code the checkpoint is from)
  --mean B,G,R        Mean that is subtracted from 0…255, in the order of the network's channels
  --channel-order O   BGR or RGB (default: BGR)
  --keep-batch-norm   Keep batch norms as layers of their own instead of folding them into the convolutions
  --pool5a B          true or false: VGG-16 LargeFOV's average pool before fc6 (default: as the file has it)
  --output-stride N   8, 16 or 32: input pixels a step of the logit grid (default: 8, at which it was trained)
  --json              Print JSON

new: makes a model with random weights, for experiments and measurements
  --backbone B        {4} (default: resnet101)
  --head H            {5} (default: aspp-l)
  --classes N         2 to 256 (default: 21)
  --width W           Share of the paper's channels, such as 1/16 (default: 1)
  --seed N            Same seed, same weights (default: 1)
  --out FILE, --name NAME, --output-stride N
                      As for import

adopt: makes an ONNX segmentation model of another tool one that can be opened here, and says what it found
  -o, --out FILE      For the model, .onnx; its layers and weights stay as they are
  --name NAME, --classes SET
                      As for import
  --normalize ID      {6} (default: imagenet); caffe: minus the mean, symmetric: -1…1, unit: 0…1
  --channel-order O   RGB or BGR (default: RGB)
  --mean A,B,C, --std A,B,C
                      Instead of --normalize: of 0…255, in the order of the network's channels
  --align-corners B   true or false: how logits are resized (default: as in the graph, else false)
  --longest-side N    Reduce the picture's longest side to at most N pixels (default: 513)
  --resize R          fit: proportions kept, padded (default); stretch: to a square or to the network's one size
  --pad P             What sides are padded to, such as 8k+1 or 32k (default: stride·k+1; 32k without an ASPP head)
  --ignore-label N    Label of pixels that count for nothing (default: 255)
  --json              Print JSON

doctor: shows what a wrong preprocessing does: one picture under the likely ones; MODEL as for info, or one to adopt
  --truth MASK        Ground truth, a palette or grey PNG of labels: sorts by the pixels that agree with it
  --out DIR           Folder for the masks, one a choice
  --longest-side N, --threads N, --json
                      As for segment

compare-backends: runs a picture on WebGPU and on WASM: how far apart they are, and from which layer on
  --model FILE, --longest-side N, --multi-scale [R], --threads N, --json
                      As for segment

  --help              Print this text
  --version           Print the version

Exit code: 0 done, 1 a picture or the model failed or the backends differ, 2 wrong usage, 130 interrupted`,
		crfPresets.map(({ id }) => id).join(', '),
		crfPresets[0]!.id,
		crfNormalizations.join(', '),
		classSetIds.join(', '),
		randomBackbones.join(', '),
		randomHeads.join(', '),
		normalizationIds.join(', '),
	);
}
