import { useMediaQuery } from "@mantine/hooks";
import { LiveRegions, Toasts } from "@/features/notices";
import { Reconnecting } from "@/features/reconnect";
import type { Session } from "@/protocol/generated/Session";
import { Voices } from "@/room/SlotVideo";
import { useRoom, useRoomSession } from "@/room/useRoom";
import { Desk } from "./Desk";
import { Entering } from "./Entering";
import { Hall } from "./Hall";
import { Over } from "./Over";
import { Phone } from "./Phone";

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
	const { over, known } = useRoom(({ connection, room }) => ({
		over: connection.name === "over" ? connection.reason : null,
		known: room !== null,
	}));
	const leave = () => void session.leave();

	const layout = narrow ? "phone" : session.profile;
	const Layout = { desk: Desk, room: Hall, phone: Phone }[layout];

	if (over) return <Over reason={over} onBack={onBack} onPage={onPage} />;
	if (!known) return <Entering session={entered} onBack={onBack} />;
	return (
		<>
			<Layout onLeave={leave} />
			<Voices />
			<Toasts layout={layout} />
			<LiveRegions />
			<Reconnecting onLeave={leave} />
		</>
	);
}
