export { Closed, Doorstep } from "./Doorstep";
export { Lobby, type Ready } from "./Lobby";
