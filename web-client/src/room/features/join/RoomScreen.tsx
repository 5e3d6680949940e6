import type { Session } from "@/protocol/generated/Session";
import {
	OtherWindows,
	useFullFollowed,
	useWakeLock,
} from "@/room/features/display";
import { useTurnWarning } from "@/room/features/floor";
import { LiveRegions, Toasts } from "@/room/features/notices";
import { isCutOff, Reconnecting } from "@/room/features/reconnect";
import { Voices } from "@/room/view/SlotVideo";
import { useRoom, useRoomSession } from "@/room/view/useRoom";
import { Desk } from "./Desk";
import { Entering } from "./Entering";
import { Hall } from "./Hall";
import { LeaveDialog } from "./LeaveDialog";
import { LowerDialog } from "./LowerDialog";
import { Over } from "./Over";
import { Phone } from "./Phone";
import classes from "./RoomScreen.module.css";
import { useMediaSession } from "./useMediaSession";
import { useSmallScreen } from "./useSmallScreen";

/** The room in the layout of this device, and what lies over every layout. */
export function RoomScreen({
	session: entered,
	onBack,
	onTakeOver,
	onPage,
}: {
	session: Session;
	/** To the device check. */
	onBack: () => void;
	/** Goes in again, in the place of another page of the same person. */
	onTakeOver: () => void;
	/** To the session's page. */
	onPage: () => void;
}) {
	const session = useRoomSession();
	const small = useSmallScreen();
	const { over, known, cut, leaving } = useRoom((view) => ({
		over: view.connection.name === "over" ? view.connection.reason : null,
		known: view.room !== null,
		cut: isCutOff(view),
		leaving: view.leaving,
	}));
	const leave = () => session.askToLeave(true);

	const layout = small ? "phone" : session.profile;
	const Layout = { desk: Desk, room: Hall, phone: Phone }[layout];

	if (over) {
		return (
			<Over
				reason={over}
				onBack={onBack}
				onTakeOver={onTakeOver}
				onPage={onPage}
			/>
		);
	}
	if (!known) return <Entering session={entered} onBack={onBack} />;
	return (
		<>
			<div className={classes.layout} inert={cut}>
				<InRoom onLeave={leave} />
				<Layout onLeave={leave} />
			</div>
			<Voices />
			<OtherWindows />
			<Toasts layout={layout} />
			<LiveRegions />
			<Reconnecting onLeave={leave} />
			<LeaveDialog
				opened={leaving}
				onClose={() => session.askToLeave(false)}
				onLeave={() => void session.leave()}
			/>
			<LowerDialog />
		</>
	);
}

/** What the room asks of the system while one is in it. */
function InRoom({ onLeave }: { onLeave: () => void }) {
	useWakeLock();
	useFullFollowed();
	useMediaSession(onLeave);
	useTurnWarning();
	return null;
}
