/** How the places of the wall are laid out. */
export interface WallShape {
	columns: number;
	/** Height of each picture, in pixels: the same for all, however long a name is. */
	pictureHeight: number;
	/** Whether pictures are cropped so that all places fit; else each is 16:9 and whole. */
	dense: boolean;
}

/** Pictures of a dense wall are at least this high, in pixels; below it the wall scrolls. */
const LEAST_PICTURE = 36;

/** How much of a 16:9 picture's height a tile may do without before fewer columns are no gain. */
const LEAST_OF_WHOLE = 0.85;

/** What there is to lay out, in pixels. */
export interface WallSpace {
	/** How many places. */
	places: number;
	width: number;
	/** Null where the wall is as high as it needs to be, and scrolls. */
	height: number | null;
	gap: number;
	/** Height of a plate with one line. */
	plate: number;
	/** Height of the line that counts who is present, when it has a row of its own. */
	sum: number;
	/** The most columns; a dense wall, or one that scrolls, has exactly these. */
	mostColumns: number;
}

/**
 * Lays out the wall: as few columns as let every picture be 16:9, so that small sessions have large pictures; when that does
 * not fit, all columns and cropped pictures, so that every seat stays in view.
 */
export function shapeOf({
	places,
	width,
	height,
	gap,
	plate,
	sum,
	mostColumns,
}: WallSpace): WallShape {
	/** The height of a 16:9 picture in one of so many columns. */
	const whole = (columns: number) =>
		(((width - (columns - 1) * gap) / columns) * 9) / 16;
	if (height === null) {
		return {
			columns: mostColumns,
			pictureHeight: Math.floor(whole(mostColumns)),
			dense: false,
		};
	}
	let best: WallShape | null = null;
	for (let columns = 1; columns <= mostColumns; columns += 1) {
		const rows = Math.ceil(places / columns);
		const whole16by9 = whole(columns);
		const fitting = pictureIn(height - sum - gap, rows * plate, rows, gap);
		const pictureHeight = Math.floor(Math.min(whole16by9, fitting));
		// A little wider than 16:9 loses less than what larger pictures give.
		if (pictureHeight < whole16by9 * LEAST_OF_WHOLE) continue;
		if (best === null || pictureHeight > best.pictureHeight)
			best = { columns, pictureHeight, dense: false };
	}
	if (best !== null) return best;
	// The count has a cell of its own in the last row.
	const rows = Math.ceil((places + 1) / mostColumns);
	return {
		columns: mostColumns,
		pictureHeight: pictureIn(height, rows * plate, rows, gap),
		dense: true,
	};
}

/** The height of a picture when `rows` of them, with plates that are `plates` high together, share `height`. */
export function pictureIn(
	height: number,
	plates: number,
	rows: number,
	gap: number,
): number {
	const free = height - plates - (rows - 1) * gap;
	return Math.max(LEAST_PICTURE, Math.floor(free / rows));
}
