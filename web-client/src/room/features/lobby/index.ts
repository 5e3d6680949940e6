export { Closed } from "./Closed";
export { Doorstep } from "./Doorstep";
export { Lobby, type Ready } from "./Lobby";
export { shutFor } from "./shut";
