import { useMediaQuery } from "@mantine/hooks";
import { OtherWindows, useFullFollowed, useWakeLock } from "@/features/display";
import { LiveRegions, Toasts } from "@/features/notices";
import { isCutOff, Reconnecting } from "@/features/reconnect";
import type { Session } from "@/protocol/generated/Session";
import { Voices } from "@/room/SlotVideo";
import { useRoom, useRoomSession } from "@/room/useRoom";
import { Desk } from "./Desk";
import { Entering } from "./Entering";
import { Hall } from "./Hall";
import { Over } from "./Over";
import { Phone } from "./Phone";
import classes from "./RoomScreen.module.css";

/** The room in the layout of this device, and what lies over every layout. */
export function RoomScreen({
	session: entered,
	onBack,
	onPage,
}: {
	session: Session;
	/** To the device check. */
	onBack: () => void;
	/** To the session's page. */
	onPage: () => void;
}) {
	const session = useRoomSession();
	const narrow = useMediaQuery("(max-width: 767px)", undefined, {
		getInitialValueInEffect: false,
	});
	const { over, known, cut } = useRoom((view) => ({
		over: view.connection.name === "over" ? view.connection.reason : null,
		known: view.room !== null,
		cut: isCutOff(view),
	}));
	const leave = () => void session.leave();
	useWakeLock();
	useFullFollowed();

	const layout = narrow ? "phone" : session.profile;
	const Layout = { desk: Desk, room: Hall, phone: Phone }[layout];

	if (over) return <Over reason={over} onBack={onBack} onPage={onPage} />;
	if (!known) return <Entering session={entered} onBack={onBack} />;
	return (
		<>
			<div className={classes.layout} inert={cut}>
				<Layout onLeave={leave} />
			</div>
			<Voices />
			<OtherWindows />
			<Toasts layout={layout} />
			<LiveRegions />
			<Reconnecting onLeave={leave} />
		</>
	);
}
