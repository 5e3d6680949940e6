import { SilentBanner } from "@/features/devices";
import { MediaBanner } from "@/features/reconnect";

/** What lasts and must be known, under the session bar, the worst first. */
export function Banners() {
	return (
		<div>
			<MediaBanner />
			<SilentBanner />
		</div>
	);
}
