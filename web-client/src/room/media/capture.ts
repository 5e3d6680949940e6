import {
	type ChosenDevice,
	type Device,
	type DeviceLists,
	findDevice,
	NO_DEVICES,
	type Opened,
} from "./devices";
import { type DeviceFault, needsPerson } from "./faults";

// ```text
//        want(true), expect()         opened            ended, or gone from the list
//   off ────────────────────► opening ──────► live ────────────────────────────────┐ told: lost
//    ▲                         │    ▲          │ ▲ │                               │
//    │                         │    │          └─┘ │ the wanted one is back, the   │
//    │                         │    │              │ system took another one       │
//    │                         │    ├──────────────┼────────────────────────────◄──┘
//    │              none opens │    │              │ the permission went
//    │                         ▼    │              ▼
//    │                        failed ◄─────────────┘
//    │                              │ something was plugged in, the page is seen again, the permission came, a press;
//    │                              │ by itself every 5 s while another program holds it
//    │                              └──► opening
//    └── want(false), from each of them: what opens afterwards is let go
// ```

/** A device that captures. */
export type CaptureKind = "camera" | "microphone";

/** How one's camera or microphone stands. */
export type CaptureState =
	/** Not wanted. */
	| { name: "off" }
	| { name: "opening" }
	| {
			name: "live";
			track: MediaStreamTrack;
			device: Device;
			/** Whether it stands in for one that was chosen, or was in use, and is gone. */
			standsIn: boolean;
			/** The system gives nothing for the moment: a telephone call, a shutter, a switch on the device. */
			interrupted: boolean;
	  }
	| { name: "failed"; fault: DeviceFault };

/** What a person is told of a device; `name` is the system's, and may be empty. */
export type DeviceNews =
	/** It died, and no other is known yet. */
	| { type: "lost"; device: "camera" | "microphone" | "speaker"; name: string }
	/** Another took over. */
	| {
			type: "replaced";
			device: "camera" | "microphone" | "speaker";
			name: string;
			by: string;
	  }
	/** It works again. */
	| { type: "back"; device: "camera" | "microphone" | "speaker"; name: string }
	| { type: "interrupted"; device: CaptureKind }
	| { type: "resumed"; device: CaptureKind }
	| { type: "failed"; fault: DeviceFault };

/** What a capture needs from the browser; replaced in tests. */
export interface CapturePlatform {
	/** Opens this device and no other; the system's own for null. */
	open(kind: CaptureKind, id: string | null): Promise<Opened>;
	list(): Promise<DeviceLists>;
	/** Acts once after a while; the result takes that back. */
	after(ms: number, act: () => void): () => void;
}

/** A track to come, opened together with another. */
export interface Expected {
	/** Whether the person has decided nothing else meanwhile. */
	stands(): boolean;
	/** Takes the track, or for null opens the device alone; lets the track go where it does not stand. */
	take(track: MediaStreamTrack | null): Promise<void>;
}

/** How often a device that another program holds is tried again, in milliseconds: no browser tells when it is free. */
export const BUSY_RETRY_MS = 5_000;

/** A source may be silent for this long before it counts as interrupted, in milliseconds: switching may take a moment. */
export const INTERRUPTED_MS = 1_000;

/** A source that is still silent this long after the page is seen again is opened anew, in milliseconds. */
export const STUCK_MS = 2_000;

/** Why a device is opened; it decides what the person is told. */
type Why =
	/** The person wants it. */
	| { why: "asked" }
	/** The one in use died. */
	| { why: "lost"; lost: Device }
	/** The one that was wanted is there again, or may be. */
	| { why: "retry" }
	/** The system's own is another one. */
	| { why: "followed" };

type Live = Extract<CaptureState, { name: "live" }>;

/** One's camera or one's microphone: opened, watched, replaced when it dies, taken again when it comes back. */
export class Capture {
	readonly #kind: CaptureKind;
	readonly #platform: CapturePlatform;
	readonly #changed: (state: CaptureState) => void;
	readonly #tell: (news: DeviceNews) => void;
	#state: CaptureState = { name: "off" };
	#lists: DeviceLists = NO_DEVICES;
	#wanted = false;
	#chosen: ChosenDevice | null;
	/** The one that died while nobody had chosen any. */
	#missed: ChosenDevice | null = null;
	/** Whether the person was told of a trouble whose end is worth a word. */
	#troubled = false;
	/** Rises with every attempt: what an earlier one opens is let go. */
	#turn = 0;
	#timer: (() => void) | null = null;
	#pause: (() => void) | null = null;

	constructor(
		kind: CaptureKind,
		chosen: ChosenDevice | null,
		platform: CapturePlatform,
		listener: {
			changed: (state: CaptureState) => void;
			tell: (news: DeviceNews) => void;
		},
	) {
		this.#kind = kind;
		this.#chosen = chosen;
		this.#platform = platform;
		this.#changed = listener.changed;
		this.#tell = listener.tell;
	}

	/** How it stands. */
	get state(): CaptureState {
		return this.#state;
	}

	/** Which device is asked for first. */
	get preferred(): ChosenDevice | null {
		return this.#chosen ?? this.#missed;
	}

	/** Opens it, or lets it go. Resolves when that is decided. */
	async want(on: boolean): Promise<void> {
		if (!on) {
			this.#wanted = false;
			this.#troubled = false;
			this.#release();
			this.#become({ name: "off" });
			return;
		}
		if (this.#wanted && this.#state.name !== "failed") return;
		this.#wanted = true;
		await this.#open({ why: "asked" });
	}

	/** Uses this device from now on, the system's own for null. */
	async choose(device: ChosenDevice | null): Promise<void> {
		this.#chosen = device;
		this.#missed = null;
		if (this.#wanted) await this.#open({ why: "asked" });
	}

	/** Waits for a track that is opened together with another. */
	expect(): Expected {
		this.#wanted = true;
		this.#turn += 1;
		const turn = this.#turn;
		this.#cancel();
		if (this.#state.name !== "live") this.#become({ name: "opening" });
		const stands = () => turn === this.#turn;
		return {
			stands,
			take: async (track) => {
				if (!stands()) track?.stop();
				else if (track) this.#take(track, { why: "asked" });
				else if (this.#state.name !== "live")
					await this.#open({ why: "asked" });
			},
		};
	}

	/** The person asks to try again. */
	async again(): Promise<void> {
		if (this.#wanted) await this.#open({ why: "asked" });
	}

	/** Something was plugged in or out, or a list was read for the first time. */
	devicesChanged(lists: DeviceLists): void {
		this.#lists = lists;
		const list = lists[this.#kind];
		const state = this.#state;
		if (state.name === "failed") {
			const mayTry = !needsPerson(state.fault) && list.length > 0;
			if (this.#wanted && mayTry) void this.#open({ why: "retry" });
			return;
		}
		if (state.name !== "live" || lists.hidden.includes(this.#kind)) return;
		const { id, group } = state.device;
		const standard = this.#standard();
		const gone =
			id === "default" ? list.length === 0 : !list.some((one) => one.id === id);
		if (gone) this.#lost(state);
		else if (state.standsIn && findDevice(list, this.preferred))
			void this.#open({ why: "retry" });
		else if (id === "default" && standard !== null && standard !== group)
			void this.#open({ why: "followed" });
	}

	/** The browser says of this page that it may, or may not. */
	permissionChanged(permission: PermissionState): void {
		const state = this.#state;
		if (permission === "denied" && this.#wanted && state.name !== "failed") {
			this.#release();
			this.#fail({ device: this.#kind, cause: "blocked_browser" });
		}
		if (permission === "granted" && this.#wanted && state.name === "failed")
			void this.#open({ why: "retry" });
	}

	/** The page is seen again: on phones, what was interrupted meanwhile may need a push. */
	seen(): void {
		const state = this.#state;
		if (state.name === "failed" && !needsPerson(state.fault)) {
			if (this.#wanted) void this.#open({ why: "retry" });
		} else if (state.name === "live" && state.track.muted) {
			this.#later(STUCK_MS, () => {
				if (state.track.muted) void this.#open({ why: "retry" });
			});
		}
	}

	/** Notices what no event told: some browsers end a track without a word. */
	look(): void {
		const state = this.#state;
		if (state.name === "live" && state.track.readyState === "ended")
			this.#lost(state);
	}

	async #open(reason: Why): Promise<void> {
		this.#turn += 1;
		const turn = this.#turn;
		this.#cancel();
		const before = this.#state.name === "live" ? this.#state : null;
		// Two cameras at once are more than most phones can do; a microphone sounds on until the next one does.
		const keeps = this.#kind === "microphone" && reason.why !== "lost";
		if (!before || !keeps) {
			this.#forget(before);
			this.#become({ name: "opening" });
		}
		if (reason.why === "lost") this.#lists = await this.#platform.list();
		let first: DeviceFault | null = null;
		for (const id of this.#candidates(reason)) {
			if (turn !== this.#turn) return;
			const opened = await this.#platform.open(this.#kind, id);
			if (turn !== this.#turn) {
				opened.track?.stop();
				return;
			}
			if (opened.track) {
				this.#take(opened.track, reason);
				return;
			}
			// That something is there and cannot be used says more than that it is not there.
			if (!first || first.cause === "missing") first = opened.fault;
			if (needsPerson(opened.fault)) break;
		}
		if (turn !== this.#turn) return;
		const fault = first ?? { device: this.#kind, cause: "missing" };
		if (this.#state.name === "live") {
			const standsIn = this.#standsIn(this.#state.device);
			this.#become({ ...this.#state, standsIn });
			if (reason.why === "asked") this.#tell({ type: "failed", fault });
			return;
		}
		this.#fail(fault, reason);
	}

	/** What to open, the most wanted first: the chosen one, the system's own, each of the others. */
	#candidates({ why }: Why): (string | null)[] {
		const list = this.#lists[this.#kind];
		const hidden = this.#lists.hidden.includes(this.#kind) || list.length === 0;
		const preferred = findDevice(list, this.preferred);
		// What stands in works: only for the wanted one is it given up.
		if (why === "retry" && preferred && this.#state.name === "live")
			return [preferred.id];
		const ids = [
			...(preferred ? [preferred.id] : []),
			// What the browser does not list yet may be there all the same.
			...(!preferred && hidden && this.#chosen ? [this.#chosen.id] : []),
			null,
			...list.map(({ id }) => id),
		];
		return [...new Set(ids)];
	}

	#take(track: MediaStreamTrack, reason: Why): void {
		this.#cancel();
		const before = this.#state.name === "live" ? this.#state : null;
		this.#forget(before);
		const device = this.#deviceOf(track);
		const standsIn = this.#standsIn(device);
		if (!standsIn) this.#missed = null;
		track.onended = () => this.#endedBy(track);
		track.onmute = () => this.#silenced(track);
		track.onunmute = () => this.#sounds(track);
		this.#become({
			name: "live",
			track,
			device,
			standsIn,
			interrupted: false,
		});
		this.#tellTaken(device, standsIn, reason);
		if (track.muted) this.#silenced(track);
	}

	#tellTaken(device: Device, standsIn: boolean, reason: Why): void {
		const kind = this.#kind;
		const name = device.label;
		const missed = this.preferred?.label ?? "";
		switch (reason.why) {
			case "asked":
				if (standsIn && missed !== "")
					this.#tell({
						type: "replaced",
						device: kind,
						name: missed,
						by: name,
					});
				break;
			case "lost":
				this.#tell(
					standsIn || device.group !== reason.lost.group
						? {
								type: "replaced",
								device: kind,
								name: reason.lost.label,
								by: name,
							}
						: { type: "back", device: kind, name },
				);
				break;
			case "retry":
				if (this.#troubled && !standsIn)
					this.#tell({ type: "back", device: kind, name });
				else if (this.#troubled)
					this.#tell({
						type: "replaced",
						device: kind,
						name: missed,
						by: name,
					});
				break;
			case "followed":
				this.#tell({ type: "replaced", device: kind, name: "", by: name });
				break;
			default:
				reason satisfies never;
		}
		this.#troubled = standsIn;
	}

	/** A device as its track tells it, with the name that the list has for it. */
	#deviceOf(track: MediaStreamTrack): Device {
		const { deviceId = "", groupId = "" } = track.getSettings?.() ?? {};
		const list = this.#lists[this.#kind];
		if (deviceId === "default") {
			const group = this.#standard() ?? groupId;
			const physical = list.find((device) => device.group === group);
			return { id: deviceId, label: physical?.label ?? track.label, group };
		}
		const listed = list.find(({ id }) => id === deviceId);
		return listed ?? { id: deviceId, label: track.label, group: groupId };
	}

	/** Whether a device is another one than was wanted. */
	#standsIn(device: Device): boolean {
		const { preferred } = this;
		return (
			preferred !== null &&
			device.id !== preferred.id &&
			(preferred.label === "" || device.label !== preferred.label)
		);
	}

	#standard(): string | null {
		return this.#kind === "microphone" ? this.#lists.standard.microphone : null;
	}

	#endedBy(track: MediaStreamTrack): void {
		if (this.#state.name === "live" && this.#state.track === track)
			this.#lost(this.#state);
	}

	#lost({ device }: Live): void {
		if (this.#chosen === null && device.id !== "default")
			this.#missed = { id: device.id, label: device.label };
		this.#troubled = true;
		this.#tell({ type: "lost", device: this.#kind, name: device.label });
		void this.#open({ why: "lost", lost: device });
	}

	#silenced(track: MediaStreamTrack): void {
		this.#pause?.();
		this.#pause = this.#platform.after(INTERRUPTED_MS, () => {
			const state = this.#state;
			if (state.name !== "live" || state.track !== track || !track.muted)
				return;
			this.#become({ ...state, interrupted: true });
			this.#tell({ type: "interrupted", device: this.#kind });
		});
	}

	#sounds(track: MediaStreamTrack): void {
		this.#pause?.();
		this.#pause = null;
		const state = this.#state;
		if (state.name !== "live" || state.track !== track) return;
		if (!state.interrupted) return;
		this.#become({ ...state, interrupted: false });
		this.#tell({ type: "resumed", device: this.#kind });
	}

	#fail(fault: DeviceFault, reason: Why = { why: "asked" }): void {
		this.#become({ name: "failed", fault });
		// That it died was said; that there is no other needs no second word. What was tried quietly stays quiet.
		const said = reason.why === "lost" && fault.cause === "missing";
		if (reason.why !== "retry" && !said) this.#tell({ type: "failed", fault });
		this.#troubled = true;
		if (fault.cause === "busy")
			this.#later(BUSY_RETRY_MS, () => void this.#open({ why: "retry" }));
	}

	/** Ends every attempt and lets the device go. */
	#release(): void {
		this.#turn += 1;
		this.#cancel();
		this.#forget(this.#state.name === "live" ? this.#state : null);
	}

	#forget(live: Live | null): void {
		this.#pause?.();
		this.#pause = null;
		if (!live) return;
		live.track.onended = null;
		live.track.onmute = null;
		live.track.onunmute = null;
		live.track.stop();
	}

	#later(ms: number, act: () => void): void {
		this.#cancel();
		this.#timer = this.#platform.after(ms, act);
	}

	#cancel(): void {
		this.#timer?.();
		this.#timer = null;
	}

	#become(state: CaptureState): void {
		this.#state = state;
		this.#changed(state);
	}
}
