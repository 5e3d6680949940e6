import { openScreen } from "../media/devices";
import type { DeviceFault } from "../media/faults";

/** Whose screen it is, and who is told. */
export interface ScreenOwner {
	/** Sends it, or nothing any more. */
	send(track: MediaStreamTrack | null): Promise<void>;
	/** Tells the room whether it is shared; resolves with whether the room takes that. */
	tell(on: boolean): Promise<boolean>;
	/** Shows whether it is shared. */
	show(sharing: boolean): void;
	/** It could not be opened. */
	failed(fault: DeviceFault): void;
}

/** One's own screen, as long as it is shared. */
export class OwnScreen {
	readonly #owner: ScreenOwner;
	#track: MediaStreamTrack | null = null;
	/** Whether the browser is asking which screen to share. */
	#picks = false;

	constructor(owner: ScreenOwner) {
		this.#owner = owner;
	}

	/** What is shared; null for nothing. */
	get track(): MediaStreamTrack | null {
		return this.#track;
	}

	/** Asks the person for a screen and shares it, or stops sharing. */
	async want(on: boolean): Promise<void> {
		if (!on) {
			this.drop();
			await this.#owner.tell(false);
			return;
		}
		if (this.#picks) return;
		this.#picks = true;
		const { track, fault } = await openScreen();
		this.#picks = false;
		if (fault) {
			if (fault.cause !== "dismissed") this.#owner.failed(fault);
			return;
		}
		this.#track = track;
		track.addEventListener("ended", () => {
			if (this.#track === track) void this.want(false);
		});
		this.#owner.show(true);
		await this.#owner.send(track);
		if (!(await this.#owner.tell(true))) this.drop();
	}

	/** One came in with it, to a room that knows nothing of it. */
	arrived(): void {
		if (this.#track) void this.#owner.tell(true);
	}

	/** The room closed it by itself: it is shared no more. */
	drop(): void {
		this.letGo();
		void this.#owner.send(null);
	}

	/** Lets go of it, without a word to anybody. */
	letGo(): void {
		this.#track?.stop();
		this.#track = null;
		this.#owner.show(false);
	}
}
