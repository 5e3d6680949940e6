export { Stage } from "./Stage";
