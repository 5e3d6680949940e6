import { pages } from "./pages";
import { room } from "./room";

/** Tiếng Việt, the source: its keys are the keys. */
export default { pages, room };
