/**
 * The way into a room: the device check, then the live room, then how it ended. The one feature that puts the others
 * together.
 */
export { Join as default } from "./Join";
