/** A picture that would lose more of itself than this is shown whole, with bars. */
const MOST_CUT = 0.2;

/** On a wall where many must fit, the ceiling above and the table below people may go. */
const MOST_CUT_DENSE = 0.42;

/**
 * How a picture goes into its box: `cover` fills it and cuts what is too much, `contain` shows all. A phone held upright, or an
 * old camera of 4:3, would lose its faces in a wide tile. Sizes in any unit; `dense` is a wall where many must fit.
 */
export function fitOf(
	picture: { width: number; height: number },
	box: { width: number; height: number },
	dense: boolean,
): "cover" | "contain" {
	const [wide, high] = [picture.width / picture.height, box.width / box.height];
	if (!Number.isFinite(wide) || !Number.isFinite(high)) return "cover";
	const cut = 1 - Math.min(wide / high, high / wide);
	// Cut at the sides, a person may be missing; above and below, it is ceiling and table as long as it is not much.
	const most = dense && wide >= 1.6 && wide < high ? MOST_CUT_DENSE : MOST_CUT;
	return cut <= most ? "cover" : "contain";
}
