/** A kind of device that a person can choose. */
export type DeviceKind = "camera" | "microphone" | "speaker" | "screen";

/** Why a device gives nothing; each has one sentence with one remedy in the catalogue. */
export type FaultCause =
	/** The browser or the system does not allow it. */
	| "blocked"
	/** There is none. */
	| "missing"
	/** Another application holds it, or the driver fails. */
	| "busy"
	/** The page came over an untrusted connection, where browsers offer no devices. */
	| "insecure"
	/** The person closed the browser's own question. */
	| "dismissed"
	| "unknown";

/** What is wrong with a device. */
export interface DeviceFault {
	device: DeviceKind;
	cause: FaultCause;
}

/** Reads what `getUserMedia` or `getDisplayMedia` threw. */
export function causeOf(error: unknown, device: DeviceKind): FaultCause {
	const name =
		error instanceof Error || error instanceof DOMException ? error.name : "";
	switch (name) {
		case "NotAllowedError":
		case "SecurityError":
			// Closing the picker of a shared screen is reported like a refusal; nothing needs a remedy.
			return device === "screen" ? "dismissed" : "blocked";
		case "NotFoundError":
		case "OverconstrainedError":
			return "missing";
		case "NotReadableError":
		case "AbortError":
			return "busy";
		case "InsecureContext":
			return "insecure";
		default:
			return "unknown";
	}
}
