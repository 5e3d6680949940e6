import { useTranslation } from "react-i18next";
import { Banner, BannerKey } from "@/kit/Banner";
import { useRoom, useRoomSession } from "@/room/view/useRoom";

/** Says so while one's own microphone is open and gives nothing. */
export function SilentBanner() {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const silent = useRoom(({ own }) => own.hearing === "silent");
	if (!silent) return null;
	return (
		<Banner
			tone="warn"
			action={
				<BannerKey onPress={() => session.showPanel("devices")}>
					{t("device.other")}
				</BannerKey>
			}
		>
			<span data-testid="silent">{t("device.silent")}</span>
		</Banner>
	);
}
