export { SeatList, Wall } from "./Wall";
