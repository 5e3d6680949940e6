export { FloorQueue } from "./FloorQueue";
export { OwnTurn } from "./OwnTurn";
export { useTurnClock } from "./useTurnClock";
export { useTurnWarning } from "./useTurnWarning";
