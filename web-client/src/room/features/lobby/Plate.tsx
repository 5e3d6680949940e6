import { IconUser } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { seatNumber } from "@/format";
import classes from "./Lobby.module.css";

/** Whose picture it is: the point's number, the name, where it is; what one's voice does stands at the end. */
export function Plate({
	number,
	name,
	place,
	children,
}: {
	/** The point's number; null for somebody without a point. */
	number: number | null;
	name: string;
	place: string | null;
	children: ReactNode;
}) {
	return (
		<figcaption className={classes.plate}>
			<span className={classes.number}>
				{number === null ? (
					<IconUser size={24} stroke={1.9} aria-hidden="true" />
				) : (
					<b className="fig">{seatNumber(number)}</b>
				)}
			</span>
			<span className={classes.name}>
				<b>{name}</b>
				{place && <small>{place}</small>}
			</span>
			{children}
		</figcaption>
	);
}
