import { createStore, type StoreApi } from "zustand/vanilla";
import {
	Capture,
	type CaptureKind,
	type CapturePlatform,
	type CaptureState,
	type DeviceNews,
	type Expected,
} from "./capture";
import {
	type Device,
	type DeviceChoice,
	type DeviceLists,
	findDevice,
	type ListedKind,
	listDevices,
	NO_DEVICES,
	openBoth,
	openCamera,
	openMicrophone,
	permissionFor,
	rememberChoice,
	rememberedChoice,
} from "./devices";

/** Where the voices come out. */
export interface SpeakerState {
	/** Null for the system's own. */
	device: Device | null;
	/** Whether the chosen one is gone, and the system's own stands in for it. */
	standsIn: boolean;
}

/** The devices of this machine and how one's own stand. */
export interface OwnDevicesState {
	lists: DeviceLists;
	choice: DeviceChoice;
	camera: CaptureState;
	microphone: CaptureState;
	speaker: SpeakerState;
}

/** What this needs from the browser; replaced in tests. */
export interface DevicesPlatform extends CapturePlatform {
	/** Opens both at once, so that the browser asks one question; null when that does not work. */
	openBoth: typeof openBoth;
	/** Calls back whenever devices or rights change, or the page is seen again, until `signal` ends it. */
	watch(
		told: {
			devices: () => void;
			permission: (kind: CaptureKind, state: PermissionState) => void;
			seen: () => void;
		},
		signal: AbortSignal,
	): void;
	storage: Storage;
}

/**
 * How often tracks and lists are looked at besides their events, in milliseconds: what dies is told within two seconds.
 * Chromium on Linux tells of no change, and ends the track of a microphone that is gone only when it lists the devices.
 */
const LOOK_MS = 1_000;

/**
 * Camera, microphone and loudspeaker of one person, from the device check to the last moment in the room: what is there,
 * what was chosen, what is in use. What dies is replaced and told, and taken again when it is plugged in again.
 */
export class OwnDevices {
	readonly store: StoreApi<OwnDevicesState>;
	readonly #platform: DevicesPlatform;
	readonly #camera: Capture;
	readonly #microphone: Capture;
	readonly #listeners = new Set<(news: DeviceNews) => void>();
	#watching: AbortController | null = null;
	#tick: (() => void) | null = null;

	constructor(platform: DevicesPlatform = browserPlatform()) {
		this.#platform = platform;
		const choice = rememberedChoice(platform.storage);
		const capture = (kind: CaptureKind) =>
			new Capture(kind, choice[kind], platform, {
				changed: (state) => this.#set({ [kind]: state }),
				tell: (news) => this.#tell(news),
			});
		this.#camera = capture("camera");
		this.#microphone = capture("microphone");
		this.store = createStore<OwnDevicesState>(() => ({
			lists: NO_DEVICES,
			choice,
			camera: { name: "off" },
			microphone: { name: "off" },
			speaker: { device: null, standsIn: false },
		}));
	}

	/** How everything stands. */
	get state(): OwnDevicesState {
		return this.store.getState();
	}

	/** Calls back with what the person should be told; the result ends that. */
	onNews(listener: (news: DeviceNews) => void): () => void {
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}

	/**
	 * Begins: watches the machine, opens what is wanted, and lets go of what is not. What is switched off before it is open stays
	 * off, and is not even opened where that is known in time.
	 */
	async start(wanted: { camera: boolean; microphone: boolean }): Promise<void> {
		this.#watch();
		const camera = this.#expect("camera", wanted.camera);
		const microphone = this.#expect("microphone", wanted.microphone);
		await this.#list();
		const both =
			camera?.stands() && microphone?.stands() ? await this.#openBoth() : null;
		await microphone?.take(both?.microphone ?? null);
		await camera?.take(both?.camera ?? null);
		await this.#list();
	}

	#expect(kind: CaptureKind, wanted: boolean): Expected | null {
		const capture = this.#of(kind);
		if (wanted) return capture.expect();
		void capture.want(false);
		return null;
	}

	/** Opens what was chosen with one question of the browser. */
	#openBoth(): ReturnType<typeof openBoth> {
		const { choice, lists } = this.state;
		const idOf = (kind: CaptureKind): string | null => {
			const chosen = choice[kind];
			const listed = findDevice(lists[kind], chosen)?.id ?? null;
			// What the browser does not list yet may be there all the same.
			return (
				listed ?? (lists.hidden.includes(kind) ? (chosen?.id ?? null) : null)
			);
		};
		return this.#platform.openBoth(idOf("camera"), idOf("microphone"));
	}

	/** Opens one's camera or microphone, or lets it go. Resolves with whether it is there. */
	async want(kind: CaptureKind, on: boolean): Promise<boolean> {
		const capture = this.#of(kind);
		await capture.want(on);
		// Names are told after the first permission.
		if (on) await this.#list();
		return capture.state.name === "live" || capture.state.name === "opening";
	}

	/** Uses a device from now on, and remembers that on this machine; null for the system's own. */
	async choose(kind: ListedKind, device: Device | null): Promise<void> {
		this.remember({ [kind]: device && { id: device.id, label: device.label } });
		if (kind === "speaker") this.#placeSpeaker(false);
		else await this.#of(kind).choose(device);
	}

	/** The person asks to try again what failed. */
	async again(): Promise<void> {
		await Promise.all([this.#microphone.again(), this.#camera.again()]);
		await this.#list();
	}

	/** Opens one again that failed. */
	async retry(kind: CaptureKind): Promise<void> {
		await this.#of(kind).again();
		await this.#list();
	}

	/** The loudspeaker would not play: the system's own takes over. */
	speakerFailed(): void {
		const { device } = this.state.speaker;
		if (!device) return;
		this.#set({ speaker: { device: null, standsIn: true } });
		this.#tell({ type: "lost", device: "speaker", name: device.label });
	}

	/** Remembers on this machine. */
	remember(change: Partial<DeviceChoice>): void {
		const choice = { ...this.state.choice, ...change };
		this.#set({ choice });
		rememberChoice(choice, this.#platform.storage);
	}

	/** Lets go of everything. It may be started again. */
	close(): void {
		this.#watching?.abort();
		this.#watching = null;
		this.#tick?.();
		this.#tick = null;
		void this.#camera.want(false);
		void this.#microphone.want(false);
	}

	#watch(): void {
		this.#watching?.abort();
		const watching = new AbortController();
		this.#watching = watching;
		const captures = [this.#microphone, this.#camera];
		this.#platform.watch(
			{
				devices: () => void this.#list(),
				permission: (kind, state) => this.#of(kind).permissionChanged(state),
				seen: () => {
					for (const capture of captures) capture.seen();
				},
			},
			watching.signal,
		);
		const look = () => {
			for (const capture of captures) capture.look();
			this.#tick = this.#platform.after(LOOK_MS, () => void relist());
		};
		const relist = async () => {
			const { signal } = watching;
			await this.#list();
			if (!signal.aborted) look();
		};
		this.#tick?.();
		look();
	}

	async #list(): Promise<void> {
		const lists = await this.#platform.list().catch(() => null);
		if (!lists || !this.#watching) return;
		if (sameLists(lists, this.state.lists)) return;
		this.#set({ lists });
		this.#microphone.devicesChanged(lists);
		this.#camera.devicesChanged(lists);
		this.#placeSpeaker(true);
	}

	/** Finds the chosen loudspeaker among those that are there, and says when it went or came by itself. */
	#placeSpeaker(tell: boolean): void {
		const { choice, lists, speaker } = this.state;
		const device = findDevice(lists.speaker, choice.speaker);
		// An empty list says nothing by itself: some browsers let no page choose.
		const known = lists.speaker.length > 0 || speaker.device !== null;
		const standsIn =
			choice.speaker !== null &&
			device === null &&
			(known || speaker.standsIn) &&
			!lists.hidden.includes("speaker");
		if (device?.id === speaker.device?.id && standsIn === speaker.standsIn) {
			return;
		}
		this.#set({ speaker: { device, standsIn } });
		if (!tell || !choice.speaker) return;
		const name = device?.label ?? choice.speaker.label;
		if (standsIn) this.#tell({ type: "lost", device: "speaker", name });
		else if (speaker.standsIn)
			this.#tell({ type: "back", device: "speaker", name });
	}

	#of(kind: CaptureKind): Capture {
		return kind === "camera" ? this.#camera : this.#microphone;
	}

	#set(change: Partial<OwnDevicesState>): void {
		this.store.setState(change);
	}

	#tell(news: DeviceNews): void {
		for (const listener of this.#listeners) listener(news);
	}
}

/** Whether nothing was plugged in or out, named or hidden in between. */
const sameLists = (one: DeviceLists, other: DeviceLists): boolean =>
	JSON.stringify(one) === JSON.stringify(other);

/** This browser. */
export function browserPlatform(): DevicesPlatform {
	return {
		open: (kind, id) =>
			kind === "camera" ? openCamera(id) : openMicrophone(id),
		openBoth,
		list: listDevices,
		after: (ms, act) => {
			const timer = setTimeout(act, ms);
			return () => clearTimeout(timer);
		},
		watch: (told, signal) => {
			navigator.mediaDevices?.addEventListener("devicechange", told.devices, {
				signal,
			});
			document.addEventListener(
				"visibilitychange",
				() => document.visibilityState === "visible" && told.seen(),
				{ signal },
			);
			for (const kind of ["camera", "microphone"] as const) {
				void permissionFor(kind).then((permission) => {
					permission?.addEventListener(
						"change",
						() => told.permission(kind, permission.state),
						{ signal },
					);
				});
			}
		},
		storage: localStorage,
	};
}
