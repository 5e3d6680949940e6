export { Replay } from "./Replay";
