export { Classes } from "./Classes";
export { ClassPage } from "./ClassPage";
