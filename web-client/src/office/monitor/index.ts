export { Monitor } from "./Monitor";
