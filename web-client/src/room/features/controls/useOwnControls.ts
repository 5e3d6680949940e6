import { useSettled } from "@/kit/useSettled";
import { refusalNotice } from "@/room/state/notices";
import {
	handPlace,
	isOpen,
	mayPublish,
	mayShare,
	nextToSpeak,
	you,
} from "@/room/state/selectors";
import { useRoom, useRoomSession } from "@/room/view/useRoom";

/** One's own switches as they are, and what pressing each does. */
export function useOwnControls() {
	const session = useRoomSession();
	const state = useRoom((view) => {
		const me = you(view);
		const floor = me !== null && view.room?.floor?.participant === me.id;
		return {
			here: me !== null,
			open: me !== null && isOpen(me),
			wanted: me?.microphone.on ?? false,
			// Who has the floor opens it in spite of a lock.
			locked: (me?.microphone.locked ?? false) && !floor,
			muted: me?.microphone.muted ?? false,
			cameraOn: me?.camera_on ?? false,
			openingCamera: view.own.openingCamera,
			cameraTrouble: view.own.cameraTrouble,
			microphoneTrouble: view.own.microphoneTrouble,
			sharing: view.own.sharing,
			otherSharing: view.room?.screen != null && view.room.screen !== view.you,
			hand: me && view.room ? handPlace(view.room, me.id) : null,
			floor,
			/** When the microphone opens by itself; null when nothing is announced. */
			opensAtUs: floor ? (view.room?.floor?.opensAtUs ?? null) : null,
			you: view.you,
			next:
				me !== null && view.room !== null && nextToSpeak(view.room) === me.id,
			mayPublish: mayPublish(view),
			mayShare: mayShare(view),
			screenIsForOne: view.room?.screenLockedTo != null,
			volume: view.own.volume,
		};
	});
	// What the key of the hand does changes by what others do, at any moment, also just before it is pressed.
	const handIsSettled = useSettled(
		state.opensAtUs !== null
			? "decline"
			: state.floor
				? "release"
				: state.hand === null
					? "raise"
					: "lower",
	);
	return {
		...state,
		/** Whether the key of the hand does what it did a moment ago; until then it takes no press. */
		handIsSettled,
		/** Opens or closes the microphone; nothing while the chair has locked it. */
		microphone() {
			if (state.mayPublish && !state.locked) {
				void session.setMicrophone(!state.open);
			}
		},
		/** Says why a locked microphone does not open: on a narrow key only the lock is seen. */
		sayLocked() {
			session.notify(refusalNotice({ code: "microphone_locked" }));
		},
		/** Says why a screen cannot be shared now. */
		sayKept() {
			session.notify(refusalNotice({ code: "screen_kept" }));
		},
		/** Switches the camera; while it gives nothing, tries it again. */
		camera() {
			if (!state.mayPublish || state.openingCamera) return;
			if (state.cameraTrouble && state.cameraTrouble !== "interrupted")
				void session.devices.retry("camera");
			else void session.setCamera(!state.cameraOn);
		},
		screen() {
			if (state.sharing || state.mayShare)
				void session.setScreen(!state.sharing);
		},
		/** Says "not yet" to a turn that is being announced. */
		decline() {
			if (state.opensAtUs !== null && handIsSettled)
				void session.ask({ type: "release_floor" });
		},
		/** Asks for the floor, takes the wish back, or gives the floor back. */
		toggleHand() {
			if (!handIsSettled) return;
			if (state.floor) void session.ask({ type: "release_floor" });
			else if (state.hand === null) void session.ask({ type: "raise_hand" });
			else if (state.you !== null) session.lowerHand(state.you);
		},
		louder: () => session.setVolume(state.volume + 0.1),
		softer: () => session.setVolume(state.volume - 0.1),
	};
}
