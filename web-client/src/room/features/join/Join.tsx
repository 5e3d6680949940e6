import { useQuery } from "@tanstack/react-query";
import { useBlocker, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ButtonLink, Failure, Loaded, Loading, useDocumentTitle } from "@/kit";
import type { Session } from "@/protocol/generated/Session";
import {
	Closed,
	Doorstep,
	Lobby,
	type Ready,
	shutFor,
} from "@/room/features/lobby";
import { OwnDevices } from "@/room/media/ownDevices";
import { chooseProfile, thisMachine } from "@/room/media/profile";
import { useServer } from "@/session";
import { useMe } from "@/session/useMe";
import { useNow } from "@/session/useNow";
import { sessionQuery } from "@/shared/session/api";

/** The room itself: fetched while the devices are checked. */
const loadRoom = () => import("./room");

type Room = Awaited<ReturnType<typeof loadRoom>>;

/** A room that was fetched, and the stay in it. */
interface Stay {
	room: Room;
	session: InstanceType<Room["RoomSession"]>;
}

/** How often the plan is asked for while one is not in the room, in milliseconds: it may change, or end. */
const OUTSIDE_MS = 10_000;

/** The clocks of page and server may differ by a part of a second: the page comes so much after the opening. */
const AFTER_OPENING_US = 1_000_000;

/** The device check and the room of one session. */
export function Join({ code }: { code: string }) {
	const { t } = useTranslation("room");
	const { t: tPages } = useTranslation("pages");
	const server = useServer();
	const [inside, setInside] = useState(false);
	const session = useQuery({
		...sessionQuery(server, code),
		// The room itself tells what changes while one is in it.
		refetchInterval: inside ? false : OUTSIDE_MS,
		refetchOnWindowFocus: false,
	});
	useDocumentTitle(session.data?.title ?? t("title"));
	return (
		<Loaded
			query={session}
			what={t("title")}
			// Whoever is at the door stays there: the room itself says who may not come in.
			keep
			wayOut={<ButtonLink to="/">{tPages("backHome")}</ButtonLink>}
		>
			{(plan) => (
				<Entered
					session={plan}
					onInside={(now) => {
						setInside(now);
						// What happened to the session meanwhile, the room did not tell this query.
						if (!now) void session.refetch();
					}}
				/>
			)}
		</Loaded>
	);
}

function Entered({
	session,
	onInside,
}: {
	session: Session;
	/** Told when one goes into the room, and when one is at its door again. */
	onInside: (inside: boolean) => void;
}) {
	const { t } = useTranslation("room");
	const me = useMe();
	const navigate = useNavigate();
	const [devices] = useState(() => new OwnDevices());
	const [stay, setStay] = useState<Stay | null>(null);
	const [entering, setEntering] = useState(false);
	const [failure, setFailure] = useState<unknown>(null);
	const room = useRef<Promise<Room>>(undefined);
	const [checking, setChecking] = useState(false);
	const [ready, setReady] = useState<Ready | null>(null);
	const now = useNow(1_000);
	const waits = now < session.opens_at_us + AFTER_OPENING_US;
	useEffect(() => {
		room.current ??= loadRoom();
		// Whoever presses the key meets the failure.
		room.current.catch(() => undefined);
		return () => devices.close();
	}, [devices]);
	useEffect(() => {
		stay?.session.start();
		return () => stay?.session.dispose();
	}, [stay]);

	// The browser's own way back asks like "Rời phòng": on a phone it is one swipe of a thumb. A page that is closed or loaded
	// anew asks in the browser's words, and only whoever would be missed: others may go as they came.
	useBlocker({
		shouldBlockFn: () => stay?.session.asksBeforeLeaving() ?? false,
		enableBeforeUnload: () => stay?.session.missesWhenClosed ?? false,
		disabled: stay === null,
	});

	const goIn = async (ready: Ready, takeOver = false) => {
		const override = new URLSearchParams(location.search).get("profile");
		setEntering(true);
		try {
			const loaded = await (room.current ?? loadRoom());
			// Whoever moves here begins with microphone and camera off.
			if (takeOver) {
				const microphone = session.may.includes("publish_media");
				await devices.start({ camera: false, microphone });
			}
			onInside(true);
			setStay({
				room: loaded,
				session: new loaded.RoomSession({
					session: session.code,
					role: session.my_role,
					profile: chooseProfile(thisMachine(), session.my_role, override),
					devices,
					takeOver,
					...ready,
				}),
			});
		} catch (error) {
			setFailure(error);
		}
		setEntering(false);
	};
	const goOut = () => {
		setStay(null);
		onInside(false);
	};
	const shut = shutFor(session);
	// Nobody is seen at a door that stays shut: camera and microphone of the device check go out.
	const turnedAway = shut !== null && stay === null;
	useEffect(() => {
		if (turnedAway) devices.close();
	}, [turnedAway, devices]);
	// Whoever was ready before the room opened goes in when it does.
	const due = ready !== null && !waits && shut === null;
	// biome-ignore lint/correctness/useExhaustiveDependencies: the moment counts, not what else changes.
	useEffect(() => {
		if (!due || ready === null) return;
		setReady(null);
		void goIn(ready);
	}, [due]);

	const toPage = () =>
		void navigate({ to: "/s/$code", params: { code: session.code } });

	if (failure) {
		return (
			<Failure
				what={t("title")}
				error={failure}
				// A part of the page that could not be fetched is asked for once only, until the page is loaded anew.
				onRetry={() => location.reload()}
			/>
		);
	}
	if (stay) {
		const { RoomProvider, RoomScreen } = stay.room;
		return (
			<RoomProvider session={stay.session}>
				<RoomScreen
					session={session}
					onBack={goOut}
					onTakeOver={() => {
						goOut();
						void goIn(
							{ microphoneOn: false, receive: stay.session.receive },
							true,
						);
					}}
					onPage={toPage}
				/>
			</RoomProvider>
		);
	}
	if (entering || due) return <Loading what={t("title")} />;
	if (shut !== null) {
		return <Closed session={session} why={shut} onLeave={toPage} />;
	}
	if (waits && (ready !== null || !checking)) {
		return (
			<Doorstep
				session={session}
				checked={ready !== null}
				onCheck={() => {
					setReady(null);
					setChecking(true);
				}}
				onLeave={toPage}
			/>
		);
	}
	return (
		<Lobby
			session={session}
			waits={waits}
			devices={devices}
			number={me.bridge_point?.number ?? null}
			name={me.bridge_point?.name ?? me.name}
			place={me.bridge_point ? me.name : null}
			guest={me.link_session !== null && me.bridge_point === null}
			onReady={waits ? setReady : (ready) => void goIn(ready)}
			onLeave={toPage}
		/>
	);
}
