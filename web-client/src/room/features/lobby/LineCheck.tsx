import { IconRoute } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatInteger } from "@/format";
import { weakRttMs } from "@/protocol/weakLine";
import { Check } from "./Check";
import type { ServerCheck } from "./useServerCheck";

/** How long the way to the server takes. */
export function LineCheck({ server }: { server: ServerCheck }) {
	const { t } = useTranslation("room");
	return (
		<Check
			icon={IconRoute}
			what={t("device.server")}
			value={
				server.state === "reached"
					? t("lobby.rtt", { ms: formatInteger(server.rttMs) })
					: ""
			}
			tone={
				server.state === "measuring"
					? "info"
					: server.state === "unreachable"
						? "bad"
						: server.rttMs > weakRttMs
							? "warn"
							: "ok"
			}
			word={
				server.state === "measuring"
					? t("check.measuring")
					: server.state === "unreachable"
						? t("check.bad")
						: server.rttMs > weakRttMs
							? t("check.slow")
							: t("check.ok")
			}
		/>
	);
}
