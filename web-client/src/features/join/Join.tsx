import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { sessionQuery, useApi } from "@/api";
import { useMe } from "@/app/useMe";
import { Lobby, type Ready } from "@/features/lobby";
import { chooseProfile, thisMachine } from "@/media/profile";
import type { Session } from "@/protocol/generated/Session";
import { RoomSession } from "@/room/session";
import { RoomProvider } from "@/room/useRoom";
import { ButtonLink, Failure, Loading, useDocumentTitle } from "@/ui";
import { RoomScreen } from "./RoomScreen";

/** The device check and the room of one session. */
export function Join({ code }: { code: string }) {
	const { t } = useTranslation("room");
	const { t: tPages } = useTranslation("pages");
	const api = useApi();
	const session = useQuery({
		...sessionQuery(api, code),
		// The room itself tells what changes while one is in it.
		refetchInterval: false,
		refetchOnWindowFocus: false,
	});
	useDocumentTitle(session.data?.title ?? t("title"));
	if (session.data) return <Entered session={session.data} />;
	if (session.error) {
		return (
			<Failure
				what={t("title")}
				error={session.error}
				onRetry={() => void session.refetch()}
				wayOut={<ButtonLink to="/">{tPages("notFound.home")}</ButtonLink>}
			/>
		);
	}
	return <Loading what={t("title")} />;
}

function Entered({ session }: { session: Session }) {
	const me = useMe();
	const navigate = useNavigate();
	const [stay, setStay] = useState<RoomSession | null>(null);
	useEffect(() => {
		stay?.start();
		return () => stay?.dispose();
	}, [stay]);

	const goIn = (ready: Ready) => {
		const override = new URLSearchParams(location.search).get("profile");
		setStay(
			new RoomSession({
				session: session.code,
				role: session.my_role,
				profile: chooseProfile(thisMachine(), session.my_role, override),
				...ready,
			}),
		);
	};
	const toPage = () =>
		void navigate({ to: "/s/$code", params: { code: session.code } });

	if (stay) {
		return (
			<RoomProvider session={stay}>
				<RoomScreen
					session={session}
					onBack={() => setStay(null)}
					onPage={toPage}
				/>
			</RoomProvider>
		);
	}
	return (
		<Lobby
			session={session}
			name={me.bridge_point?.name ?? me.name}
			place={me.bridge_point ? me.name : null}
			onReady={goIn}
			onLeave={toPage}
		/>
	);
}
