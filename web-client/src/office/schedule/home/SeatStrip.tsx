import { useTranslation } from "react-i18next";
import { seatNumber } from "@/format";
import { type Tone, ToneIcon } from "@/kit/Status";
import type { PointRef } from "@/protocol/generated/PointRef";
import type { PointStatus } from "@/protocol/generated/PointStatus";
import classes from "./SeatStrip.module.css";

/** The invited points as cells with their numbers. With `status` each shows how it does in this session. */
export function SeatStrip({
	points,
	status,
	session,
}: {
	points: PointRef[];
	status: PointStatus[] | undefined;
	/** The code of the session whose strip this is: a point busy elsewhere counts as absent. */
	session: string;
}) {
	const { t } = useTranslation();
	return (
		<ol className={classes.strip}>
			{points.map((point) => {
				const found = status?.find(
					({ point: { code } }) => code === point.code,
				);
				const here = found?.session === session ? found.state : "idle";
				const number = seatNumber(point.number);
				return (
					<li
						key={point.code}
						data-tone={status === undefined ? "plain" : tones[here]}
						title={
							status === undefined
								? `${number} ${point.name}`
								: `${number} ${point.name}: ${t(`point.${here}`)}`
						}
					>
						<span className="fig">{number}</span>
						{status !== undefined && <ToneIcon tone={tones[here]} size={18} />}
						<span className="vh">
							{point.name}
							{status !== undefined && `: ${t(`point.${here}`)}`}
						</span>
					</li>
				);
			})}
		</ol>
	);
}

const tones: Record<PointStatus["state"], Tone> = {
	good: "ok",
	weak: "warn",
	lost: "bad",
	idle: "none",
};
