export { FirstSignIn } from "./FirstSignIn";
