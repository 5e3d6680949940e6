/** A kind of device that a person can choose. */
export type DeviceKind = "camera" | "microphone" | "speaker" | "screen";

/** Why a device gives nothing; each has one sentence with one remedy in the catalogue. */
export type FaultCause =
	/** The browser does not allow it for this page. */
	| "blocked_browser"
	/** The browser would, and the system does not allow it to the browser. */
	| "blocked_system"
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

/**
 * Reads what `getUserMedia` or `getDisplayMedia` threw. `permission` is what the Permissions API says of the device: when
 * the page has the right and is refused all the same, the system refuses the browser. Chromium says that in its message too.
 */
export function causeOf(
	error: unknown,
	device: DeviceKind,
	permission: PermissionState | null = null,
): FaultCause {
	const { name, message } =
		error instanceof Error || error instanceof DOMException
			? error
			: { name: "", message: "" };
	switch (name) {
		case "NotAllowedError":
		case "SecurityError":
			// Closing the picker of a shared screen is reported like a refusal; nothing needs a remedy.
			if (device === "screen")
				return /system/i.test(message) ? "blocked_system" : "dismissed";
			if (/system/i.test(message) || permission === "granted")
				return "blocked_system";
			return /dismissed/i.test(message) ? "dismissed" : "blocked_browser";
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

/** Whether only a person can lift a fault: trying again by itself would ask the same question for ever. */
export const needsPerson = ({ cause }: DeviceFault): boolean =>
	cause === "blocked_browser" ||
	cause === "blocked_system" ||
	cause === "dismissed" ||
	cause === "insecure";
