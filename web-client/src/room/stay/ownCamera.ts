import type { ReceiveMode } from "@/protocol/generated/ReceiveMode";
import type { OwnDevices } from "../media/ownDevices";

/** Whose camera it is, and who is told. */
export interface CameraOwner {
	devices: Pick<OwnDevices, "state" | "want">;
	/** Whether one may show oneself at present. */
	mayPublish(): boolean;
	/** Tells the room whether the camera gives a picture. */
	tell(on: boolean): void;
}

/** One's own camera in a room: the room is told what it gives, and it rests while one only listens. */
export class OwnCamera {
	readonly #owner: CameraOwner;
	/** Whether it was on before one chose to listen only. */
	#rests = false;
	/** What the room was told; null before the first word. */
	#told: boolean | null = null;

	constructor(owner: CameraOwner) {
		this.#owner = owner;
	}

	/** Starts or stops it. A stopped one is let go: its light goes out. */
	async want(on: boolean): Promise<void> {
		this.#rests = false;
		await this.#owner.devices.want("camera", on);
	}

	/** Who only listens saves the uplink too: the camera rests, and is given back to whom it was on. */
	follow(receive: ReceiveMode): void {
		const { devices, mayPublish } = this.#owner;
		if (receive === "audio_only") {
			this.#rests ||= devices.state.camera.name !== "off";
			void devices.want("camera", false);
		} else if (this.#rests) {
			this.#rests = false;
			if (mayPublish()) void devices.want("camera", true);
		}
	}

	/** One came in: the room knows this of the camera; null for nothing. */
	arrived(known: boolean | null): void {
		this.#told = known;
		this.tell();
	}

	/** Makes the room's record follow what the camera gives. While another one is being opened nothing is told. */
	tell(): void {
		const { camera } = this.#owner.devices.state;
		if (!this.#owner.mayPublish() || camera.name === "opening") return;
		const on = camera.name === "live" && !camera.interrupted;
		if (on === this.#told) return;
		this.#told = on;
		this.#owner.tell(on);
	}

	/** One may not show oneself any more. The room closed it by itself. */
	lost(): void {
		this.#told = null;
		void this.#owner.devices.want("camera", false);
	}
}
