import { useTranslation } from "react-i18next";
import type { DeviceFault } from "../media/faults";
import { type Platform, platformOf } from "../media/platform";
import type { NewNotice } from "../state/notices";

/** Puts what the person should know into words: names of devices, and the way out of a block on this kind of machine. */
export function useNoticeText(platform: Platform = platformOf(navigator)) {
	const { t } = useTranslation("room");

	/** What stands on the key that tries again, where this is read. */
	const wayOf = ({ device, cause }: DeviceFault, again: string): string => {
		if (cause !== "blocked_browser" && cause !== "blocked_system") return "";
		const who = cause === "blocked_browser" ? "browser" : "system";
		return t(`way.${who}_${platform}`, {
			device: t(`device.${device}`).toLocaleLowerCase(),
			again,
		});
	};

	return {
		notice({ key, params, device, fault }: NewNotice): string {
			const again = t("device.again");
			const named = device ? t(`device.${device}`) : "";
			return t(`notice.${key}`, {
				...params,
				name: params.name || (device ? t("device.unnamed") : ""),
				device: named,
				again,
				way: fault ? wayOf(fault, again) : "",
			});
		},
		/** The same for a fault alone; `again` is what stands on the key that tries again. */
		fault(fault: DeviceFault, again: string): string {
			return t(`notice.fault_${fault.device}_${fault.cause}`, {
				again,
				way: wayOf(fault, again),
			});
		},
	};
}
