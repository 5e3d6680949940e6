/** The live room, fetched by the device check while nobody waits for it. */
export { RoomSession } from "@/room/session";
export { RoomProvider } from "@/room/useRoom";
export { RoomScreen } from "./RoomScreen";
