/** Class names and colours of the data sets that DeepLabv2 is trained on. */
import type { ClassInfo } from './model';
import { vocPalette } from './palettes';

export const classSetIds = ['voc', 'cityscapes', 'coco-stuff', 'pascal-context', 'person-part'] as const;
export type ClassSetId = (typeof classSetIds)[number];

/** The classes of a data set in the order of their labels; data sets without colours of their own have VOC's. */
export function classSet(id: ClassSetId): readonly ClassInfo[] {
	switch (id) {
		case 'voc':
			return inVocColors(voc);
		case 'cityscapes':
			return cityscapes.map(([name, color]) => ({ name, color }));
		case 'coco-stuff':
			return inVocColors(cocoStuff);
		case 'pascal-context':
			return inVocColors(pascalContext);
		case 'person-part':
			return inVocColors(personPart);
		default: {
			const unknown: never = id;
			throw new Error(`unknown class set ${String(unknown)}`);
		}
	}
}

/** Which classes a network has, and how that is known. */
export interface ClassChoice {
	/** Undefined: they are numbered. */
	readonly classes: readonly ClassInfo[] | undefined;
	/** The data set, where the classes have their names from one. */
	readonly set: ClassSetId | undefined;
	readonly from: 'given' | 'count' | 'numbers';
}

/**
 * Those that are given, else those of the data set with as many.
 * @param given a data set, or the names in the order of the labels; their number is not checked
 */
export function chooseClasses(count: number, given: ClassSetId | readonly string[] | undefined): ClassChoice {
	if (typeof given === 'string') {
		return { classes: classSet(given), set: given, from: 'given' };
	}
	if (given) {
		const palette = vocPalette(given.length);
		const classes = given.map((name, label) => ({ name, color: palette[label]! }));
		return { classes, set: undefined, from: 'given' };
	}
	const set = classSetOfSize(count);
	return { classes: set && classSet(set), set, from: set ? 'count' : 'numbers' };
}

/** The data set with that many classes; undefined where there is none. */
export function classSetOfSize(count: number): ClassSetId | undefined {
	return classSetIds.find((id) => classSet(id).length === count);
}

function inVocColors(names: readonly string[]): ClassInfo[] {
	const palette = vocPalette(names.length);
	return names.map((name, label) => ({ name, color: palette[label]! }));
}

const voc = [
	'background',
	'aeroplane',
	'bicycle',
	'bird',
	'boat',
	'bottle',
	'bus',
	'car',
	'cat',
	'chair',
	'cow',
	'diningtable',
	'dog',
	'horse',
	'motorbike',
	'person',
	'pottedplant',
	'sheep',
	'sofa',
	'train',
	'tvmonitor',
];

/** Of the 19 training labels. */
const cityscapes: readonly (readonly [name: string, color: readonly [number, number, number]])[] = [
	['road', [128, 64, 128]],
	['sidewalk', [244, 35, 232]],
	['building', [70, 70, 70]],
	['wall', [102, 102, 156]],
	['fence', [190, 153, 153]],
	['pole', [153, 153, 153]],
	['traffic light', [250, 170, 30]],
	['traffic sign', [220, 220, 0]],
	['vegetation', [107, 142, 35]],
	['terrain', [152, 251, 152]],
	['sky', [70, 130, 180]],
	['person', [220, 20, 60]],
	['rider', [255, 0, 0]],
	['car', [0, 0, 142]],
	['truck', [0, 0, 70]],
	['bus', [0, 60, 100]],
	['train', [0, 80, 100]],
	['motorcycle', [0, 0, 230]],
	['bicycle', [119, 11, 32]],
];

const personPart = ['background', 'head', 'torso', 'upper arms', 'lower arms', 'upper legs', 'lower legs'];

const pascalContext = [
	'background',
	'aeroplane',
	'bicycle',
	'bird',
	'boat',
	'bottle',
	'bus',
	'car',
	'cat',
	'chair',
	'cow',
	'table',
	'dog',
	'horse',
	'motorbike',
	'person',
	'pottedplant',
	'sheep',
	'sofa',
	'train',
	'tvmonitor',
	'bag',
	'bed',
	'bench',
	'book',
	'building',
	'cabinet',
	'ceiling',
	'cloth',
	'computer',
	'cup',
	'door',
	'fence',
	'floor',
	'flower',
	'food',
	'grass',
	'ground',
	'keyboard',
	'light',
	'mountain',
	'mouse',
	'curtain',
	'platform',
	'sign',
	'plate',
	'road',
	'rock',
	'shelves',
	'sidewalk',
	'sky',
	'snow',
	'bedclothes',
	'track',
	'tree',
	'truck',
	'wall',
	'water',
	'window',
	'wood',
];

/** Label = the data set's id - 1; eleven of them have no annotation. */
const cocoStuff = [
	'person',
	'bicycle',
	'car',
	'motorcycle',
	'airplane',
	'bus',
	'train',
	'truck',
	'boat',
	'traffic light',
	'fire hydrant',
	'street sign',
	'stop sign',
	'parking meter',
	'bench',
	'bird',
	'cat',
	'dog',
	'horse',
	'sheep',
	'cow',
	'elephant',
	'bear',
	'zebra',
	'giraffe',
	'hat',
	'backpack',
	'umbrella',
	'shoe',
	'eye glasses',
	'handbag',
	'tie',
	'suitcase',
	'frisbee',
	'skis',
	'snowboard',
	'sports ball',
	'kite',
	'baseball bat',
	'baseball glove',
	'skateboard',
	'surfboard',
	'tennis racket',
	'bottle',
	'plate',
	'wine glass',
	'cup',
	'fork',
	'knife',
	'spoon',
	'bowl',
	'banana',
	'apple',
	'sandwich',
	'orange',
	'broccoli',
	'carrot',
	'hot dog',
	'pizza',
	'donut',
	'cake',
	'chair',
	'couch',
	'potted plant',
	'bed',
	'mirror',
	'dining table',
	'window',
	'desk',
	'toilet',
	'door',
	'tv',
	'laptop',
	'mouse',
	'remote',
	'keyboard',
	'cell phone',
	'microwave',
	'oven',
	'toaster',
	'sink',
	'refrigerator',
	'blender',
	'book',
	'clock',
	'vase',
	'scissors',
	'teddy bear',
	'hair drier',
	'toothbrush',
	'hair brush',
	'banner',
	'blanket',
	'branch',
	'bridge',
	'building-other',
	'bush',
	'cabinet',
	'cage',
	'cardboard',
	'carpet',
	'ceiling-other',
	'ceiling-tile',
	'cloth',
	'clothes',
	'clouds',
	'counter',
	'cupboard',
	'curtain',
	'desk-stuff',
	'dirt',
	'door-stuff',
	'fence',
	'floor-marble',
	'floor-other',
	'floor-stone',
	'floor-tile',
	'floor-wood',
	'flower',
	'fog',
	'food-other',
	'fruit',
	'furniture-other',
	'grass',
	'gravel',
	'ground-other',
	'hill',
	'house',
	'leaves',
	'light',
	'mat',
	'metal',
	'mirror-stuff',
	'moss',
	'mountain',
	'mud',
	'napkin',
	'net',
	'paper',
	'pavement',
	'pillow',
	'plant-other',
	'plastic',
	'platform',
	'playingfield',
	'railing',
	'railroad',
	'river',
	'road',
	'rock',
	'roof',
	'rug',
	'salad',
	'sand',
	'sea',
	'shelf',
	'sky-other',
	'skyscraper',
	'snow',
	'solid-other',
	'stairs',
	'stone',
	'straw',
	'structural-other',
	'table',
	'tent',
	'textile-other',
	'towel',
	'tree',
	'vegetable',
	'wall-brick',
	'wall-concrete',
	'wall-other',
	'wall-panel',
	'wall-stone',
	'wall-tile',
	'wall-wood',
	'water-other',
	'waterdrops',
	'window-blind',
	'window-other',
	'wood',
];
