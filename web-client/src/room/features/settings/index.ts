import { lazy } from "react";

export { PictureCodecChoice } from "./PictureCodecChoice";
export { ReceiveChoice } from "./ReceiveChoice";
export { ShortcutList } from "./ShortcutList";

/** Few people look at the figures; they come when somebody does. */
export const Statistics = lazy(() => import("./Statistics"));
