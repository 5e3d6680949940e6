export { NewSession } from "./NewSession";
