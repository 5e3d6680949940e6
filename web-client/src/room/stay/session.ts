import type { ChatMessage } from "@/protocol/generated/ChatMessage";
import type { Command } from "@/protocol/generated/Command";
import type { Event } from "@/protocol/generated/Event";
import type { EventFrame } from "@/protocol/generated/EventFrame";
import type { IceServer } from "@/protocol/generated/IceServer";
import type { JournalTrouble } from "@/protocol/generated/JournalTrouble";
import type { MediaMessage } from "@/protocol/generated/MediaMessage";
import type { Participant } from "@/protocol/generated/Participant";
import type { ParticipantId } from "@/protocol/generated/ParticipantId";
import type { ReceiveMode } from "@/protocol/generated/ReceiveMode";
import type { RoomAct } from "@/protocol/generated/RoomAct";
import type { SessionRole } from "@/protocol/generated/SessionRole";
import type { TrackRef } from "@/protocol/generated/TrackRef";
import type { Welcome } from "@/protocol/generated/Welcome";
import type { DeviceNews } from "../media/capture";
import { type PictureCodec, pictureCodecs } from "../media/lines";
import { playSignal } from "../media/meter";
import type { OwnDevices, OwnDevicesState } from "../media/ownDevices";
import { type OfferOutcome, Peer } from "../media/peer";
import type { PageProfile } from "../media/profile";
import type { PeerStats } from "../media/stats";
import {
	openSessionSocket,
	reloadForNewVersion,
	systemClock,
} from "../signaling/browser";
import {
	type CommandOutcome,
	type ConnectionPhase,
	SignalingConnection,
} from "../signaling/connection";
import {
	type Display,
	rememberDisplay,
	rememberedDisplay,
} from "../state/display";
import { meantWithinMs } from "../state/moment";
import {
	backNotice,
	chairTakenNotice,
	closedNotice,
	deviceNotice,
	encoderLostNotice,
	faultNotice,
	journalBackNotice,
	type NewNotice,
	noticeOf,
	notSentNotice,
	recordingNotice,
	refusalNotice,
	removedNotice,
} from "../state/notices";
import {
	AUDIBLE_LEVEL,
	handPlace,
	isOpen,
	losesPlace,
	mayChair,
	mayPublish,
	nameOf,
	you,
} from "../state/selectors";
import { fromSnapshot, reduce } from "../state/state";
import {
	createRoomStore,
	type OwnMedia,
	type Panel,
	type RoomStore,
	type RoomView,
} from "../state/store";
import { JournalWatch } from "./journalWatch";
import { LinkWatch } from "./linkWatch";
import { OwnCamera } from "./ownCamera";
import { OwnHearing } from "./ownHearing";
import { ownOf, trackOf } from "./ownMedia";
import { OwnScreen } from "./ownScreen";
import { ReceiveSlots } from "./receiveSlots";

/** The most seats that `SetView` may name. */
const MAX_VIEW = 40;

/** How long leaving waits for the server's goodbye, in milliseconds. */
const GOODBYE_MS = 1_000;

/** How a person comes in. */
export interface Entrance {
	/** The session's code. */
	session: string;
	/** The part that one has a right to. There is one chair: who comes second to it sits as secretary. */
	role: SessionRole | null;
	profile: PageProfile;
	/** Camera, microphone and loudspeaker, as the device check left them; the stay lets go of them at its end. */
	devices: OwnDevices;
	/** Whether to come in with the microphone open, if the chair has not locked it. */
	microphoneOn: boolean;
	/** What to receive from the start. */
	receive: ReceiveMode;
	/** Whether to take the place of another page or device of the same person. */
	takeOver?: boolean;
}

/**
 * One person's stay in a room: joins signaling, media and devices, and keeps the store that the screens show. Knows no
 * React. Everything a screen can do is a method here.
 */
export class RoomSession {
	readonly store: RoomStore = createRoomStore();
	readonly profile: PageProfile;
	readonly devices: OwnDevices;
	readonly #connection: SignalingConnection;
	readonly #peer: Peer;
	readonly #link: LinkWatch;
	readonly #camera: OwnCamera;
	readonly #screen: OwnScreen;
	readonly #hearing: OwnHearing;
	readonly #journal: JournalWatch;
	/** Whether one may publish, as last seen. */
	#mayPublish = false;
	readonly #microphoneOn: boolean;
	readonly #role: SessionRole | null;
	#firstWelcome = true;
	#resumed = false;
	#iceServers: readonly IceServer[] = [];
	#seats: ParticipantId[] = [];
	#noticeId = 0;
	/** Rises with each press of one's own microphone: what an earlier one still waits for is void. */
	#microphonePress = 0;
	/** Whether one has asked to lower one's own hand. */
	#withdraws = false;
	#listening = new AbortController();
	readonly #slots = new ReceiveSlots({
		shown: () => this.#view.slots,
		show: (slots) => this.#set({ slots }),
		mediaUp: () => this.#view.mediaUp,
	});

	constructor(entrance: Entrance) {
		this.profile = entrance.profile;
		this.devices = entrance.devices;
		this.#microphoneOn = entrance.microphoneOn;
		this.#role = entrance.role;
		this.#set({ receive: entrance.receive, display: rememberedDisplay() });
		this.#setOwn({
			...ownOf(this.devices.state),
			volume: this.devices.state.choice.volume,
		});
		this.#connection = new SignalingConnection({
			profile: entrance.profile,
			takeOver: entrance.takeOver,
			openSocket: () => openSessionSocket(entrance.session),
			clock: systemClock,
			listener: {
				phase: (phase) => this.#phaseChanged(phase),
				welcome: (welcome) => this.#welcomed(welcome),
				event: (frame) => this.#happened(frame),
				media: (message) => this.#aboutMedia(message),
				chat: (messages, more) => this.#olderChat(messages, more),
				may: (acts) => this.#allowed(acts),
				journal: (trouble) => this.#journal.told(trouble),
				reload: () => void reloadForNewVersion(),
			},
		});
		this.#peer = new Peer({
			profile: entrance.profile,
			offer: (sdp, iceRestart) => this.#offer(sdp, iceRestart),
			// What was chosen in another browser of this machine may be missing in this one.
			pictureCodec: () =>
				pictureCodecs().find((name) => name === this.pictureCodec) ?? "vp8",
			iceServers: () => this.#iceServers,
			connected: (mediaUp) => this.#mediaChanged(mediaUp),
			blocked: (obstacle) => this.#set({ obstacle }),
			renewed: () => this.#renewed(),
			accepted: () => this.#tellWishes(),
			refused: () => this.#set({ mediaRefused: true }),
		});
		this.#link = new LinkWatch({
			connection: this.#connection,
			peer: this.#peer,
			known: () => this.#view.room !== null,
			nowMs: () => this.nowMs(),
			tell: (outage) => this.#set({ outage }),
		});
		this.#camera = new OwnCamera({
			devices: this.devices,
			mayPublish: () => mayPublish(this.#view),
			tell: (on) => void this.ask({ type: "set_camera", on }),
		});
		this.#screen = new OwnScreen({
			send: (track) => this.#peer.send("screen", track),
			tell: (on) => this.ask({ type: "set_screen", on }),
			show: (sharing) => this.#setOwn({ sharing }),
			failed: (fault) => this.notify(faultNotice(fault)),
		});
		this.#hearing = new OwnHearing({
			around: () => this.#around(),
			tell: (hearing) => this.#setOwn({ hearing }),
			hint: () => {
				const locked = you(this.#view)?.microphone.locked ?? false;
				this.notify(closedNotice(locked));
			},
		});
		this.#journal = new JournalWatch({
			shown: () => this.#view.room?.journalTrouble ?? null,
			show: (trouble) => this.#showJournal(trouble),
		});
	}

	/** Goes in. */
	start(): void {
		const { signal } = this.#listening;
		this.#camera.follow(this.#view.receive);
		addEventListener("online", () => this.#networkIsBack(), { signal });
		addEventListener("offline", () => this.#connection.offline(), { signal });
		const ends = [
			this.devices.store.subscribe((now, before) =>
				this.#devicesChanged(now, before),
			),
			this.devices.onNews((news) => this.#deviceNews(news)),
		];
		signal.addEventListener("abort", () => {
			for (const end of ends) end();
		});
		this.#hearing.listen(trackOf(this.devices.state.microphone));
		this.#link.start();
		this.#connection.open();
		void this.#prepareMedia();
	}

	/** Has the offer ready by the time the server says welcome. */
	async #prepareMedia(): Promise<void> {
		const { camera, microphone } = this.devices.state;
		await this.#peer.send("camera", trackOf(camera));
		await this.#peer.send("microphone", trackOf(microphone));
		await this.#peer.prepare();
	}

	/** Whether the server's end of signaling was ever reached. */
	get reached(): boolean {
		return this.#connection.reached;
	}

	/** Milliseconds of this stay's own clock, which never goes back. */
	nowMs(): number {
		return systemClock.now();
	}

	/** The server's clock, in microseconds since the Unix epoch. */
	serverNowUs(): number {
		return this.#connection.serverNow() * 1000;
	}

	/** Asks the server for something; a refusal is told to the person. Resolves with whether it was done. */
	async ask(command: Command): Promise<boolean> {
		const withinMs = meantWithinMs(command);
		const outcome = await this.#connection.send(command, { withinMs });
		if (!outcome.ok && outcome.refusal) {
			this.notify(refusalNotice(outcome.refusal));
		} else if (
			!outcome.ok &&
			withinMs !== undefined &&
			this.#connection.phase.name !== "over"
		) {
			this.notify(notSentNotice());
		}
		// What is not on disk yet is in effect all the same.
		return outcome.ok || outcome.refusal?.code === "not_saved";
	}

	/** Opens or closes one's own microphone. */
	async setMicrophone(on: boolean): Promise<void> {
		this.#microphonePress += 1;
		const press = this.#microphonePress;
		if (on && !(await this.devices.want("microphone", true))) return;
		// While the device was being opened, its owner may have thought better of it.
		if (press !== this.#microphonePress) return;
		await this.ask({ type: "set_microphone", on });
	}

	/** Starts or stops one's own camera; the room is told when it gives a picture. A stopped one is let go: its light goes out. */
	async setCamera(on: boolean): Promise<void> {
		await this.#camera.want(on);
	}

	/** Chooses what to see of the room, here and from now on. */
	setDisplay(change: Partial<Display>): void {
		const display = { ...this.#view.display, ...change };
		this.#set({ display });
		rememberDisplay(display);
	}

	/** Gives the pictures the whole screen, or takes it from them. */
	setFull(full: boolean): void {
		this.#set({ full });
	}

	/** Opens a part of the drawer, or closes it. */
	showPanel(panel: Panel | null): void {
		this.#set({ panel });
	}

	/** Asks whether to leave, or takes the question back. */
	askToLeave(leaving: boolean): void {
		this.#set({ leaving });
	}

	/** Asks whether to leave where there is something to leave. Returns whether it asks. */
	asksBeforeLeaving(): boolean {
		const { room, connection } = this.#view;
		const stays = room !== null && connection.name !== "over";
		if (stays) this.askToLeave(true);
		return stays;
	}

	/** Whether closing the page now is likely a slip: one is seen, heard, waited for or in charge. */
	get missesWhenClosed(): boolean {
		const view = this.#view;
		const me = you(view);
		if (!me || !view.room || view.connection.name === "over") return false;
		return (
			mayChair(view) ||
			isOpen(me) ||
			view.own.sharing ||
			view.room.floor?.participant === me.id ||
			handPlace(view.room, me.id) !== null
		);
	}

	/** Lowers a hand, one's own or somebody's; where that costs a place for good, asks first. */
	lowerHand(participant: ParticipantId): void {
		if (losesPlace(this.#view, participant)) this.askToLower(participant);
		else void this.confirmLower(participant);
	}

	/** Asks whether to lower somebody's hand; null takes the question back. */
	askToLower(lowering: ParticipantId | null): void {
		this.#set({ lowering });
	}

	/** Lowers a hand without asking. */
	async confirmLower(participant: ParticipantId): Promise<void> {
		if (participant !== this.#view.you) {
			await this.ask({ type: "lower_hand", participant });
			return;
		}
		this.#withdraws = true;
		if (!(await this.ask({ type: "lower_hand" }))) this.#withdraws = false;
	}

	/** Keeps what is being written in the chat. */
	write(draft: string): void {
		this.#set({ draft });
	}

	/** How the camera's picture is encoded at present. */
	get pictureCodec(): PictureCodec {
		return this.devices.state.choice.pictureCodec;
	}

	/** Encodes the camera's picture in another way, here and from now on. Media come back on a new connection. */
	async setPictureCodec(pictureCodec: PictureCodec): Promise<void> {
		if (pictureCodec === this.pictureCodec) return;
		this.devices.remember({ pictureCodec });
		await this.#peer.start();
	}

	/** Asks the person for a screen and shares it, or stops sharing. */
	async setScreen(on: boolean): Promise<void> {
		await this.#screen.want(on);
	}

	/** What is received at present. */
	get receive(): ReceiveMode {
		return this.#view.receive;
	}

	/** Chooses what to receive. */
	async setReceive(receive: ReceiveMode): Promise<void> {
		const before = this.#view.receive;
		this.#set({ receive });
		this.#camera.follow(receive);
		if (await this.ask({ type: "set_receive", mode: receive })) return;
		this.#set({ receive: before });
		this.#camera.follow(before);
	}

	/** Says whose seats are in view, most wanted first. */
	setView(seats: readonly ParticipantId[]): void {
		const wanted = seats
			.filter((id) => id !== this.#view.you)
			.slice(0, MAX_VIEW);
		if (
			wanted.length === this.#seats.length &&
			wanted.every((id, i) => id === this.#seats[i])
		) {
			return;
		}
		this.#seats = wanted;
		this.#sendView();
	}

	/** Puts a track on this viewer's own stage; null follows the room again. */
	pin(pinned: TrackRef | null): void {
		this.#set({ pinned });
		this.#sendView();
	}

	/** Sets how loud the voices are, 0 to 1. */
	setVolume(volume: number): void {
		const inRange = Math.min(1, Math.max(0, volume));
		this.#setOwn({ volume: inRange });
		this.devices.remember({ volume: inRange });
	}

	/** Goes out for good: the seat is not held. */
	async leave(): Promise<void> {
		const gone = new Promise<void>((done) => setTimeout(done, GOODBYE_MS));
		await Promise.race([this.#connection.send({ type: "leave" }), gone]);
		this.#connection.close();
	}

	/** Lets go of devices, sockets and timers. The seat stays held for those who only reload the page. */
	dispose(): void {
		this.#listening.abort();
		this.#connection.close();
		this.#letGo();
	}

	/** The stream of a receive line. */
	stream(mid: string): MediaStream | null {
		return this.#peer.stream(mid);
	}

	/** One's own camera or shared screen, to show to oneself. */
	ownStream(source: "camera" | "screen"): MediaStream | null {
		const track =
			source === "camera"
				? trackOf(this.devices.state.camera)
				: this.#screen.track;
		return track ? new MediaStream([track]) : null;
	}

	/** The `mid`s of the voices. */
	audioMids(): string[] {
		return this.#peer.audioMids();
	}

	/** What the browser measures of this stay's media. */
	stats(): Promise<PeerStats | null> {
		return this.#peer.stats();
	}

	/** Asks the server why the pictures are as they are; the answer comes into the view. */
	explainMedia(): void {
		void this.#connection.send({ type: "explain_media" }, { repeat: false });
	}

	/** Fetches the lines of the chat before those that are here. */
	async loadChat(): Promise<void> {
		const oldest = this.#view.room?.chat[0];
		if (oldest) await this.ask({ type: "load_chat", before: oldest.id });
	}

	/** Removes somebody, and says how to undo that. */
	async remove(participant: ParticipantId): Promise<void> {
		const { room } = this.#view;
		if (!room) return;
		const notice = removedNotice(room, participant);
		if (await this.ask({ type: "remove", participant })) this.notify(notice);
	}

	/** Shows a notice. */
	notify(notice: NewNotice): void {
		this.#noticeId += 1;
		const others = this.#view.notices.filter(
			({ topic }) => topic === undefined || topic !== notice.topic,
		);
		// Four are as many as anybody reads; the oldest give way.
		const notices = [...others, { ...notice, id: this.#noticeId }].slice(-4);
		this.#set({ notices });
	}

	/** Takes a notice away. */
	dismiss(id: number): void {
		this.#set({
			notices: this.#view.notices.filter((notice) => notice.id !== id),
		});
	}

	get #view(): RoomView {
		return this.store.getState();
	}

	#set(change: Partial<RoomView>): void {
		this.store.setState(change);
	}

	#setOwn(change: Partial<OwnMedia>): void {
		this.#set({ own: { ...this.#view.own, ...change } });
	}

	#phaseChanged(phase: ConnectionPhase): void {
		const before = this.#view.connection;
		if (phase.name === "live" && before.name === "reconnecting") {
			const lastBreakMs = systemClock.now() - before.sinceMs;
			this.#set({ lastBreakMs });
			this.notify(backNotice(lastBreakMs));
		}
		this.#set({ connection: phase });
		this.#link.phaseChanged(phase);
		if (phase.name === "live") void this.#arrived();
		if (phase.name === "over") this.#letGo();
	}

	#welcomed(welcome: Welcome): void {
		this.#resumed = welcome.resumed && !this.#firstWelcome;
		const room = welcome.state
			? fromSnapshot(welcome.state, this.#resumed ? this.#view.room : null)
			: this.#view.room;
		this.#iceServers = welcome.ice_servers;
		this.#set({ you: welcome.you, may: welcome.may, room });
	}

	#allowed(may: readonly RoomAct[]): void {
		this.#set({ may });
		this.#followOwnState();
	}

	/** After each `Welcome`: takes media up again. */
	async #arrived(): Promise<void> {
		const first = this.#firstWelcome;
		this.#firstWelcome = false;
		// The offer goes out before anything else, the drawing of the room included.
		const media = this.#peer.resume(this.#resumed);
		if (first) {
			const me = you(this.#view);
			this.#sayWhoChairs(me);
			if (this.#view.room && this.#view.room.recording !== "off")
				this.notify(recordingNotice(this.#view.room));
			this.#followOwnState();
			if (me && mayPublish(this.#view)) this.#tellMicrophone(me);
		}
		if (!this.#resumed) {
			this.#camera.arrived(you(this.#view)?.camera_on ?? null);
			this.#screen.arrived();
		}
		await media;
	}

	/** Tells somebody who came to chair that another does. */
	#sayWhoChairs(me: Participant | null): void {
		if (this.#role !== "chair" || me?.role !== "secretary") return;
		const chair = Object.values(this.#view.room?.participants ?? {}).find(
			({ role }) => role === "chair",
		);
		const { room } = this.#view;
		if (chair && room) this.notify(chairTakenNotice(nameOf(room, chair.id)));
	}

	/** Makes the room's record of one's own microphone follow what was chosen in the device check. */
	#tellMicrophone(me: Participant): void {
		const on = this.#microphoneOn && trackOf(this.devices.state.microphone);
		if (me.microphone.on !== Boolean(on) && !me.microphone.locked) {
			void this.ask({ type: "set_microphone", on: Boolean(on) });
		}
	}

	/** Tells a new transport what this viewer wants of it. */
	#tellWishes(): void {
		if (this.#view.receive !== "everything") {
			void this.ask({ type: "set_receive", mode: this.#view.receive });
		}
		if (this.#seats.length > 0 || this.#view.pinned) this.#sendView();
	}

	#happened(frame: EventFrame): void {
		const { room } = this.#view;
		if (!room) return;
		this.#link.happened(frame.event);
		const withdrawn = this.#takeWithdrawal(frame.event);
		const notice = noticeOf(room, frame, this.#view.you);
		if (notice && !withdrawn) this.notify(notice);
		this.#sound(frame.event);
		this.#set({ room: reduce(room, frame) });
		this.#followOwnState();
	}

	/** Whether a hand went down because its owner here asked for that; so much for that asking. */
	#takeWithdrawal(event: Event): boolean {
		if (event.type !== "hand_lowered" || event.participant !== this.#view.you)
			return false;
		const own = this.#withdraws;
		this.#withdraws = false;
		return own;
	}

	/** What concerns one's own turn is heard too: somebody may look at the people in the hall. */
	#sound(event: Event): void {
		const mine = "participant" in event && event.participant === this.#view.you;
		if (!mine) return;
		const { speaker, volume } = this.#view.own;
		if (event.type === "floor_granted") {
			const announced = event.opens_at_us !== null;
			playSignal(announced ? "announced" : "opened", speaker, volume);
		} else if (
			event.type === "microphone_changed" &&
			event.microphone.granted &&
			this.#view.room?.floor?.opensAtUs != null
		) {
			playSignal("opened", speaker, volume);
		}
	}

	#olderChat(messages: readonly ChatMessage[], more: boolean): void {
		const { room } = this.#view;
		if (!room) return;
		this.#set({
			room: { ...room, chat: [...messages, ...room.chat], olderChat: more },
		});
	}

	#showJournal(journalTrouble: JournalTrouble | null): void {
		const { room } = this.#view;
		if (!room) return;
		if (journalTrouble === null && room.journalTrouble !== null)
			this.notify(journalBackNotice());
		this.#set({ room: { ...room, journalTrouble } });
	}

	#mediaChanged(mediaUp: boolean): void {
		if (mediaUp) this.#slots.flowing();
		this.#set({ mediaUp, ...(mediaUp && { obstacle: null }) });
		this.#link.mediaChanged(mediaUp);
	}

	/** There is another peer connection. */
	#renewed(): void {
		this.#slots.renewed();
		this.#set({ levels: {}, mediaEpoch: this.#view.mediaEpoch + 1 });
	}

	#aboutMedia(message: MediaMessage): void {
		switch (message.type) {
			case "slot_assigned": {
				const { mid, kind, track, paused } = message;
				this.#slots.assigned({ mid, kind, track, paused });
				return;
			}
			case "speakers":
				this.#set({
					speaker: message.active,
					levels: Object.fromEntries(
						message.levels.map(({ participant, level }) => [
							participant,
							level,
						]),
					),
				});
				return;
			case "link": {
				const { type: _, ...link } = message;
				this.#set({ link, ...(link.path && { path: link.path }) });
				return;
			}
			case "explanation": {
				const { type: _, ...explanation } = message;
				this.#set({ explanation });
				return;
			}
			case "connected":
				this.#set({ path: message.path });
				return;
			case "disconnected":
				this.#set({ path: null });
				void this.#peer.handle(message);
				return;
			case "encoder_lost":
				if (this.#view.room)
					this.notify(
						encoderLostNotice(
							this.#view.room,
							message.participant,
							message.reason,
							message.detail,
						),
					);
				return;
			case "answer":
			case "layers_wanted":
				void this.#peer.handle(message);
				return;
			default:
				message satisfies never;
		}
	}

	/** Makes one's own devices do what the room says of them: a lock closes the microphone here too. */
	#followOwnState(): void {
		const me = you(this.#view);
		if (!me) return;
		this.#followRight(me);
		const microphone = trackOf(this.devices.state.microphone);
		if (microphone) microphone.enabled = isOpen(me);
		const shown = this.#view.room?.screen ?? null;
		// Right after asking, the room does not know yet; an event about somebody else's screen decides.
		if (this.#screen.track && shown !== null && shown !== me.id)
			this.#screen.drop();
	}

	async #offer(sdp: string, iceRestart: boolean): Promise<OfferOutcome> {
		const command: Command = { type: "offer", sdp, ice_restart: iceRestart };
		return outcomeOf(await this.#connection.send(command, { repeat: false }));
	}

	#sendView(): void {
		void this.#connection.send({
			type: "set_view",
			seats: this.#seats,
			pinned: this.#view.pinned,
		});
	}

	#networkIsBack(): void {
		this.#connection.online();
		// Another network means other addresses: the path is sought again before the old one is found dead.
		if (this.#connection.phase.name === "live") void this.#peer.restart();
	}

	/** A viewer's devices live with the floor: opened when it is given, let go when it ends. */
	#followRight(me: Participant): void {
		const may = mayPublish(this.#view);
		const lost = this.#mayPublish && !may;
		this.#mayPublish = may;
		if (lost) {
			this.#camera.lost();
			void this.devices.want("microphone", false);
			if (this.#screen.track) void this.#screen.want(false);
		} else if (
			may &&
			isOpen(me) &&
			this.devices.state.microphone.name === "off"
		) {
			void this.devices.want("microphone", true);
		}
	}

	#devicesChanged(now: OwnDevicesState, before: OwnDevicesState): void {
		this.#setOwn(ownOf(now));
		const camera = trackOf(now.camera);
		if (camera !== trackOf(before.camera))
			void this.#peer.send("camera", camera);
		this.#camera.tell();
		const microphone = trackOf(now.microphone);
		if (microphone === trackOf(before.microphone)) return;
		const me = you(this.#view);
		if (microphone) microphone.enabled = me !== null && isOpen(me);
		void this.#peer.send("microphone", microphone);
		this.#hearing.listen(microphone);
	}

	#deviceNews(news: DeviceNews): void {
		this.notify(deviceNotice(news));
	}

	/** What one's microphone is heard in; null while one may not be heard. */
	#around(): { open: boolean; others: boolean } | null {
		const me = you(this.#view);
		if (!me || !mayPublish(this.#view)) return null;
		const others = Object.entries(this.#view.levels).some(
			([id, level]) => id !== me.id && level >= AUDIBLE_LEVEL,
		);
		return { open: isOpen(me), others };
	}

	#letGo(): void {
		this.#link.stop();
		this.#peer.close();
		this.#hearing.stop();
		this.#journal.stop();
		this.#slots.stop();
		this.devices.close();
		this.#screen.letGo();
	}
}

function outcomeOf(outcome: CommandOutcome): OfferOutcome {
	if (outcome.ok) return "accepted";
	switch (outcome.refusal?.code) {
		case undefined:
			return "lost";
		case "no_peer":
			return "no_peer";
		case "media_unavailable":
		case "node_full":
		case "node_reserved":
			// The media engine restarts, or somebody leaves; the peer's own timer offers again.
			return "accepted";
		default:
			return "refused";
	}
}
