export { ModeChoice } from "./ModeChoice";
export { ModeKey } from "./ModeKey";
