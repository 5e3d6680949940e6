import type { CaptureKind } from "@/room/media/capture";
import type { Device, ListedKind, Opened } from "@/room/media/devices";
import type { FaultCause } from "@/room/media/faults";
import type { DevicesPlatform } from "@/room/media/ownDevices";

/** A track of a pretended device. */
export class FakeTrack {
	readyState: MediaStreamTrackState = "live";
	enabled = true;
	muted = false;
	onended: (() => void) | null = null;
	onmute: (() => void) | null = null;
	onunmute: (() => void) | null = null;
	constructor(
		readonly kind: "audio" | "video",
		readonly device: Device,
		readonly opened: string,
	) {}

	get label() {
		return this.device.label;
	}

	getSettings() {
		return { deviceId: this.opened, groupId: this.device.group };
	}

	clone() {
		return new FakeTrack(this.kind, this.device, this.opened);
	}

	/** By the page: browsers tell nobody. */
	stop() {
		this.readyState = "ended";
	}

	/** By the machine. */
	dies() {
		this.readyState = "ended";
		this.onended?.();
	}

	mutedBySystem(muted: boolean) {
		this.muted = muted;
		if (muted) this.onmute?.();
		else this.onunmute?.();
	}
}

/** A machine whose devices are plugged in and out, held by other programs, blocked and allowed; its time is virtual. */
export class FakeMachine {
	readonly plugged: Record<ListedKind, Device[]> = {
		camera: [],
		microphone: [],
		speaker: [],
	};
	/** Which microphone and loudspeaker the system takes by itself, by its group; null where the browser does not say. */
	standard: { microphone: string | null; speaker: string | null } = {
		microphone: null,
		speaker: null,
	};
	/** What stands in the way of a device, by its id. */
	readonly trouble = new Map<string, FaultCause>();
	readonly blocked = new Map<CaptureKind, FaultCause>();
	readonly tracks: FakeTrack[] = [];
	/** What was asked to be opened, in order; "" for the system's own. */
	readonly asked: string[] = [];
	/** Whether ids and names are kept from the page. */
	hidden = false;
	#told: Parameters<DevicesPlatform["watch"]>[0] | null = null;
	readonly #stored = new Map<string, string>();

	/** Plugs a device in, without telling: as it is when the page opens. */
	has(kind: ListedKind, id: string, label = id, group = id): this {
		this.plugged[kind].push({ id, label, group });
		return this;
	}

	/** Plugs a device in while the page watches. */
	plug(kind: ListedKind, id: string, label = id, group = id): void {
		this.has(kind, id, label, group);
		this.#told?.devices();
	}

	/** Pulls a device out: its tracks end, and the list changes. */
	pull(kind: ListedKind, id: string): void {
		this.plugged[kind] = this.plugged[kind].filter(
			(device) => device.id !== id,
		);
		for (const track of this.live()) if (track.device.id === id) track.dies();
		this.#told?.devices();
	}

	changes(): void {
		this.#told?.devices();
	}

	permits(kind: CaptureKind, state: PermissionState): void {
		if (state === "denied") this.blocked.set(kind, "blocked_browser");
		else this.blocked.delete(kind);
		this.#told?.permission(kind, state);
	}

	isSeen(): void {
		this.#told?.seen();
	}

	live(): FakeTrack[] {
		return this.tracks.filter(({ readyState }) => readyState === "live");
	}

	get watched(): boolean {
		return this.#told !== null;
	}

	readonly platform: DevicesPlatform = {
		open: async (kind, id) => this.#open(kind, id),
		openBoth: async (cameraId, microphoneId) => {
			const [camera, microphone] = [
				this.#open("camera", cameraId),
				this.#open("microphone", microphoneId),
			];
			if (camera.track && microphone.track) {
				return { camera: camera.track, microphone: microphone.track };
			}
			camera.track?.stop();
			microphone.track?.stop();
			return null;
		},
		list: async () => ({
			camera: this.hidden ? [] : [...this.plugged.camera],
			microphone: this.hidden ? [] : [...this.plugged.microphone],
			speaker: this.hidden ? [] : [...this.plugged.speaker],
			hidden: this.hidden ? ["camera", "microphone", "speaker"] : [],
			standard: { ...this.standard },
		}),
		after: (ms, act) => {
			const timer = setTimeout(act, ms);
			return () => clearTimeout(timer);
		},
		watch: (told, signal) => {
			this.#told = told;
			signal.addEventListener("abort", () => {
				this.#told = null;
			});
		},
		storage: {
			getItem: (key: string) => this.#stored.get(key) ?? null,
			setItem: (key: string, value: string) =>
				void this.#stored.set(key, value),
		} as Storage,
	};

	#open(kind: CaptureKind, id: string | null): Opened {
		this.asked.push(id ?? "");
		const fail = (cause: FaultCause): Opened => ({
			track: null,
			fault: { device: kind, cause },
		});
		const blocked = this.blocked.get(kind);
		if (blocked) return fail(blocked);
		const list = this.plugged[kind];
		const standard =
			kind === "microphone"
				? list.find(({ group }) => group === this.standard.microphone)
				: undefined;
		const device =
			id === null
				? (standard ?? list[0])
				: list.find((candidate) => candidate.id === id);
		if (!device) return fail("missing");
		const trouble = this.trouble.get(device.id);
		if (trouble) return fail(trouble);
		const track = new FakeTrack(
			kind === "camera" ? "video" : "audio",
			device,
			id === null && standard ? "default" : device.id,
		);
		this.tracks.push(track);
		return { track: track as unknown as MediaStreamTrack, fault: null };
	}
}
