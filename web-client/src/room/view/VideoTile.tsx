import { IconHandStop } from "@tabler/icons-react";
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import classes from "./VideoTile.module.css";

/** What a tile's plate says. The first that holds in this order counts. */
export type TileState =
	| "absent"
	| "reconnecting"
	| "floor"
	| "air"
	| "private"
	| "weak"
	| "present";

/** What stands at the top left of a picture. */
export interface TileFlag {
	kind: "plain" | "air" | "weak" | "private";
	icon?: ReactNode;
	text: string;
}

/** The parts of a tile. */
export interface TileParts {
	/** In the number block: a seat number, or an icon for somebody without a seat. */
	number: ReactNode;
	name: string;
	/** Who sits there, where that is another name; shown where there is room. */
	person?: string | null;
	state: TileState;
	/** A `<video>`, if there is a picture. */
	picture?: ReactNode;
	/** Words in place of the picture, or over a grey one. */
	note?: ReactNode;
	flag?: TileFlag | null;
	/** The place in the queue of raised hands. */
	hand?: number | null;
	/** At the right end of the plate. */
	signs?: ReactNode;
	speaking?: boolean;
}

/** A picture with a name plate under it, as a button: pressing opens its commands. */
export function VideoTile({
	parts,
	ref,
	...button
}: {
	parts: TileParts;
	ref?: Ref<HTMLButtonElement>;
} & ButtonHTMLAttributes<HTMLButtonElement>) {
	return (
		<button
			type="button"
			ref={ref}
			className={classes.tile}
			data-state={parts.state}
			data-speaking={parts.speaking || undefined}
			{...button}
		>
			<TileInside {...parts} />
		</button>
	);
}

/** The same for a place where there is nothing to press. */
export function VideoFigure({ parts }: { parts: TileParts }) {
	return (
		<figure
			className={classes.tile}
			data-state={parts.state}
			data-speaking={parts.speaking || undefined}
		>
			<TileInside {...parts} />
		</figure>
	);
}

function TileInside({
	number,
	name,
	person,
	picture,
	note,
	flag,
	hand,
	signs,
}: TileParts) {
	return (
		<>
			<span
				className={classes.picture}
				// What stands on top leaves the lower half to the words.
				data-topped={flag || hand != null || undefined}
			>
				{picture}
				{note && <span className={classes.note}>{note}</span>}
				{(flag || hand != null) && (
					<span className={classes.top}>
						{flag && (
							<span className={classes.flag} data-flag={flag.kind}>
								{flag.icon}
								<span>{flag.text}</span>
							</span>
						)}
						{hand != null && (
							<span className={classes.hand}>
								<IconHandStop stroke={1.9} aria-hidden="true" />
								<span className="fig">{hand}</span>
							</span>
						)}
					</span>
				)}
			</span>
			<span className={classes.plate} data-plate>
				<span className={`fig ${classes.number}`}>{number}</span>
				<span className={classes.name}>
					<b>{name}</b>
					{person && <small>{person}</small>}
				</span>
				{signs && <span className={classes.signs}>{signs}</span>}
			</span>
		</>
	);
}

/** Four bars that rise with a level from 0 to 1; their word stands beside them. */
export function LevelBars({ level }: { level: number }) {
	return (
		<span className={classes.bars} aria-hidden="true">
			{[0.6, 1, 0.75, 0.9].map((share) => (
				<i
					key={share}
					style={{ height: `${Math.max(12, share * level * 100)}%` }}
				/>
			))}
		</span>
	);
}
