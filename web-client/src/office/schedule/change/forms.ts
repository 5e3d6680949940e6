export { Cancel } from "./Cancel";
export { Edit } from "./Edit";
export { Extend } from "./Extend";
export { Move } from "./Move";
