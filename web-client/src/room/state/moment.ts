import type { Command } from "@/protocol/generated/Command";

/**
 * How long a press is meant, in milliseconds. A microphone that opens, or a turn that ends, a minute after the key was pressed
 * into a dead network would be nobody's wish.
 */
const MOMENT_MS = 5_000;

/** Within how many milliseconds a command must be on its way; undefined for those that stay right however late they come. */
export function meantWithinMs(command: Command): number | undefined {
	return isOfTheMoment(command) ? MOMENT_MS : undefined;
}

/** Whether a command answers to what one sees at the moment. */
function isOfTheMoment(command: Command): boolean {
	switch (command.type) {
		case "set_microphone":
			return command.on;
		case "grant_floor":
		case "cancel_next":
		case "release_floor":
		case "extend_turn":
		case "broadcast":
		case "lock_screen":
		case "set_preset":
		case "give_chair":
		case "take_chair":
		case "set_lock":
		case "set_lock_all":
		case "mute":
		case "set_recording":
		case "remove":
		case "readmit":
		case "end_session":
			return true;
		case "offer":
		case "set_camera":
		case "set_screen":
		case "set_receive":
		case "set_view":
		case "explain_media":
		case "raise_hand":
		case "set_topic":
		case "set_turn_length":
		case "set_queue_order":
		case "lower_hand":
		case "send_chat":
		case "load_chat":
		case "leave":
			return false;
		default:
			return command satisfies never;
	}
}
