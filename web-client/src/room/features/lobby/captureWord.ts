import type { TFunction } from "i18next";
import type { Tone } from "@/kit/Status";
import type { CaptureState } from "@/room/media/capture";

/** The verdict on one device; `live` is the word for one that was opened. */
export function captureWord(
	state: CaptureState,
	live: "ok" | "look" | "listening",
	t: TFunction<"room">,
): { tone: Tone; word: string } {
	switch (state.name) {
		case "off":
		case "opening":
			return { tone: "info", word: t("check.opening") };
		case "failed":
			return { tone: "bad", word: t("check.bad") };
		case "live":
			if (state.interrupted) return { tone: "warn", word: t("check.look") };
			return {
				tone: ({ ok: "ok", look: "warn", listening: "info" } as const)[live],
				word: t(`check.${live}`),
			};
		default:
			return state satisfies never;
	}
}
