import { useTranslation } from "react-i18next";
import { Mark } from "@/kit";
import { useBranding } from "@/session/useBranding";
import classes from "./Door.module.css";

/** Where the points of the drawing stand, in its own units; no province in particular. */
const points: [x: number, y: number][] = [
	[604, 415],
	[520, 253],
	[607, 267],
	[411, 378],
	[349, 339],
	[566, 362],
	[483, 388],
	[573, 467],
	[123, 227],
	[535, 451],
	[582, 428],
	[542, 224],
	[346, 152],
	[418, 175],
	[445, 250],
	[582, 309],
	[470, 336],
	[489, 431],
	[222, 270],
	[532, 352],
	[268, 190],
];

const main: [x: number, y: number] = [600, 464];

/** The dark half of the sign-in: what this is, and a drawing of points that meet at one. */
export function Welcome() {
	const { t } = useTranslation();
	const { name, emblem } = useBranding();
	return (
		<div className={classes.art}>
			<div className={classes.brand}>
				<Mark width={60} own={emblem} />
				<span>
					<b>{t("product")}</b>
					{name && <small>{name}</small>}
				</span>
			</div>
			<p className={classes.tagline}>{t("tagline")}</p>
			<svg
				className={classes.drawing}
				viewBox="90 110 560 400"
				aria-hidden="true"
				focusable="false"
			>
				{points.map(([x, y]) => (
					<path
						key={`${x},${y}`}
						d={`M${main[0]} ${main[1]}Q${(main[0] + x) / 2} ${y + (main[1] - y) * 0.35} ${x} ${y}`}
					/>
				))}
				{points.map(([x, y]) => (
					<circle key={`${x},${y}`} cx={x} cy={y} r="5.5" />
				))}
				<circle className={classes.mainRing} cx={main[0]} cy={main[1]} r="17" />
				<circle
					className={classes.mainPoint}
					cx={main[0]}
					cy={main[1]}
					r="11"
				/>
			</svg>
			<p className={classes.tagline}>{t("signIn.promise")}</p>
		</div>
	);
}
