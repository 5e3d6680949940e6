export { ReceiveChoice } from "./ReceiveChoice";
export { ShortcutList } from "./ShortcutList";
export { Statistics } from "./Statistics";
