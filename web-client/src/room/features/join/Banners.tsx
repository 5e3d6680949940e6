import { useTranslation } from "react-i18next";
import { Banner } from "@/kit/Banner";
import { SilentBanner } from "@/room/features/devices";
import { MediaBanner } from "@/room/features/reconnect";
import { useRoom } from "@/room/view/useRoom";

/** What lasts and must be known, under the session bar, the worst first. */
export function Banners() {
	return (
		<div>
			<MediaBanner />
			<JournalBanner />
			<SilentBanner />
		</div>
	);
}

/** Tells those who preside that what happens is not being saved, and why. */
function JournalBanner() {
	const { t } = useTranslation("room");
	const trouble = useRoom((view) => view.room?.journalTrouble ?? null);
	if (trouble === null) return null;
	return (
		<Banner tone="bad">
			<span data-testid="journal" data-trouble={trouble}>
				{t(`journal.${trouble}`)}
			</span>
		</Banner>
	);
}
