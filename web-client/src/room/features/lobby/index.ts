export { Closed, Doorstep, shutFor } from "./Doorstep";
export { Lobby, type Ready } from "./Lobby";
