export { FloorQueue } from "./FloorQueue";
export { OwnTurn } from "./OwnTurn";
