import { toJson } from "@/format";
import type { ByeReason } from "@/protocol/generated/ByeReason";
import type { ChatMessage } from "@/protocol/generated/ChatMessage";
import type { ClientFrame } from "@/protocol/generated/ClientFrame";
import type { Command } from "@/protocol/generated/Command";
import type { EventFrame } from "@/protocol/generated/EventFrame";
import type { JournalTrouble } from "@/protocol/generated/JournalTrouble";
import type { MediaMessage } from "@/protocol/generated/MediaMessage";
import type { Profile } from "@/protocol/generated/Profile";
import type { Refusal } from "@/protocol/generated/Refusal";
import type { RoomAct } from "@/protocol/generated/RoomAct";
import type { ServerFrame } from "@/protocol/generated/ServerFrame";
import type { Welcome } from "@/protocol/generated/Welcome";
import { backoffMs } from "./backoff";

// ```text
//            open()                 Welcome
//   idle ──────────► connecting ──────────────► live
//                     ▲      │ close, error,     │ close, two heartbeats of silence,
//              timer, │      │ no Welcome        │ Bye ServerStopping | TooSlow
//              online │      ▼                   │
//                     └── waiting ◄──────────────┘
//
//   any ── any other Bye, close() ──► over
// ```

/** The version of the browser protocol that this page speaks; the server's `PROTOCOL_VERSION`. */
export const PROTOCOL_VERSION = 3;

/** How often the server gives a sign of life, in milliseconds, before it has said how often. */
const HEARTBEAT_MS = 5_000;

/**
 * Silence that means the link is dead, in milliseconds: two heartbeats and some delay, for a server may be busy for a moment;
 * once the browser says that the machine lost its network, one.
 */
export const silenceMs = (heartbeatMs: number, offline = false): number =>
	offline ? heartbeatMs + 1_000 : Math.max(6_000, heartbeatMs * 2 + 2_000);

/** How long an attempt may take from opening the socket to `Welcome`, in milliseconds. */
export const ATTEMPT_MS = 8_000;

/** How a connection stands. */
export type ConnectionPhase =
	| { name: "idle" }
	| { name: "connecting" }
	| { name: "live" }
	/** Lost at `sinceMs` (milliseconds of {@link Clock.now}); it comes back by itself. */
	| { name: "reconnecting"; sinceMs: number; why: BreakCause }
	/** Finished; nothing more is tried. */
	| { name: "over"; reason: ByeReason };

/** Why a connection broke, as far as this end knows. */
export type BreakCause =
	/** It closed or fell silent. */
	| "cut"
	/** The server said that it is stopping. */
	| "stopping"
	/** The server said that this end takes too long to read. */
	| "slow"
	/** One's right to be here changed: one comes back in another part. */
	| "changed"
	/** The server cannot save anything, and lets nobody in. */
	| "not_saved";

/** Why a command has no reply. */
export type CommandOutcome =
	| { ok: true }
	| { ok: false; refusal: Refusal }
	/** The connection broke, and the command is not one to repeat; or the stay ended. */
	| { ok: false; refusal: null };

/** The part of the browser's `WebSocket` that is used. */
export interface Socket {
	send(text: string): void;
	close(): void;
	onopen: (() => void) | null;
	onmessage: ((message: { data: unknown }) => void) | null;
	onclose: (() => void) | null;
	onerror: (() => void) | null;
}

/** Time, timers and chance, replaced in tests. */
export interface Clock {
	/** Milliseconds that never go back, whatever is done to this machine's clock; near those since the Unix epoch. */
	now(): number;
	random(): number;
}

/** Who is told what the server says. */
export interface ConnectionListener {
	phase(phase: ConnectionPhase): void;
	/** After each (re)connection, before its `missed` events. */
	welcome(welcome: Welcome): void;
	/** In order of `seq`, without gaps and without repetition. */
	event(frame: EventFrame): void;
	media(message: MediaMessage): void;
	/** Older lines of the chat, oldest first, and whether there are still older ones. */
	chat(messages: readonly ChatMessage[], more: boolean): void;
	/** What one may do, from now on. */
	may(acts: readonly RoomAct[]): void;
	/** Why what happens is not being saved; null when it is. Only those who preside are told. */
	journal(trouble: JournalTrouble | null): void;
	/** The server speaks another version and this page was not reloaded for that yet. */
	reload(): void;
}

/** What a connection needs. */
export interface ConnectionOptions {
	profile: Profile;
	/** Whether to take the place of another page or device of the same person. */
	takeOver?: boolean;
	/** Opens a socket to `/ws/sessions/{code}`. */
	openSocket: () => Socket;
	clock: Clock;
	listener: ConnectionListener;
}

interface Pending {
	id: number;
	command: Command;
	repeat: boolean;
	/** Until when it may reach the server, in milliseconds of {@link Clock.now}. */
	untilMs: number;
	settle: (outcome: CommandOutcome) => void;
}

/**
 * One stay in a room over as many sockets as it takes. It comes back by itself, tells events once and in order,
 * and keeps commands until they are answered.
 */
export class SignalingConnection {
	readonly #options: ConnectionOptions;
	#phase: ConnectionPhase = { name: "idle" };
	#socket: Socket | null = null;
	#attempt = 0;
	#reached = false;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#heartbeatMs = HEARTBEAT_MS;
	#offline = false;
	#lastFrameMs: number | null = null;
	/** Proof of this page's stay. A page that was loaded anew has none: its media are new, and its seat is its own by name. */
	#resumeToken: string | null = null;
	#lastSeq = 0;
	#lastCommandId = 0;
	#pending: Pending[] = [];
	#clockOffsetMs: number | null = null;

	constructor(options: ConnectionOptions) {
		this.#options = options;
	}

	/** How it stands. */
	get phase(): ConnectionPhase {
		return this.#phase;
	}

	/** How often the server gives a sign of life, in milliseconds. */
	get heartbeatMs(): number {
		return this.#heartbeatMs;
	}

	/** When the last frame came, in milliseconds of {@link Clock.now}; null while there is no connection. */
	get lastFrameMs(): number | null {
		return this.#phase.name === "live" ? this.#lastFrameMs : null;
	}

	/** Whether a socket ever opened, whatever was said on it then. */
	get reached(): boolean {
		return this.#reached;
	}

	/** The server's clock in milliseconds since the Unix epoch, as well as it is known. */
	serverNow(): number {
		return this.#options.clock.now() + (this.#clockOffsetMs ?? 0);
	}

	/** Connects for the first time. */
	open(): void {
		if (this.#phase.name === "idle") this.#connect();
	}

	/** The browser says that the network is back: an attempt is made at once. */
	online(): void {
		this.#offline = false;
		if (this.#phase.name === "reconnecting" && this.#socket === null) {
			this.#attempt = 0;
			this.#connect();
		}
	}

	/** The browser says that the network is gone: silence is believed sooner. */
	offline(): void {
		this.#offline = true;
		if (this.#phase.name === "live") this.#watch();
	}

	/**
	 * Asks for something. Until the reply comes the command is kept, and sent again after a reconnection; the server
	 * applies it once. With `repeat: false` a break settles it instead: for what belongs to one connection, such as an SDP
	 * offer. `withinMs` is how long it is meant: after a longer break it is void, unless the server had it before.
	 */
	send(
		command: Command,
		{ repeat = true, withinMs = Number.POSITIVE_INFINITY } = {},
	): Promise<CommandOutcome> {
		if (this.#phase.name === "over")
			return Promise.resolve({ ok: false, refusal: null });
		return new Promise((settle) => {
			if (this.#phase.name !== "live" && !repeat) {
				settle({ ok: false, refusal: null });
				return;
			}
			// Before the first Welcome the highest id of an earlier stay is unknown; ids are given then.
			const untilMs = this.#options.clock.now() + withinMs;
			const pending = { id: 0, command, repeat, untilMs, settle };
			this.#pending.push(pending);
			if (this.#phase.name === "live") this.#transmit(pending);
		});
	}

	/** Ends the connection without telling the server; the seat stays held. */
	close(): void {
		this.#finish({ type: "left" });
	}

	#connect(): void {
		clearTimeout(this.#timer);
		if (this.#phase.name === "idle") this.#become({ name: "connecting" });
		const socket = this.#options.openSocket();
		this.#socket = socket;
		this.#timer = setTimeout(() => this.#lost(socket), ATTEMPT_MS);
		socket.onopen = () => {
			this.#reached = true;
			const hello: ClientFrame = {
				type: "hello",
				protocol: PROTOCOL_VERSION,
				profile: this.#options.profile,
				// Once in, it is the others who are asked before they take over.
				...(this.#resumeToken
					? { resume: { token: this.#resumeToken, last_seq: this.#lastSeq } }
					: this.#options.takeOver && { take_over: true }),
			};
			socket.send(toJson(hello));
		};
		socket.onmessage = ({ data }) => {
			if (socket !== this.#socket || typeof data !== "string") return;
			const frame = JSON.parse(data) as ServerFrame;
			this.#lastFrameMs = this.#options.clock.now();
			if (this.#phase.name === "live") this.#watch();
			this.#receive(frame);
		};
		socket.onclose = () => this.#lost(socket);
		socket.onerror = () => this.#lost(socket);
	}

	#receive(frame: ServerFrame): void {
		const { listener } = this.#options;
		switch (frame.type) {
			case "welcome":
				this.#welcomed(frame);
				return;
			case "event":
				this.#tell(frame);
				return;
			case "reply":
				this.#settle(
					frame.id,
					frame.refusal ? { ok: false, refusal: frame.refusal } : { ok: true },
				);
				return;
			case "media":
				listener.media(frame.message);
				return;
			case "heartbeat":
				this.#setClock(frame.server_time_us);
				this.#heartbeatMs = frame.next_ms;
				return;
			case "chat":
				listener.chat(frame.messages, frame.more);
				return;
			case "may":
				listener.may(frame.acts);
				return;
			case "journal":
				listener.journal(frame.trouble);
				return;
			case "bye":
				this.#bye(frame.reason);
				return;
			default:
				// A newer server may know more kinds of frames; those are not for this page.
				frame satisfies never;
		}
	}

	#welcomed(welcome: Welcome): void {
		const { listener } = this.#options;
		this.#attempt = 0;
		this.#clockOffsetMs = null;
		this.#setClock(welcome.server_time_us);
		this.#heartbeatMs = welcome.heartbeat_ms;
		if (!welcome.resumed) {
			// Another stay: what was asked in the earlier one is void, unless nothing was sent yet.
			this.#settleAll((pending) => pending.id !== 0);
			this.#lastCommandId = 0;
		}
		const now = this.#options.clock.now();
		this.#settleAll(
			({ id, untilMs }) =>
				untilMs < now && (id === 0 || id > welcome.last_command_id),
		);
		this.#lastCommandId = Math.max(
			this.#lastCommandId,
			welcome.last_command_id,
		);
		listener.welcome(welcome);
		if (welcome.state) this.#lastSeq = welcome.seq;
		for (const frame of welcome.missed) this.#tell(frame);
		this.#resumeToken = welcome.resume_token;
		// What waited goes first: numbers rise, and what is asked on becoming live is sent as it is asked.
		for (const pending of [...this.#pending]) this.#transmit(pending);
		this.#become({ name: "live" });
		this.#watch();
	}

	#tell(frame: EventFrame): void {
		// After a resume the server may repeat what it is unsure of; an event is applied once.
		if (frame.seq <= this.#lastSeq) return;
		this.#lastSeq = frame.seq;
		this.#options.listener.event({
			seq: frame.seq,
			at_us: frame.at_us,
			event: frame.event,
		});
	}

	#bye(reason: ByeReason): void {
		const { listener } = this.#options;
		switch (reason.type) {
			case "server_stopping":
				if (this.#socket) this.#lost(this.#socket, "stopping");
				return;
			case "too_slow":
				if (this.#socket) this.#lost(this.#socket, "slow");
				return;
			case "access_changed":
				if (this.#socket) this.#lost(this.#socket, "changed");
				return;
			case "not_saved":
				if (this.#socket) this.#lost(this.#socket, "not_saved");
				return;
			case "protocol_mismatch":
				// Over first: nobody is asked whether to leave a page that reloads by itself.
				this.#finish(reason);
				listener.reload();
				return;
			case "taken_over":
			case "removed":
			case "session_ended":
			case "left":
			case "access_ended":
			case "frame_too_large":
			case "too_many_frames":
			case "refused":
				this.#finish(reason);
				return;
			default:
				reason satisfies never;
		}
	}

	#transmit(pending: Pending): void {
		if (pending.id === 0) {
			this.#lastCommandId += 1;
			pending.id = this.#lastCommandId;
		}
		const frame: ClientFrame = {
			type: "command",
			id: pending.id,
			command: pending.command,
		};
		this.#socket?.send(toJson(frame));
	}

	#settle(id: number, outcome: CommandOutcome): void {
		const pending = this.#pending.find((candidate) => candidate.id === id);
		this.#pending = this.#pending.filter((candidate) => candidate !== pending);
		pending?.settle(outcome);
	}

	#settleAll(which: (pending: Pending) => boolean): void {
		const settled = this.#pending.filter(which);
		this.#pending = this.#pending.filter((pending) => !which(pending));
		for (const pending of settled) pending.settle({ ok: false, refusal: null });
	}

	/** Starts the watchdog again: the server has given a sign of life. */
	#watch(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(
			() => {
				if (this.#socket) this.#lost(this.#socket);
			},
			silenceMs(this.#heartbeatMs, this.#offline),
		);
	}

	#lost(socket: Socket, why: BreakCause = "cut"): void {
		if (socket !== this.#socket) return;
		this.#abandon();
		this.#settleAll((pending) => !pending.repeat);
		if (this.#phase.name !== "reconnecting") {
			this.#become({
				name: "reconnecting",
				sinceMs: this.#options.clock.now(),
				why,
			});
		}
		const pause = backoffMs(this.#attempt, this.#options.clock.random());
		this.#attempt += 1;
		this.#timer = setTimeout(() => this.#connect(), pause);
	}

	#finish(reason: ByeReason): void {
		this.#abandon();
		this.#become({ name: "over", reason });
		this.#settleAll(() => true);
	}

	/** Lets go of the socket: on a dead network `close` takes minutes to be reported, so its callbacks are taken away. */
	#abandon(): void {
		clearTimeout(this.#timer);
		const socket = this.#socket;
		this.#socket = null;
		if (!socket) return;
		socket.onopen = null;
		socket.onmessage = null;
		socket.onclose = null;
		socket.onerror = null;
		socket.close();
	}

	#become(phase: ConnectionPhase): void {
		this.#phase = phase;
		this.#options.listener.phase(phase);
	}

	#setClock(serverTimeUs: number): void {
		// The frame travelled for some time, so each reading is early by that; the largest is the best.
		const offset = serverTimeUs / 1000 - this.#options.clock.now();
		this.#clockOffsetMs =
			this.#clockOffsetMs === null
				? offset
				: Math.max(this.#clockOffsetMs, offset);
	}
}
