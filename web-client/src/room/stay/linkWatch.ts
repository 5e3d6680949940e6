import type { Event } from "@/protocol/generated/Event";
import type { Peer } from "../media/peer";
import { SILENT_LINK_MS, silenceOf } from "../media/pulse";
import type {
	ConnectionPhase,
	SignalingConnection,
} from "../signaling/connection";
import type { Outage } from "../state/store";

/** How often the link is looked at, in milliseconds: with what it may be silent, a cut is told within two seconds. */
const PULSE_MS = 250;

/** What is watched, and who is told. */
export interface WatchedLink {
	connection: Pick<SignalingConnection, "lastFrameMs" | "heartbeatMs">;
	peer: Pick<Peer, "hears" | "iceAnswers">;
	/** Whether the room was ever seen: before that nothing is cut. */
	known(): boolean;
	/** Milliseconds of the clock on which everything here is counted; it never goes back. */
	nowMs(): number;
	/** Told at each change: what of the link is silent, and since when; null while all is well. */
	tell(outage: Outage | null): void;
}

/** Watches the link of a stay: takes down its last signs of life, and says what of it is silent and why. */
export class LinkWatch {
	readonly #link: WatchedLink;
	#timer: ReturnType<typeof setInterval> | undefined;
	#phase: ConnectionPhase = { name: "idle" };
	#mediaUp = false;
	#mediaDownMs: number | null = null;
	/** The last signs of media; see {@link silenceOf}. */
	#rtpMs: number | null = null;
	#iceMs: number | null = null;
	#iceAnswers: number | null = null;
	#changeMs: number | null = null;
	#told: Outage | null = null;

	constructor(link: WatchedLink) {
		this.#link = link;
	}

	/** Looks at the link from now on, until {@link stop}. */
	start(): void {
		this.#timer = setInterval(() => this.#feelPulse(), PULSE_MS);
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	/** Signaling stands otherwise than before. */
	phaseChanged(phase: ConnectionPhase): void {
		this.#phase = phase;
		this.#judge();
	}

	/** Media are connected, or are no more. */
	mediaChanged(mediaUp: boolean): void {
		if (mediaUp) {
			this.#mediaDownMs = null;
			// Consent begins anew, and so does what is heard.
			this.#rtpMs = null;
			this.#iceMs = null;
			this.#iceAnswers = null;
		} else if (this.#mediaUp) {
			this.#mediaDownMs = this.#link.nowMs();
		}
		this.#mediaUp = mediaUp;
		this.#judge();
	}

	/** Something happened in the room: some of it explains why media fall silent. */
	happened({ type }: Event): void {
		if (
			type === "microphone_changed" ||
			type === "camera_changed" ||
			type === "screen_changed" ||
			type === "connection_changed" ||
			type === "participant_left"
		) {
			this.#changeMs = this.#link.nowMs();
		}
	}

	#feelPulse(): void {
		if (this.#link.peer.hears()) this.#rtpMs = this.#link.nowMs();
		else if (this.#rtpMs !== null) void this.#askIce();
		this.#judge();
	}

	/** Looks whether ICE was answered since; only while no RTP comes, for thirty lines of statistics cost a weak machine time. */
	async #askIce(): Promise<void> {
		const answers = await this.#link.peer.iceAnswers().catch(() => null);
		if (answers === null) return;
		if (this.#iceAnswers !== null && answers > this.#iceAnswers)
			this.#iceMs = this.#link.nowMs();
		this.#iceAnswers = answers;
	}

	#judge(): void {
		const found = this.#outage();
		const before = this.#told;
		// What is silent may turn out to be more, or less, than it seemed; something has been silent since the first moment.
		const outage = found && {
			...found,
			sinceMs: Math.min(found.sinceMs, before?.sinceMs ?? found.sinceMs),
		};
		if (
			outage?.cause !== before?.cause ||
			outage?.sinceMs !== before?.sinceMs
		) {
			this.#told = outage;
			this.#link.tell(outage);
		}
	}

	#outage(): Outage | null {
		const now = this.#link.nowMs();
		const offline = navigator.onLine === false;
		if (this.#phase.name === "reconnecting") {
			const { sinceMs, why } = this.#phase;
			if (!this.#link.known()) return null;
			if (why === "stopping") return { cause: "server", sinceMs };
			if (why === "not_saved") return { cause: "storage", sinceMs };
			if (offline) return { cause: "offline", sinceMs };
			const media =
				this.#mediaUp &&
				this.#rtpMs !== null &&
				now - this.#rtpMs < SILENT_LINK_MS;
			return { cause: media ? "signaling" : "network", sinceMs };
		}
		if (this.#phase.name !== "live") return null;
		const { lastFrameMs, heartbeatMs } = this.#link.connection;
		const silence = silenceOf(
			{
				frameMs: lastFrameMs,
				heartbeatMs,
				mediaUp: this.#mediaUp,
				rtpMs: this.#rtpMs,
				iceMs: this.#iceMs,
				changeMs: this.#changeMs,
			},
			now,
		);
		if (silence) {
			const { what, sinceMs } = silence;
			if (offline) return { cause: "offline", sinceMs };
			return { cause: what === "both" ? "network" : what, sinceMs };
		}
		return this.#mediaDownMs === null
			? null
			: { cause: "media", sinceMs: this.#mediaDownMs };
	}
}
