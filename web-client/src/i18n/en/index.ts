import type vi from "../vi";
import { pages } from "./pages";
import { room } from "./room";

/** The shape of a catalogue: the same keys, any words. */
type Words<T> = {
	[Key in keyof T]: T[Key] extends string ? string : Words<T[Key]>;
};

/** English: the compiler refuses a missing or a surplus key. */
const en: Words<typeof vi> = { pages, room };

export default en;
