import { createStore } from "zustand/vanilla";

/** A window that floats above others (Document Picture-in-Picture), as far as it is used. */
interface FloatingWindows {
	requestWindow(options: { width: number; height: number }): Promise<Window>;
}

const floating = (): FloatingWindows | null =>
	(window as { documentPictureInPicture?: FloatingWindows })
		.documentPictureInPicture ?? null;

/** The windows that show a part of the room besides its page. */
export interface OtherWindows {
	/** Small and above all others, with the key of the microphone. */
	floating: Window | null;
	/** For a second screen. */
	second: Window | null;
}

/** Which are open; one page has one room. */
export const otherWindows = createStore<OtherWindows>(() => ({
	floating: null,
	second: null,
}));

/** How a floating picture can be had here: a window of our own, the browser's over one video, or none. */
export function floatingKind(): "window" | "video" | null {
	if (floating()) return "window";
	const video = document.createElement("video") as Partial<HTMLVideoElement>;
	return document.pictureInPictureEnabled && video.requestPictureInPicture
		? "video"
		: null;
}

/** Opens the floating picture, or closes it. Rejects when the browser refuses. */
export async function toggleFloating(): Promise<void> {
	const { floating: open } = otherWindows.getState();
	if (open) {
		open.close();
		return;
	}
	const own = floating();
	if (own) {
		const window = await own.requestWindow({ width: 420, height: 330 });
		adopt("floating", window);
		return;
	}
	if (document.pictureInPictureElement) {
		await document.exitPictureInPicture();
		return;
	}
	const video = document.querySelector<HTMLVideoElement>(
		"[data-testid=stage] video",
	);
	if (!video) throw new Error("there is no main picture to float");
	await video.requestPictureInPicture();
}

/** Opens a window for a second screen, or closes it. Returns false when the browser blocks windows. */
export function toggleSecond(): boolean {
	const { second } = otherWindows.getState();
	if (second) {
		second.close();
		return true;
	}
	const opened = window.open("", "", "popup,width=1280,height=760");
	if (!opened) return false;
	adopt("second", opened);
	return true;
}

/** Closes what is open: the room is left. */
export function closeOtherWindows(): void {
	const { floating, second } = otherWindows.getState();
	floating?.close();
	second?.close();
}

/** Gives a new window the looks of the page, and forgets it when it is closed. */
function adopt(kind: keyof OtherWindows, opened: Window): void {
	const { documentElement, head, title } = document;
	opened.document.title = title;
	for (const { name, value } of documentElement.attributes) {
		opened.document.documentElement.setAttribute(name, value);
	}
	for (const style of head.querySelectorAll<HTMLElement>(
		"link[rel=stylesheet], style",
	)) {
		const copy = style.cloneNode(true) as HTMLElement;
		// A copied element loses its nonce, which the page's policy asks for; a copied link is relative to nothing.
		copy.nonce = style.nonce;
		if (style instanceof HTMLLinkElement)
			(copy as HTMLLinkElement).href = style.href;
		opened.document.head.append(copy);
	}
	otherWindows.setState({ [kind]: opened });
	const closed = () => {
		if (otherWindows.getState()[kind] === opened)
			otherWindows.setState({ [kind]: null });
	};
	opened.addEventListener("pagehide", closed);
}
