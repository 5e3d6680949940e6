/** The live room, fetched by the device check while nobody waits for it. */
export { RoomSession } from "@/room/stay/session";
export { RoomProvider } from "@/room/view/useRoom";
export { RoomScreen } from "./RoomScreen";
