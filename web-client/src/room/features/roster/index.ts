export { Roster } from "./Roster";
