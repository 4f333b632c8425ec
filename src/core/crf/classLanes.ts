/** Which classes are filtered by themselves, and which together as one: the rest. */

/** The rows of a pass: a lane a class, and one for the rest. */
export interface ClassLanes {
	/** Class of each lane, without the rest's. */
	readonly classes: readonly number[];
	/** Classes that share the lane behind them. */
	readonly rest: readonly number[];
	/** Vectors of 4 lanes in a row. */
	readonly width: number;
}

export function allLanes(classes: number): ClassLanes {
	return { classes: Array.from({ length: classes }, (_, c) => c), rest: [], width: Math.ceil(classes / 4) };
}

/** The rest's lane; undefined where every class has its own. */
export function restLane({ classes, rest }: ClassLanes): number | undefined {
	return rest.length > 0 ? classes.length : undefined;
}

/** Fewer lanes than before. */
export interface FewerLanes {
	readonly lanes: ClassLanes;
	/** Which old lanes the new ones are, without the rest's. */
	readonly kept: readonly number[];
}

/**
 * Fewer lanes, where the classes below the threshold leave whole vectors free; undefined otherwise.
 * @param largest per lane the largest Q of any pixel, or a bound of it
 */
export function fewerLanes(lanes: ClassLanes, largest: ArrayLike<number>, threshold: number): FewerLanes | undefined {
	const kept = lanes.classes.flatMap((_, lane) => (largest[lane]! >= threshold ? [lane] : []));
	const dropped = lanes.classes.filter((_, lane) => largest[lane]! < threshold);
	const width = Math.ceil((kept.length + 1) / 4);
	if (width >= lanes.width) {
		return undefined;
	}
	const classes = kept.map((lane) => lanes.classes[lane]!);
	return { lanes: { classes, rest: [...lanes.rest, ...dropped], width }, kept };
}
