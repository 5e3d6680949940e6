import { type ReactNode, useCallback, useState } from "react";
import { seatName } from "@/format";
import { CommandMenu } from "@/kit/CommandMenu";
import type { ParticipantId } from "@/protocol/generated/ParticipantId";
import {
	GiveChairDialog,
	RemoveDialog,
	useSeatCommands,
} from "@/room/features/chair";
import { type Place, whoIs } from "@/room/state/selectors";
import { useRoomState } from "@/room/view/useRoom";

/** The menu of a seat and the questions before what is asked about first, for every layout. */
export function useSeats(): {
	open: (place: Place, tile: HTMLElement) => void;
	layers: ReactNode;
} {
	const room = useRoomState();
	const [menu, setMenu] = useState<{ place: Place; tile: HTMLElement } | null>(
		null,
	);
	const [removing, setRemoving] = useState<ParticipantId | null>(null);
	const [giving, setGiving] = useState<ParticipantId | null>(null);
	const commands = useSeatCommands(setRemoving, setGiving);
	const close = useCallback(() => setMenu(null), []);
	const id = menu?.place.occupant ?? null;
	const items = id === null ? [] : commands(id);
	const seat = menu?.place.seat;
	const name = seat?.name ?? (id === null ? "" : whoIs(room, id).name);
	return {
		open: (place, tile) => setMenu({ place, tile }),
		layers: (
			<>
				{menu && items.length > 0 && (
					<CommandMenu
						anchor={menu.tile}
						title={seat ? seatName(seat) : name}
						items={items}
						onClose={close}
					/>
				)}
				<RemoveDialog id={removing} onClose={() => setRemoving(null)} />
				<GiveChairDialog id={giving} onClose={() => setGiving(null)} />
			</>
		),
	};
}
