import { useEffect } from "react";
import { useRoom, useRoomSession } from "@/room/view/useRoom";

/** Whether the pictures have the whole screen, and how to change that. Phones without such a mode give them the whole page. */
export function useFull(): [boolean, () => void] {
	const session = useRoomSession();
	const full = useRoom((view) => view.full);
	const toggle = () => {
		session.setFull(!full);
		if (full) leaveScreen();
		else {
			// Safari on an iPhone has no such call.
			const root: Partial<HTMLElement> = document.documentElement;
			void root.requestFullscreen
				?.call(document.documentElement)
				.catch(() => undefined);
		}
	};
	return [full, toggle];
}

/** Follows the browser out of the whole screen: Escape, or the system's own gesture. */
export function useFullFollowed(): void {
	const session = useRoomSession();
	const full = useRoom((view) => view.full);
	useEffect(() => {
		if (!full) return;
		let entered = document.fullscreenElement !== null;
		const changed = () => {
			if (document.fullscreenElement) entered = true;
			else if (entered) session.setFull(false);
		};
		const key = (event: KeyboardEvent) => {
			// A dialog or menu above it takes Escape for itself.
			if (event.key !== "Escape" || event.defaultPrevented) return;
			if (document.querySelector("[role=dialog], [role=menu]")) return;
			session.setFull(false);
			leaveScreen();
		};
		document.addEventListener("fullscreenchange", changed);
		document.addEventListener("keydown", key);
		return () => {
			document.removeEventListener("fullscreenchange", changed);
			document.removeEventListener("keydown", key);
		};
	}, [full, session]);
	useEffect(() => leaveScreen, []);
}

function leaveScreen(): void {
	if (document.fullscreenElement)
		void document.exitFullscreen().catch(() => undefined);
}
