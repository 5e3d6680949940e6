import {
	createContext,
	type ReactNode,
	use,
	useEffect,
	useMemo,
	useState,
} from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/shallow";
import { type Place, placesOf } from "../state/selectors";
import type { RoomState } from "../state/state";
import type { RoomView } from "../state/store";
import type { RoomSession } from "../stay/session";

const SessionContext = createContext<RoomSession | null>(null);

/** Gives a stay to the screens below. */
export function RoomProvider({
	session,
	children,
}: {
	session: RoomSession;
	children: ReactNode;
}) {
	return <SessionContext value={session}>{children}</SessionContext>;
}

/** The stay: what a screen can do. */
export function useRoomSession(): RoomSession {
	const session = use(SessionContext);
	if (!session) throw new Error("a room's screen stands outside RoomProvider");
	return session;
}

/** Reads the view; the component renders again only when the selected value changes, compared one level deep. */
export function useRoom<T>(select: (view: RoomView) => T): T {
	return useStore(useRoomSession().store, useShallow(select));
}

/** The room; only below the point where it is known. */
export function useRoomState(): RoomState {
	const room = useStore(useRoomSession().store, (view) => view.room);
	if (!room) throw new Error("a room's screen is shown before Welcome");
	return room;
}

/** The places of the wall. */
export function usePlaces(): Place[] {
	const room = useRoomState();
	// Placing depends on seats and participants alone; chat and levels come far more often.
	// biome-ignore lint/correctness/useExhaustiveDependencies: the two parts that matter are named.
	return useMemo(() => placesOf(room), [room.seats, room.participants]);
}

/** The server's clock in microseconds, each second: for clocks and timers. */
export function useServerNow(): number {
	const session = useRoomSession();
	const [now, setNow] = useState(() => session.serverNowUs());
	useEffect(() => {
		const timer = setInterval(() => setNow(session.serverNowUs()), 1_000);
		return () => clearInterval(timer);
	}, [session]);
	return now;
}

/** How long ago something was, in seconds; null while it is not. Ticks four times a second, so that no second is skipped. */
export function useSecondsSince(sinceMs: number | null): number | null {
	const session = useRoomSession();
	const [now, setNow] = useState(() => session.nowMs());
	const running = sinceMs !== null;
	useEffect(() => {
		if (!running) return;
		setNow(session.nowMs());
		const timer = setInterval(() => setNow(session.nowMs()), 250);
		return () => clearInterval(timer);
	}, [session, running]);
	return sinceMs === null ? null : Math.max(0, (now - sinceMs) / 1000);
}

/** Whole seconds until a moment of the server's clock, at least 1 while it is to come; null without one. */
export function useSecondsUntil(atUs: number | null): number | null {
	const session = useRoomSession();
	const [now, setNow] = useState(() => session.serverNowUs());
	useEffect(() => {
		if (atUs === null) return;
		const tick = () => setNow(session.serverNowUs());
		tick();
		const timer = setInterval(tick, 100);
		return () => clearInterval(timer);
	}, [session, atUs]);
	return atUs === null ? null : Math.max(1, Math.ceil((atUs - now) / 1e6));
}
