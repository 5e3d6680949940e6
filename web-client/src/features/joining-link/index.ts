export { JoiningLink } from "./JoiningLink";
